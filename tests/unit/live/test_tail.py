"""What changed is said once, whoever committed first, and to nobody who may not read it."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.ids import new_id
from jinyun.live.hub import Hub, Listener, _look
from jinyun.live.tail import Change, Tail
from jinyun.notices.models import Notice
from jinyun.operations.models import OperationRow
from jinyun.operations.states import PENDING, RUNNING, SUCCEEDED
from tests.api import APPLICANT, AUDITOR, FOREIGN_APPLICANT, OPERATOR, SampleBank


@pytest.fixture
def bank(database: Database) -> SampleBank:
    return SampleBank(database)


@pytest.fixture
def tail(bank: SampleBank) -> Tail:
    return Tail(utc_now())


def look(bank: SampleBank, tail: Tail) -> list[tuple[str, str]]:
    changes = bank.database.read(lambda session: tail.look(session, utc_now()))
    return sorted(change.key for change in changes)


def touched(bank: SampleBank, kind: str, subject_id: str) -> None:
    actor, project = bank.actor(APPLICANT), bank.project_id("mobile-banking-test")

    def work(session: Session) -> None:
        audit.record(session, actor, f"{kind}.touch", (kind, subject_id, "it"), project_id=project)

    bank.database.write(work)


def an_operation(bank: SampleBank) -> str:
    project, actor = bank.project_id("mobile-banking-test"), bank.actor(APPLICANT)

    def work(session: Session) -> str:
        row = OperationRow(
            kind="test", state=PENDING, project_id=project, subject_name="s", parameters={}, handler="h",
            requested_login=actor.login,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id

    return bank.database.write(work)


def moved(bank: SampleBank, operation_id: str, state: str) -> None:
    def work(session: Session) -> None:
        row = session.get_one(OperationRow, operation_id)
        row.state, row.generation = state, row.generation + 1

    bank.database.write(work)


def test_what_was_changed_is_said_once(bank: SampleBank, tail: Tail) -> None:
    touched(bank, "server", "s1")
    touched(bank, "server", "s1")
    assert set(look(bank, tail)) == {("server", "s1")}
    assert look(bank, tail) == []
    touched(bank, "server", "s1")
    assert look(bank, tail) == [("server", "s1")]


def test_who_commits_late_is_not_missed(bank: SampleBank, tail: Tail) -> None:
    early = new_id()
    touched(bank, "server", "s1")
    look(bank, tail)

    def commit_late(session: Session) -> None:
        session.add(Notice(id=early, person_id=bank.actor(APPLICANT).person_id, subject={}, body={}, path="/"))

    bank.database.write(commit_late)
    assert look(bank, tail) == [("notice", early)]


def test_work_under_way_is_followed_to_its_end(bank: SampleBank, tail: Tail) -> None:
    operation = an_operation(bank)
    assert look(bank, tail) == [("operation", operation)]
    moved(bank, operation, RUNNING)
    assert look(bank, tail) == [("operation", operation)]
    assert look(bank, tail) == []
    moved(bank, operation, SUCCEEDED)
    assert look(bank, tail) == [("operation", operation)]
    assert look(bank, tail) == []


def test_work_that_began_long_ago_ends_as_well(bank: SampleBank) -> None:
    operation = an_operation(bank)
    tail = Tail(utc_now() + timedelta(minutes=1))
    assert look(bank, tail) == [("operation", operation)]
    moved(bank, operation, SUCCEEDED)
    assert look(bank, tail) == [("operation", operation)]
    assert look(bank, tail) == []


def listener(bank: SampleBank, login: str) -> Listener:
    return Listener(bank.actor(login), lambda session: bank.actor(login))


def test_everybody_hears_of_what_he_may_read(bank: SampleBank, tail: Tail) -> None:
    people = [listener(bank, login) for login in (APPLICANT, FOREIGN_APPLICANT, OPERATOR, AUDITOR)]
    own = bank.actor(APPLICANT).person_id

    def tell(session: Session) -> None:
        session.add(Notice(id="n1", person_id=own, subject={}, body={}, path="/"))

    touched(bank, "server", "s1")
    bank.database.write(tell)
    heard = bank.database.read(lambda session: _look(tail, people, session))
    assert [sorted(change.kind for change in changes) for changes in heard] == [
        ["notice", "server"],
        [],
        ["server"],
        [],
    ]


def test_a_look_is_two_questions_however_many_listen(bank: SampleBank, tail: Tail) -> None:
    people = [listener(bank, APPLICANT) for _ in range(50)]
    asked: list[str] = []
    touched(bank, "server", "s1")
    event.listen(bank.database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    bank.database.read(lambda session: _look(tail, people, session))
    assert len([statement for statement in asked if "FROM" in statement]) == 2


def test_of_one_thing_the_newest_is_told() -> None:
    async def listen() -> list[Change]:
        listening = Listener(None, None)  # type: ignore[arg-type]
        listening.tell([Change("server", "s1", "1"), Change("server", "s1", "2")])
        return await listening.next(1)

    assert [change.version for change in asyncio.run(listen())] == ["2"]


def test_nobody_opens_connections_without_end(bank: SampleBank) -> None:
    async def open_many() -> list[bool]:
        hub = Hub(bank.database)
        actor = bank.actor(APPLICANT)
        listening = [hub.join(actor, lambda session: actor) for _ in range(21)]
        ended = [each.ended for each in listening]
        for each in listening:
            hub.leave(each)
        return ended

    assert asyncio.run(open_many()) == [True, *[False] * 20]
