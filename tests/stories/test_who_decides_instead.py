"""Who decides when it is not the one who was asked: by transfer, as a deputy, after a leaver, when time is up."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.approvals import deadlines
from jinyun.approvals.models import Stage as StageRow
from jinyun.kit.clock import utc_now
from jinyun.kit.events import publish
from jinyun.organisation.events import PeopleLeft
from jinyun.organisation.models import Person
from tests.api import APPLICANT, FOREIGN_APPLICANT, MANAGER, SECURITY_ADMINISTRATOR
from tests.stories.conftest import HEAD, SECOND
from tests.stories.stage import Caller, Stage, a_volume, decide, new_order, todo_of
from tests.together import at_once

Work = dict[str, Any]
DUE = {"hours": 8, "remind_after": 4}
LEAVER = "gao.yuan"
EVERYBODY = (MANAGER, HEAD, SECOND)


@pytest.fixture
def order(stage: Stage, request: pytest.FixtureRequest) -> Work:
    """An order for one volume, under the policy in effect."""
    return ask(stage, request.node.name.removeprefix("test_").replace("_", "-")[:50])


def ask(stage: Stage, name: str) -> Work:
    asked: Work = stage.as_(APPLICANT).post("/v1/orders", new_order(a_volume(name)), 201)
    return asked


def hand(caller: Caller, order: Work, verb: str, status: int = 200, **body: Any) -> Work:
    todo = todo_of(caller, order)
    said: Work = caller.post(f"/v1/assignments/{todo['assignment_id']}/{verb}", {"comment": "because"} | body, status)
    return said


def told(stage: Stage, login: str, order: Work) -> list[str]:
    """Return what somebody was told of an order, the oldest first, without its title."""
    chain_id = stage.as_(APPLICANT).get(f"/v1/orders/{order['id']}")["chain_id"]
    notices = stage.as_(login).all_of("/v1/notices")
    return [each["subject"].partition(":")[0] for each in reversed(notices) if each["path"] == f"/approvals/{chain_id}"]


def waits_for(stage: Stage, order: Work) -> list[str]:
    return [who for who in EVERYBODY if any(t["subject_id"] == order["id"] for t in stage.as_(who).all_of("/v1/todos"))]


def let_pass(stage: Stage, order: Work, **time: float) -> None:
    """Have the stage that is asked have begun so much earlier, and do what is due."""

    def earlier(session: Session) -> None:
        asked = select(StageRow).where(StageRow.state == "pending", StageRow.chain.has(subject_id=order["id"]))
        for row in session.scalars(asked):
            row.begun_at = (row.begun_at or utc_now()) - timedelta(**time)
            row.due_at = row.remind_at = None

    stage.database.write(earlier)
    for _ in range(2):  # the times are set, then kept
        deadlines.keep_deadlines(stage.settings, stage.database)


def test_a_transfer_moves_the_decision_and_leaves_the_sight_of_it(stage: Stage, order: Work) -> None:
    manager, head = stage.as_(MANAGER), stage.as_(HEAD)
    assignment = todo_of(manager, order)["assignment_id"]
    refused = hand(manager, order, "transfer", 422, to=FOREIGN_APPLICANT)
    assert (refused["code"], refused["field"]) == ("not-eligible", "to")
    hand(manager, order, "transfer", to=HEAD)
    assert waits_for(stage, order) == [HEAD]
    assert told(stage, HEAD, order) == ["For your decision"]
    answer = {"digest": order_digest(head, order), "comment": "no"}
    assert manager.post(f"/v1/assignments/{assignment}/reject", answer, 403)["code"] == "not-your-decision"
    assert decide(head, order, "reject")["state"] == "rejected"
    late = head.post(f"/v1/assignments/{assignment}/reject", answer, 409)
    assert late["code"] == "already-decided"
    assert "刘建 Liu Jian already decided this at 20" in late["detail"]
    assert manager.get(f"/v1/orders/{order['id']}")["state"] == "rejected"
    assert manager.get(f"/v1/chains/{order['chain_id']}")["decisions"][1]["to_name"] == "刘建 Liu Jian"
    assert told(stage, APPLICANT, order) == ["Rejected"]
    stage.as_(SECOND).get(f"/v1/chains/{order['chain_id']}", 404)


def order_digest(caller: Caller, order: Work) -> str:
    return str(todo_of(caller, order)["digest"])


@contextmanager
def deputy(stage: Stage, away: str, to: str) -> Iterator[None]:
    """Have somebody decide in another one's place for a while."""
    span = {"begins_at": "2020-01-01T00:00:00+08:00", "ends_at": "2999-01-01T00:00:00+08:00"}
    made = stage.as_(away).post("/v1/deputies", {"to": to, "reason": "leave", **span}, 201)
    yield
    stage.as_(away).send("DELETE", f"/v1/deputies/{made['id']}", None, 204)


def test_a_deputy_decides_beside_the_one_who_is_away_and_one_of_them_only(stage: Stage) -> None:
    with deputy(stage, MANAGER, SECOND):
        order = ask(stage, "deputy-1")
        assert waits_for(stage, order) == [MANAGER, SECOND]
        assert told(stage, SECOND, order) == ["For your decision"]
        body = {"digest": order_digest(stage.as_(MANAGER), order), "comment": "no"}
        address = f"/v1/assignments/{todo_of(stage.as_(MANAGER), order)['assignment_id']}/reject"
        callers = [stage.as_(MANAGER), stage.as_(SECOND)]
        answers = at_once(2, lambda number: callers[number].client.post(address, json=body))
    statuses = sorted(each.status_code for each in answers if not isinstance(each, str))
    assert statuses == [200, 409]
    refused = next(each.json() for each in answers if not isinstance(each, str) and each.status_code == 409)
    assert refused["code"] == "already-decided"
    second = ask(stage, "deputy-2")
    assert waits_for(stage, second) == [MANAGER]
    with deputy(stage, MANAGER, SECOND):
        entry = decide(stage.as_(SECOND), second, "reject")["decisions"][-1]
    assert (entry["person_name"], entry["for_name"]) == ("何敏 He Min", "王芳 Wang Fang")
    assert stage.as_(SECOND).get(f"/v1/orders/{second['id']}")["state"] == "rejected", "he took part"


def test_the_applicant_has_another_one_asked_with_reason_and_notice(stage: Stage, order: Work) -> None:
    applicant = stage.as_(APPLICANT)
    assignment = todo_of(stage.as_(MANAGER), order)["assignment_id"]
    address = f"/v1/assignments/{assignment}/replace"
    assert applicant.post(address, {"to": HEAD, "comment": ""}, 422)["field"] == "comment"
    assert stage.as_(MANAGER).post(address, {"to": HEAD, "comment": "no"}, 403)["code"] == "only-the-applicant"
    seat = applicant.post(address, {"to": HEAD, "comment": "she is ill"}, 200)["stages"][0]["assignments"][0]
    assert seat["reason"] == "Asked instead of 王芳 Wang Fang, by the applicant"
    assert told(stage, MANAGER, order) == ["For your decision", "No longer yours to decide"]
    assert told(stage, HEAD, order) == ["For your decision"]
    assert waits_for(stage, order) == [HEAD]


def test_what_a_leaver_had_to_decide_goes_to_who_is_above_him(stage: Stage) -> None:
    stage.adopt({"approvers": [{"by": "person", "login": LEAVER}]})
    order = ask(stage, "leaver")
    stage.database.write(leave)
    seat = stage.as_(APPLICANT).get(f"/v1/chains/{order['chain_id']}")["stages"][0]["assignments"][0]
    assert (seat["person_login"], seat["reason"]) == (HEAD, "Manager of 高远 Gao Yuan, who left")
    assert waits_for(stage, order) == [HEAD]
    decide(stage.as_(HEAD), order, "reject")


def leave(session: Session) -> None:
    person = session.scalars(select(Person).filter_by(login=LEAVER)).one()
    person.active = False
    session.flush()
    publish(session, PeopleLeft((person.id,)))


def test_who_is_late_is_reminded_and_then_whoever_is_above_decides(stage: Stage) -> None:
    stage.adopt({"approvers": [{"by": "department-head"}], "due": DUE})
    order = ask(stage, "late")
    let_pass(stage, order, hours=0)
    assert todo_of(stage.as_(MANAGER), order)["due_at"] is not None
    assert told(stage, MANAGER, order) == ["For your decision"]
    remind(stage, order)
    assert told(stage, MANAGER, order) == ["For your decision", "Still for your decision"]
    let_pass(stage, order, days=20)
    assert waits_for(stage, order) == [HEAD]
    assert told(stage, MANAGER, order)[-1] == "No longer yours to decide"
    seat = stage.as_(APPLICANT).get(f"/v1/chains/{order['chain_id']}")["stages"][0]["assignments"][0]
    assert seat["reason"] == "Manager of 王芳 Wang Fang, who did not decide in time"
    let_pass(stage, order, days=20)
    queue = stage.as_(APPLICANT).get(f"/v1/chains/{order['chain_id']}")["stages"][0]["assignments"][0]
    assert (queue["person_login"], queue["role"]) == (None, "security_administrator")
    assert decide(stage.as_(SECURITY_ADMINISTRATOR), order, "reject")["state"] == "rejected"


def remind(stage: Stage, order: Work) -> None:
    """Have the moment come at which whoever is asked is reminded."""

    def now(session: Session) -> None:
        asked = select(StageRow).where(StageRow.state == "pending", StageRow.chain.has(subject_id=order["id"]))
        for row in session.scalars(asked):
            row.remind_at = utc_now() - timedelta(seconds=1)

    stage.database.write(now)
    deadlines.keep_deadlines(stage.settings, stage.database)


def test_where_the_policy_says_so_it_expires_and_what_was_held_is_free(stage: Stage) -> None:
    stage.adopt({"approvers": [{"by": "department-head"}], "due": {"hours": 8, "then": "expire"}})
    order = ask(stage, "expires")
    let_pass(stage, order, days=20)
    applicant = stage.as_(APPLICANT)
    assert applicant.get(f"/v1/orders/{order['id']}")["state"] == "expired"
    assert told(stage, APPLICANT, order) == ["Expired"]
    assert waits_for(stage, order) == []
    again = ask(stage, "expires")
    applicant.post(f"/v1/orders/{again['id']}/withdraw", {}, 200)


def test_notices_are_read_one_by_one_or_all_and_each_leads_to_its_chain(stage: Stage) -> None:
    stage.adopt({"approvers": [{"by": "department-head"}]})
    order = ask(stage, "notices")
    manager = stage.as_(MANAGER, language="zh")
    notice = manager.get("/v1/notices", unread=True)["items"][0]
    assert notice["subject"] == f"待您审批：订单 {order['number']}：a story"
    assert notice["path"] == f"/approvals/{order['chain_id']}"
    manager.post(f"/v1/notices/{notice['id']}/read", None, 204)
    assert notice["id"] not in {each["id"] for each in manager.all_of("/v1/notices", unread=True)}
    manager.post("/v1/notices/read", None, 204)
    assert manager.get("/v1/notices", unread=True)["items"] == []
    assert manager.get("/v1/notices")["items"][0]["read_at"] is not None
    assert order["id"] in {todo["subject_id"] for todo in manager.all_of("/v1/todos")}, "to read is not to decide"
