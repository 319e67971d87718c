from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.approvals import deciding, parties, queries
from jinyun.approvals import service as approvals
from jinyun.approvals.errors import AlreadyDecided, ChainPending, ContentChanged, NotYourDecision, OwnRequest
from jinyun.approvals.events import ChainDecided
from jinyun.approvals.models import Assignment, Chain, Decision, Stage
from jinyun.audit.models import AuditRecord
from jinyun.kit import events
from jinyun.kit.actor import PLATFORM, WayIn
from jinyun.kit.database import Database
from jinyun.kit.errors import NotFound
from jinyun.kit.paging import PageRequest
from jinyun.kit.texts import Text
from jinyun.organisation.models import Department, Person, Project
from tests.bank import Bank, acting, found_bank
from tests.together import at_once

Result = TypeVar("Result")
DIGEST = "d" * 64
EVERYTHING = PageRequest(limit=500)


@pytest.fixture
def bank(database: Database) -> Bank:
    return database.write(found_bank)


@pytest.fixture
def news() -> Iterator[list[ChainDecided]]:
    heard: list[ChainDecided] = []

    def listener(_session: Session, event: ChainDecided) -> None:
        heard.append(event)

    events.subscribe(ChainDecided, listener)
    yield heard
    events._listeners[ChainDecided].remove(listener)


def open_chain(database: Database, bank: Bank, applicant: str = "alice", project: str = "PAY") -> str:
    def work(session: Session) -> str:
        row = session.get_one(Project, bank.projects[project])
        request = approvals.ChainRequest("order", "order-1", DIGEST, row, {"vcpus": 4}, Text("Two servers", "两台"))
        return approvals.open_chain(session, acting(session, bank, applicant), request).id

    return database.write(work)


def assignment_of(database: Database, chain_id: str) -> Assignment:
    return database.read(
        lambda session: session.scalars(select(Assignment).join(Stage).filter_by(chain_id=chain_id)).one()
    )


def as_person(database: Database, bank: Bank, login: str, work: Callable[..., Result], *arguments: object) -> Result:
    return database.write(lambda session: work(session, acting(session, bank, login), *arguments))


def todo_ids(database: Database, bank: Bank, login: str) -> list[str]:
    def work(session: Session) -> list[str]:
        return [row.stage.chain.id for row in queries.todos(session, acting(session, bank, login), EVERYTHING)[0]]

    return database.read(work)


def test_a_limited_token_reads_and_decides_nothing_by_who_its_person_is(database: Database, bank: Bank) -> None:
    chain_id = open_chain(database, bank)

    def reach(login: str, way_in: WayIn) -> tuple[bool, bool, bool, int]:
        def work(session: Session) -> tuple[bool, bool, bool, int]:
            actor = replace(acting(session, bank, login), way_in=way_in)
            chain = session.get_one(Chain, chain_id)
            listed = chain_id in session.scalars(parties.chains_of(session, actor)).all()
            waiting = len(queries.todos(session, actor, EVERYTHING)[0])
            return parties.may_read(session, actor, chain), parties.took_part(session, actor, chain), listed, waiting

        return database.read(work)

    limited, in_session = WayIn("token", "t", frozenset({"catalog.read"})), WayIn("session", "s")
    assert reach("carl", in_session) == (True, True, True, 1)
    assert reach("carl", limited) == (False, False, False, 0)
    assert reach("alice", in_session) == (True, True, True, 0)
    assert reach("alice", limited) == (False, False, False, 0)


def test_the_departments_manager_is_asked_and_sees_it_in_his_list(database: Database, bank: Bank) -> None:
    chain_id = open_chain(database, bank)
    asked = assignment_of(database, chain_id)
    assert asked.person_id == bank.people["carl"]
    assert asked.reason["en"] == "Manager of Cards, the department of PAY system"
    assert todo_ids(database, bank, "carl") == [chain_id]
    assert todo_ids(database, bank, "rita") == []


def test_a_manager_who_asks_himself_is_decided_on_by_the_next_superior(database: Database, bank: Bank) -> None:
    asked = assignment_of(database, open_chain(database, bank, applicant="carl"))
    assert asked.person_id == bank.people["rita"]
    assert "Retail" in asked.reason["en"]


def test_one_manager_of_two_levels_does_not_decide_on_his_own_request(database: Database, bank: Bank) -> None:
    def promote(session: Session) -> None:
        session.get_one(Department, bank.departments["retail"]).manager_id = bank.people["carl"]

    database.write(promote)
    assert assignment_of(database, open_chain(database, bank, applicant="carl")).person_id == bank.people["chief"]


def test_a_manager_who_left_is_not_asked(database: Database, bank: Bank) -> None:
    def leave(session: Session) -> None:
        session.get_one(Person, bank.people["carl"]).active = False

    database.write(leave)
    assert assignment_of(database, open_chain(database, bank)).person_id == bank.people["rita"]


def test_without_any_manager_the_security_administrators_decide(database: Database, bank: Bank) -> None:
    chain_id = open_chain(database, bank, applicant="chief", project="HR")
    asked = assignment_of(database, chain_id)
    assert (asked.person_id, asked.role) == (None, "security_administrator")
    assert todo_ids(database, bank, "sec") == [chain_id]
    assert todo_ids(database, bank, "sys") == []
    assert as_person(database, bank, "sec", deciding.approve, asked.id, DIGEST).state == "approved"
    assert todo_ids(database, bank, "sec") == []


def test_an_administrator_does_not_decide_on_his_own_request(database: Database, bank: Bank) -> None:
    def vacate(session: Session) -> None:
        session.get_one(Department, bank.departments["head"]).manager_id = None

    database.write(vacate)
    asked = assignment_of(database, open_chain(database, bank, applicant="sec", project="HR"))
    assert todo_ids(database, bank, "sec") == []
    with pytest.raises(OwnRequest):
        as_person(database, bank, "sec", deciding.approve, asked.id, DIGEST)


def test_a_yes_approves_the_chain_tells_it_and_leaves_a_trace(
    database: Database, bank: Bank, news: list[ChainDecided]
) -> None:
    chain_id = open_chain(database, bank)
    asked = assignment_of(database, chain_id)
    chain = as_person(database, bank, "carl", deciding.approve, asked.id, DIGEST, "fine")
    assert chain.state == "approved"
    assert news == [ChainDecided(chain_id, "order", "order-1", "approved", "fine")]
    log = database.read(lambda session: session.scalars(select(Decision).filter_by(number=2)).one())
    assert (log.verb, log.person_id, log.digest) == ("approve", bank.people["carl"], DIGEST)
    actions = database.read(lambda session: set(session.scalars(select(AuditRecord.action))))
    assert {"approval.open", "approval.approve"} <= actions


def test_a_no_rejects_the_chain(database: Database, bank: Bank, news: list[ChainDecided]) -> None:
    chain_id = open_chain(database, bank)
    asked = assignment_of(database, chain_id)
    chain = as_person(database, bank, "carl", deciding.reject, asked.id, DIGEST, "too large")
    assert (chain.state, chain.stages[0].state) == ("rejected", "rejected")
    assert news == [ChainDecided(chain_id, "order", "order-1", "rejected", "too large")]


def test_who_was_not_asked_may_not_decide(database: Database, bank: Bank) -> None:
    asked = assignment_of(database, open_chain(database, bank))
    with pytest.raises(NotYourDecision, match=r"Carl"):
        as_person(database, bank, "rita", deciding.approve, asked.id, DIGEST)
    with pytest.raises(NotYourDecision):
        as_person(database, bank, "alice", deciding.reject, asked.id, DIGEST, "no")
    with pytest.raises(NotFound):
        as_person(database, bank, "aud", deciding.approve, asked.id, DIGEST)
    with pytest.raises(NotFound):
        as_person(database, bank, "carl", deciding.approve, "no-such-assignment", DIGEST)


def test_a_decision_counts_only_for_what_was_read(database: Database, bank: Bank) -> None:
    asked = assignment_of(database, open_chain(database, bank))
    with pytest.raises(ContentChanged):
        as_person(database, bank, "carl", deciding.approve, asked.id, "e" * 64)


def test_a_second_decision_names_who_was_first(database: Database, bank: Bank) -> None:
    asked = assignment_of(database, open_chain(database, bank))
    as_person(database, bank, "carl", deciding.approve, asked.id, DIGEST)
    with pytest.raises(AlreadyDecided, match=r"Carl already decided this at .*approve"):
        as_person(database, bank, "carl", deciding.reject, asked.id, DIGEST, "changed my mind")


def test_withdrawing_ends_it_and_a_new_request_gets_the_next_number(
    database: Database, bank: Bank, news: list[ChainDecided]
) -> None:
    chain_id = open_chain(database, bank)
    with pytest.raises(ChainPending):
        open_chain(database, bank)
    database.write(
        lambda session: approvals.withdraw(session, acting(session, bank, "alice"), session.get_one(Chain, chain_id))
    )
    asked = assignment_of(database, chain_id)
    assert asked.state == "passed"
    with pytest.raises(AlreadyDecided, match=r"Alice.*withdraw"):
        as_person(database, bank, "carl", deciding.approve, asked.id, DIGEST)
    with pytest.raises(AlreadyDecided):
        database.write(lambda session: approvals.withdraw(session, PLATFORM, session.get_one(Chain, chain_id)))
    second = open_chain(database, bank)
    current = database.read(lambda session: approvals.current_chain(session, "order", "order-1"))
    assert current is not None
    assert (current.id, current.number) == (second, 2)
    assert news == []


def test_a_chain_is_seen_by_those_concerned(database: Database, bank: Bank) -> None:
    chain_id = open_chain(database, bank)

    def read(login: str) -> str:
        return database.read(
            lambda session: queries.chain_with_history(session, acting(session, bank, login), chain_id).id
        )

    assert {read(login) for login in ("alice", "carl", "chief", "otto")} == {chain_id}
    for stranger in ("bob", "sec", "sys", "aud"):
        with pytest.raises(NotFound):
            read(stranger)


def test_two_tabs_decide_at_once_and_only_one_counts(database: Database, bank: Bank, news: list[ChainDecided]) -> None:
    asked = assignment_of(database, open_chain(database, bank))

    def decide(number: int) -> str:
        verb = deciding.approve if number % 2 else deciding.reject
        return as_person(database, bank, "carl", verb, asked.id, DIGEST, "").state

    assert at_once(8, decide).count("already-decided") == 7
    assert database.read(lambda session: session.scalar(select(func.count()).select_from(Decision))) == 2


def test_one_subject_gets_one_chain_however_many_ask(database: Database, bank: Bank) -> None:
    outcomes = at_once(6, lambda _number: open_chain(database, bank))
    assert outcomes.count("chain-pending") == 5
