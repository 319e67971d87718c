"""What one is told before one orders, and how one finds again what one has."""

from typing import Any

import pytest
from sqlalchemy import event, func, select

from jinyun.notices.models import Notice
from jinyun.orders.models import Order
from tests.api import APPLICANT, AUDITOR, FOREIGN_APPLICANT, MANAGER, OPERATOR, SECURITY_ADMINISTRATOR
from tests.stories.stage import Stage, a_server, new_order


def counted(stage: Stage) -> list[int]:
    def count(session: Any) -> list[int]:
        return [session.scalar(select(func.count()).select_from(each)) for each in (Order, Notice)]

    return stage.database.read(count)


def test_a_preview_shows_cost_place_and_who_decides_and_keeps_nothing(stage: Stage) -> None:
    before = counted(stage)
    seen = stage.as_(APPLICANT).post("/v1/orders/preview", new_order(a_server("foreseen-1")), 200)
    item = seen["order"]["items"][0]
    assert item["allocation"]["placement"]["chosen"]["pool"] == "sim/kvm-general"
    assert seen["chain"]["stages"][0]["assignments"][0]["person_login"] == MANAGER
    assert "Manager of" in seen["chain"]["stages"][0]["assignments"][0]["reason"]
    assert counted(stage) == before
    assert stage.nothing_is_held()


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"flavor": "no-such"}, 422, "unknown-flavor", "items.0.flavor"),
        ({"hostname": "taken-1"}, 409, "hostname-taken", "items.0.hostname"),
        ({"address": "192.0.2.1"}, 422, "address-outside-range", "items.0.address"),
    ],
)
def test_a_preview_is_refused_as_the_order_would_be(
    stage: Stage, change: dict[str, str], status: int, code: str, field: str
) -> None:
    applicant = stage.as_(APPLICANT)
    if change.get("hostname") and not applicant.get("/v1/servers", hostname="taken-1")["items"]:
        stage.deliver(APPLICANT, a_server("taken-1"))
    problem = applicant.post("/v1/orders/preview", new_order(a_server("foreseen-2") | change), status)
    assert (problem["code"], problem["field"]) == (code, field)


def test_names_addresses_and_numbers_are_found_by_their_beginning(stage: Stage) -> None:
    order = stage.deliver(APPLICANT, a_server("needle-1"))
    server = stage.as_(APPLICANT).get("/v1/servers", hostname="needle-1")["items"][0]
    for typed, kind in (("need", "server"), (server["address"], "server"), (order["number"], "order")):
        found = stage.as_(APPLICANT).get("/v1/search", q=typed)["found"]
        assert kind in [each["kind"] for each in found], typed
        assert stage.as_(FOREIGN_APPLICANT).get("/v1/search", q=typed)["found"] == []
    assert stage.as_(AUDITOR).get("/v1/search", q="need")["found"] == []
    people = stage.as_(SECURITY_ADMINISTRATOR).get("/v1/search", q="Li W")["found"]
    assert [hit["name"] for each in people if each["kind"] == "person" for hit in each["items"]] == [APPLICANT]


@pytest.mark.parametrize("typed", ["%%", "__", "\\\\", "' OR 1=1", "李" * 64])
def test_what_is_typed_is_taken_as_it_is(stage: Stage, typed: str) -> None:
    assert stage.as_(OPERATOR).get("/v1/search", q=typed)["found"] == []


def test_too_little_is_refused(stage: Stage) -> None:
    assert stage.as_(OPERATOR).get("/v1/search", 422, q="x")["field"] == "q"


def test_a_search_costs_as_many_questions_whatever_is_found(stage: Stage) -> None:
    asked: list[str] = []
    event.listen(stage.database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    def questions(typed: str) -> int:
        asked.clear()
        stage.as_(SECURITY_ADMINISTRATOR).get("/v1/search", q=typed)
        return len([each for each in asked if "LIMIT" in each and "LIKE" in each])

    assert questions("mo") == questions("zz")


def test_a_server_s_readers_see_what_was_done_to_it(stage: Stage) -> None:
    stage.deliver(APPLICANT, a_server("storied-1"))
    applicant = stage.as_(APPLICANT)
    server = applicant.get("/v1/servers", hostname="storied-1")["items"][0]
    applicant.done(applicant.post(f"/v1/servers/{server['id']}/stop", None, 202))
    events = applicant.get(f"/v1/servers/{server['id']}/events")["items"]
    assert ("stop-server", APPLICANT) in [(each["action"], each["person"]) for each in events]
    stage.as_(FOREIGN_APPLICANT).get(f"/v1/servers/{server['id']}/events", 404)
