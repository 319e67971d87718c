"""Approvers change what the policy leaves to them: everything is held, priced and asked anew, or nothing changes."""

from collections.abc import Callable
from typing import Any

import pytest

from jinyun.audit.models import AuditRecord
from tests.api import APPLICANT, MANAGER
from tests.stories.stage import Stage, a_server, a_volume, decide, new_order, todo_of

HEAD = "liu.jian"
STAGES = [
    {"approvers": [{"by": "department-head"}], "may_edit": ["flavor", "size_gib", "volumes", "until"]},
    {"approvers": [{"by": "person", "login": HEAD}], "may_edit": ["flavor"]},
]
NOTHING, TOO_MUCH = ({"tier": "general", "size_gib": size} for size in (0, 60_000))
Work = dict[str, Any]


@pytest.fixture(scope="module")
def ruled(stage: Stage) -> Stage:
    """A stage whose orders two people decide, one after the other, who may change some of it."""
    stage.adopt(*STAGES)
    stage.as_("sun.hao").post("/v1/prices", {"prices": [{"kind": "tier", "code": "general", "monthly": "2"}]}, 201)
    return stage


@pytest.fixture
def ordered(ruled: Stage) -> Callable[..., Work]:
    """Order something as the applicant does."""
    return lambda *items, **more: ruled.as_(APPLICANT).post("/v1/orders", new_order(*items, **more), 201)


def change(position: int, **fields: Any) -> Work:
    return {"position": position, "fields": fields}


def amend(stage: Stage, who: str, order: Work, *items: Work, status: int = 200, **more: Any) -> Any:
    body = {"items": list(items), "comment": "so it fits", **more}
    return stage.as_(who).post(f"/v1/orders/{order['id']}/amend", body, status)


def subjects(stage: Stage, who: str) -> list[str]:
    return [notice["subject"].split(":")[0] for notice in stage.as_(who).all_of("/v1/notices")]


def test_another_size_is_held_priced_and_approved_anew(ruled: Stage, ordered: Callable[..., Work]) -> None:
    order = ordered(a_server("amend-1", {"tier": "general", "size_gib": 2}), a_volume("amend-data", 3))
    decide(ruled.as_(MANAGER), order, "approve")
    head = ruled.as_(HEAD)
    todo = todo_of(head, order)
    assert todo["may_edit"] == ["flavor"]
    changed = amend(ruled, HEAD, order, change(0, flavor="m1.medium"))
    assert changed["items"][0]["specification"]["flavor"] == "m1.medium"
    assert changed["items"][0]["allocation"]["address"] == order["items"][0]["allocation"]["address"]
    assert changed["chain_id"] != order["chain_id"]
    assert subjects(ruled, MANAGER)[:2] == ["For your decision", "Changed, and approved anew"]
    assert "Changed, and approved anew" in subjects(ruled, APPLICANT)
    stale = {"digest": todo["digest"]}
    head.post(f"/v1/assignments/{todo['assignment_id']}/approve", stale, 409)
    manager = ruled.as_(MANAGER)
    assert todo_of(manager, order)["facts"]["items"][0]["flavor"] == "m1.medium"
    assert manager.get(f"/v1/chains/{order['chain_id']}")["state"] == "replaced"
    decide(manager, order, "approve")
    assert decide(head, order, "reject")["state"] == "rejected"
    record = ruled.database.read(
        lambda session: session.query(AuditRecord).filter_by(action="order.amend", subject_id=order["id"]).one()
    )
    assert record.before and record.after
    assert (record.before["items"][0]["flavor"], record.after["items"][0]["flavor"]) == ("m1.small", "m1.medium")
    assert record.actor_login == HEAD


def test_storage_and_the_last_day_change_the_cost_and_the_facts(ruled: Stage, ordered: Callable[..., Work]) -> None:
    order = ordered(a_volume("amend-2", 3), a_volume("amend-3", 1))
    assert order["monthly_cost"] == "8.00"
    changed = amend(ruled, MANAGER, order, change(0, size_gib=10), change(1, size_gib=2), until="2900-01-01")
    assert changed["monthly_cost"] == "24.00"
    assert changed["expires_at"] == "2900-01-01T16:00:00Z"
    facts = todo_of(ruled.as_(MANAGER), order)["facts"]
    assert [item["size_gib"] for item in facts["items"]] == [10, 2]
    endless = amend(ruled, MANAGER, order, until=None)
    assert endless["expires_at"] is None
    ruled.as_(APPLICANT).post(f"/v1/orders/{order['id']}/withdraw", {}, 200)


@pytest.mark.parametrize(
    ("who", "change_of", "more", "status", "code", "field"),
    [
        (MANAGER, {"image": "jinyun-linux:1"}, {}, 403, "field-not-editable", None),
        (MANAGER, {"kind": "server"}, {}, 403, "field-not-editable", None),
        (MANAGER, {"flavor": "m9"}, {}, 422, "unknown-flavor", "items.1.flavor"),
        (MANAGER, {"flavor": ""}, {}, 422, "invalid-field", "items.1.flavor"),
        (MANAGER, {"volumes": [NOTHING]}, {}, 422, "invalid-field", "items.1.volumes.0.size_gib"),
        (
            MANAGER,
            {"volumes": [TOO_MUCH]},
            {},
            409,
            "quota-exceeded",
            "items.1.storage_gib:general",
        ),
        (MANAGER, {"flavor": "m1.small"}, {}, 422, "invalid-field", "items"),
        (MANAGER, {"flavor": "m1.medium"}, {"until": "2020-01-01"}, 422, "past-date", "until"),
        (APPLICANT, {"flavor": "m1.medium"}, {}, 403, "not-asked", None),
        (HEAD, {"flavor": "m1.medium"}, {}, 403, "not-asked", None),
    ],
    ids=["foreign", "kind", "unknown", "empty", "no size", "quota", "the same", "past", "applicant", "not yet"],
)
def test_what_cannot_be_changed_leaves_everything_as_it_was(
    ruled: Stage,
    ordered: Callable[..., Work],
    who: str,
    change_of: Work,
    more: Work,
    status: int,
    code: str,
    field: str | None,
) -> None:
    limit = {"scope": "project", "code": "mobile-banking-test", "resource": "storage_gib:general", "limit": 1000}
    ruled.as_("zhou.jie").send("PUT", "/v1/quotas", limit, 200)
    order = ordered(a_volume("amend-4"), a_server("amend-5"))
    refused = amend(ruled, who, order, change(1, **change_of), status=status, **more)
    assert (refused["code"], refused.get("field")) == (code, field)
    applicant = ruled.as_(APPLICANT)
    assert applicant.get(f"/v1/orders/{order['id']}") == order
    assert todo_of(ruled.as_(MANAGER), order)["digest"]
    applicant.post(f"/v1/orders/{order['id']}/withdraw", {}, 200)


def test_nothing_is_left_held_by_what_was_changed(ruled: Stage) -> None:
    assert ruled.nothing_is_held()
