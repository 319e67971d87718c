"""An administrator in the chain chooses pool, host, network or address: what is held moves, and every yes stands."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api import APPLICANT, FOREIGN_APPLICANT, MANAGER, OPERATOR, SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR
from tests.stories.stage import NETWORK, Stage, a_server, decide, new_order, todo_of

OTHER = "office-vlan-200"
STAGES = [
    {"approvers": [{"by": "department-head"}]},
    {"approvers": [{"by": "role", "role": "operator"}]},
    {"approvers": [{"by": "pool-owner"}]},
]
Work = dict[str, Any]


@pytest.fixture(scope="module")
def ruled(stage: Stage) -> Stage:
    """A stage with two pools for everyone, whose orders a manager, an operator and the pool's owner decide."""
    stage.adopt(*STAGES)
    for pool in pools(stage).values():
        own(stage, pool, {"criticality_class": None})
    return stage


@pytest.fixture
def asked(ruled: Stage) -> Callable[[str], Work]:
    """Order a server that the manager has said yes to, so that the operator is asked."""

    def order(hostname: str) -> Work:
        wanted: Work = ruled.as_(APPLICANT).post("/v1/orders", new_order(a_server(hostname)), 201)
        decide(ruled.as_(MANAGER), wanted, "approve")
        return wanted

    return order


def pools(stage: Stage) -> dict[str, Work]:
    return {pool["name"]: pool for pool in stage.as_(SYSTEM_ADMINISTRATOR).get("/v1/pools")["items"]}


def own(stage: Stage, pool: Work, change: Work, status: int = 200) -> Work:
    version = pools(stage)[pool["name"]]["version"]
    tag = {"If-Match": f'"{version}"'}
    sent: Work = stage.as_(SYSTEM_ADMINISTRATOR).send("PATCH", f"/v1/pools/{pool['id']}", change, status, tag)
    return sent


def place(stage: Stage, order: Work, who: str = OPERATOR, status: int = 200, **where: Any) -> Work:
    body = {"position": 0, "comment": "it is quiet there"} | where
    placed: Work = stage.as_(who).post(f"/v1/orders/{order['id']}/place", body, status)
    return placed


def test_what_is_held_moves_and_the_yes_stands(ruled: Stage, asked: Callable[[str], Work]) -> None:
    order = asked("place-1")
    held = order["items"][0]["allocation"]
    chosen = held["placement"]["chosen"]["pool"].partition("/")[2]
    other = next(pool for name, pool in pools(ruled).items() if name != chosen)
    host = ruled.as_(OPERATOR).get("/v1/hosts", pool=other["id"])["items"][0]["name"]
    digest = todo_of(ruled.as_(OPERATOR), order)["digest"]
    moved = place(ruled, order, pool_id=other["id"], host=host)["items"][0]["allocation"]
    assert moved["placement"]["chosen"]["pool"].endswith(other["name"])
    assert moved["address"] == held["address"]
    assert place(ruled, order, address="10.20.0.99")["items"][0]["allocation"]["address"] == "10.20.0.99"
    networked = place(ruled, order, network=OTHER)["items"][0]
    assert networked["allocation"]["address"].startswith("10.21.")
    assert networked["specification"]["network"] == NETWORK
    todo = todo_of(ruled.as_(OPERATOR), order)
    facts = todo["facts"]["items"][0]
    assert (todo["digest"], facts["network"], facts["host"]) == (digest, OTHER, host)
    assert facts["survives_a_host"] is True
    chain = ruled.as_(APPLICANT).get(f"/v1/chains/{todo['chain_id']}")
    assert [stage["state"] for stage in chain["stages"]] == ["approved", "pending", "waiting"]
    assert [entry["verb"] for entry in chain["decisions"]] == ["open", "approve", *["reallocate"] * 3]
    told = [notice["subject"].split(":")[0] for notice in ruled.as_(MANAGER).all_of("/v1/notices")]
    assert told.count("Placed elsewhere") == 3
    decide(ruled.as_(OPERATOR), order, "approve")
    decide(ruled.as_(MANAGER), order, "approve")
    ruled.as_(APPLICANT).becomes(f"/v1/orders/{order['id']}", "state", "delivered")
    assert [row["host"] for row in ruled.in_world("server", "name = 'place-1'")] == [host]


@pytest.mark.parametrize(
    ("who", "where", "status", "code"),
    [
        (APPLICANT, {"address": "10.20.0.98"}, 403, "forbidden"),
        (MANAGER, {"address": "10.20.0.98"}, 403, "forbidden"),
        (OPERATOR, {"position": 1, "address": "10.20.0.98"}, 422, "invalid-field"),
        (OPERATOR, {"address": "10.99.0.1"}, 422, "address-outside-range"),
        (OPERATOR, {"host": "nowhere"}, 409, "no-capacity"),
        (OPERATOR, {"network": "nowhere"}, 404, "not-found"),
    ],
    ids=["applicant", "manager", "no item", "outside", "host", "network"],
)
def test_what_cannot_be_held_there_stays_where_it_is(
    ruled: Stage, asked: Callable[[str], Work], who: str, where: Work, status: int, code: str
) -> None:
    order = asked("place-2")
    applicant = ruled.as_(APPLICANT)
    before = applicant.get(f"/v1/orders/{order['id']}")
    assert place(ruled, order, who, status, **where)["code"] == code
    assert applicant.get(f"/v1/orders/{order['id']}") == before
    applicant.post(f"/v1/orders/{order['id']}/withdraw", {}, 200)


def test_an_administrator_who_is_not_asked_places_nothing(ruled: Stage) -> None:
    order = ruled.as_(APPLICANT).post("/v1/orders", new_order(a_server("place-3")), 201)
    assert place(ruled, order, address="10.20.0.98", status=403)["code"] == "not-asked"
    ruled.as_(APPLICANT).post(f"/v1/orders/{order['id']}/withdraw", {}, 200)


def test_whoever_owns_the_pool_is_asked_and_told_why(ruled: Stage) -> None:
    pool = pools(ruled)["kvm-general"]
    sample = {"project": "mobile-banking-test", "applicant": APPLICANT, "pools": ["sim/kvm-general"]}

    def planned() -> tuple[str | None, str | None, str]:
        answer = ruled.as_(SECURITY_ADMINISTRATOR).post("/v1/approval-policy/simulate", sample, 200)
        (approver,) = answer["stages"][2]["approvers"]
        return approver["login"], approver["role"], approver["reason"]

    assert planned()[2].startswith("The rule “all” finds nobody. Manager of")
    own(ruled, pool, {"owner": f"person:{FOREIGN_APPLICANT}"})
    assert planned() == (FOREIGN_APPLICANT, None, "Owner of the pool sim/kvm-general, by the rule “all”")
    own(ruled, pool, {"owner": f"person:{APPLICANT}"})
    assert planned()[2].startswith("The rule “all” finds nobody")
    assert own(ruled, pool, {"owner": "role:operator"})["owner"] == "role:operator"
    assert planned()[:2] == (None, "operator")
    order = ruled.as_(APPLICANT).post("/v1/orders", new_order(a_server("place-4", zone="az-general")), 201)
    chain = ruled.as_(APPLICANT).get(f"/v1/chains/{order['chain_id']}")
    assert [seat["role"] for seat in chain["stages"][2]["assignments"]] == ["operator"]
    ruled.as_(APPLICANT).post(f"/v1/orders/{order['id']}/withdraw", {}, 200)
    assert own(ruled, pool, {"owner": None})["owner"] is None
    assert own(ruled, pool, {"owner": "person:nobody"}, 404)["field"] == "owner"
    assert own(ruled, pool, {"owner": "role:user"}, 404)["field"] == "owner"
    unknown = ruled.as_(SECURITY_ADMINISTRATOR).post(
        "/v1/approval-policy/simulate", sample | {"pools": ["sim/nowhere"]}, 404
    )
    assert unknown["field"] == "pools"


def test_nothing_stays_held_where_it_was(ruled: Stage) -> None:
    assert ruled.nothing_is_held()
