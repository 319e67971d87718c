"""Long lists: page by page nothing is lost and nothing comes twice, also while the list grows."""

import threading
from itertools import pairwise

import pytest
from sqlalchemy import event

from tests.api import APPLICANT, OPERATOR, SYSTEM_ADMINISTRATOR
from tests.stories.stage import NETWORK, Stage, a_volume, new_order, texts

MANY = 120


@pytest.fixture(scope="module")
def ordered(stage: Stage) -> list[str]:
    """The ids of many orders of one volume each, oldest first."""
    applicant = stage.as_(APPLICANT)
    bodies = (new_order(a_volume(f"many-{number:03}"), project="mobile-banking-test") for number in range(MANY))
    return [applicant.post("/v1/orders", body, 201)["id"] for body in bodies]


@pytest.mark.parametrize("limit", [1, 7, 40, 120, 500])
def test_nothing_is_lost_and_nothing_comes_twice(stage: Stage, ordered: list[str], limit: int) -> None:
    seen = texts(stage.as_(APPLICANT).all_of("/v1/orders", limit), "id")
    assert seen == ordered[::-1]


def test_the_numbers_count_up(stage: Stage, ordered: list[str]) -> None:
    numbers = texts(stage.as_(APPLICANT).all_of("/v1/orders"), "number")[::-1]
    counted = [int(number.partition("-")[2]) for number in numbers]
    assert counted == list(range(1, MANY + 1))


def test_what_is_new_does_not_disturb_who_is_reading(stage: Stage, ordered: list[str]) -> None:
    applicant = stage.as_(APPLICANT)
    first = applicant.get("/v1/orders", limit=60)
    new = applicant.post("/v1/orders", new_order(a_volume("late")), 201)
    second = applicant.get("/v1/orders", limit=60, after=first["next"])
    assert texts([*first["items"], *second["items"]], "id") == ordered[::-1]
    assert second["next"] is None
    applicant.post(f"/v1/orders/{new['id']}/withdraw", None, 200)


def test_who_decides_finds_the_oldest_first(stage: Stage, ordered: list[str]) -> None:
    todos = stage.as_("wang.fang").all_of("/v1/todos", 33)
    assert texts(todos, "subject_id") == ordered
    assert all(a["asked_at"] <= b["asked_at"] for a, b in pairwise(todos))


def test_a_filter_holds_on_every_page(stage: Stage, ordered: list[str]) -> None:
    applicant = stage.as_(APPLICANT)
    assert len(applicant.all_of("/v1/orders", 50, state="pending_approval", mine=True)) == MANY
    assert applicant.all_of("/v1/orders", 50, project="credit-card") == []
    assert applicant.all_of("/v1/orders", 50, state="delivered") == []


@pytest.mark.parametrize(
    ("login", "path"),
    [
        (APPLICANT, "/v1/orders"),
        (APPLICANT, "/v1/servers"),
        (APPLICANT, "/v1/volumes"),
        (APPLICANT, "/v1/operations"),
        ("wang.fang", "/v1/todos"),
        (OPERATOR, "/v1/hosts"),
        (OPERATOR, "/v1/pools"),
        (OPERATOR, "/v1/flavors"),
        (OPERATOR, "/v1/images"),
        (OPERATOR, "/v1/storage-tiers"),
        (OPERATOR, "/v1/capacity"),
        (OPERATOR, "/v1/networks"),
        (OPERATOR, f"/v1/networks/{NETWORK}/addresses"),
        (SYSTEM_ADMINISTRATOR, "/v1/binding-proposals"),
        (OPERATOR, "/v1/security-groups"),
        ("zhou.jie", "/v1/people"),
        ("zhou.jie", "/v1/departments"),
        ("zhou.jie", "/v1/quotas"),
    ],
)
def test_a_page_costs_the_same_whatever_is_on_it(stage: Stage, ordered: list[str], login: str, path: str) -> None:
    caller = stage.as_(login)
    costs = []
    for limit in (1, 100):
        statements: list[str] = []

        def note(*seen: object, into: list[str] = statements) -> None:
            if threading.current_thread().name.startswith("AnyIO"):  # the API's threads, not the worker's
                into.append(str(seen[2]))

        event.listen(stage.database.engine, "before_cursor_execute", note)
        try:
            caller.get(path, limit=limit)
        finally:
            event.remove(stage.database.engine, "before_cursor_execute", note)
        costs.append(len(statements))
    assert costs[1] <= costs[0] + 1, costs
    assert costs[1] < 20
