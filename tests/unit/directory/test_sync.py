"""Carrying out what the directory says: whole or not at all, not too much at once, and nobody left behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from jinyun.access.models import ApiToken, PersonSession
from jinyun.app import wire_events
from jinyun.approvals import service as approvals
from jinyun.approvals.models import Assignment
from jinyun.audit.models import AuditRecord
from jinyun.connectors.directory import DirectoryDepartment, DirectoryPerson, DirectoryUnavailable, Snapshot
from jinyun.directory import sync_service as syncing
from jinyun.directory.models import DirectorySync
from jinyun.directory.plan import Plan
from jinyun.directory.states import HELD, IN_STEP
from jinyun.directory.sync import LeaseLost, Terms, fail, give_lease_back, look, synchronise, take_lease
from jinyun.directory.sync_service import NoDirectory, PlanChanged
from jinyun.directory.watcher import DirectoryWatcher
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import Forbidden
from jinyun.kit.paging import PageRequest
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.operations.models import Alarm
from jinyun.organisation.models import SERVICE, Department, Person, Project
from tests.bank import Bank, acting, found_bank

TERMS = Terms("worker-1", cap_percent=5.0, automatic=True)
SETTINGS = Settings(directory_url="ldaps://directory.example")


def crowd(size: int = 100) -> Snapshot:
    departments = (DirectoryDepartment("d", "all", "全行"), DirectoryDepartment("e", "below", "下属", "d", "p1"))
    people = tuple(
        DirectoryPerson(f"p{n}", f"login{n}", f"姓名{n}", f"{n}@bank", "e", "p0" if n else None) for n in range(size)
    )
    return Snapshot(departments, people)


def without(snapshot: Snapshot, count: int) -> Snapshot:
    return Snapshot(snapshot.departments, snapshot.people[: len(snapshot.people) - count])


def sync(database: Database, seen: Snapshot, terms: Terms = TERMS) -> Plan:
    database.write(lambda session: take_lease(session, "ldap", terms.holder))
    return database.write(partial(synchronise, seen=seen, source="ldap", terms=terms))


def active(database: Database) -> set[str]:
    return set(database.read(lambda session: list(session.scalars(select(Person.login).where(Person.active)))))


def state(database: Database) -> DirectorySync:
    return database.read(lambda session: session.get_one(DirectorySync, "ldap"))


def alarms(database: Database) -> list[str]:
    statement = select(Alarm.kind).where(Alarm.cleared_at.is_(None)).order_by(Alarm.kind)
    return database.read(lambda session: list(session.scalars(statement)))


@pytest.fixture
def bank(database: Database) -> Bank:
    wire_events()
    return database.write(found_bank)


def test_everybody_comes_in_with_one_record_each_and_one_for_all(database: Database) -> None:
    sync(database, crowd())
    assert len(active(database)) == 100
    statement = select(AuditRecord.action, func.count()).group_by(AuditRecord.action)
    actions = dict(database.read(lambda session: session.execute(statement).all()))
    assert actions == {"department.create": 2, "person.create": 100, "directory.sync": 1}
    paths = database.read(lambda session: set(session.scalars(select(Department.path))))
    assert paths == {"/all/", "/all/below/"}
    assert not sync(database, crowd()).changes
    assert state(database).state == IN_STEP


def test_a_service_account_is_nobody_of_the_directory(database: Database) -> None:
    """Whoever runs the directory neither becomes a program by its login, nor ends one."""
    sync(database, crowd())
    accounts = [("svc-pay", True), ("svc-old", False)]

    def add(session: Session) -> None:
        department = session.scalars(select(Department.id)).first() or ""
        for login, is_active in accounts:
            session.add(
                Person(login=login, name="程序", mail="", department_id=department, kind=SERVICE, active=is_active)
            )

    database.write(add)
    newcomers = (
        DirectoryPerson("x1", "svc-pay", "陈宇", "", "e"),
        DirectoryPerson("x2", "svc-old", "马超", "", "e"),
    )
    renamed = replace(crowd().people[5], login="svc-pay")
    seen = Snapshot(crowd().departments, (*crowd().people[:5], renamed, *crowd().people[6:], *newcomers))
    plan = sync(database, seen)
    assert [finding.text.en.partition(";")[0] for finding in plan.findings if "service" in finding.text.en] == [
        "The login svc-pay is a service account's",
        "The login svc-pay is a service account's",
        "The login svc-old is a service account's",
    ]
    sync(database, without(crowd(), 3))

    def programs(session: Session) -> list[tuple[object, ...]]:
        of_kind = select(Person.login, Person.active, Person.source).where(Person.kind == SERVICE).order_by(Person.id)
        return [tuple(row) for row in session.execute(of_kind)]

    assert database.read(programs) == [("svc-pay", True, None), ("svc-old", False, None)]
    assert "login5" in active(database)
    assert state(database).summary["people"] == 97


def test_logins_and_codes_are_swapped(database: Database) -> None:
    sync(database, crowd(3))
    first, second, third = crowd(3).people
    swapped = (first, replace(second, login="login2"), replace(third, login="login1"))
    departments = tuple(replace(each, code={"all": "below", "below": "all"}[each.code]) for each in crowd().departments)
    sync(database, Snapshot(departments, swapped))
    statement = select(Person.external_id, Person.login)
    logins = dict(database.read(lambda session: session.execute(statement).all()))
    assert logins == {"p0": "login0", "p1": "login2", "p2": "login1"}
    paths = database.read(lambda session: set(session.scalars(select(Department.path))))
    assert paths == {"/below/", "/below/all/"}


def test_too_much_at_once_waits_for_exactly_this_plan(database: Database, bank: Bank) -> None:
    sync(database, crowd())
    plan = sync(database, without(crowd(), 6))
    assert plan.summary.removed_percent == 6.0
    assert len(active(database) & {f"login{n}" for n in range(100)}) == 100
    assert state(database).state == HELD
    assert alarms(database) == ["directory-held"]

    sec = database.read(lambda session: acting(session, bank, "sec"))
    lines = database.read(lambda session: syncing.list_lines(session, sec, "change", PageRequest(limit=2)))
    assert "login94 is not there any more" in lines.items[0].text
    assert lines.next is not None
    with pytest.raises(PlanChanged):
        database.write(lambda session: syncing.confirm(session, sec, SETTINGS, "0" * 64))
    database.write(lambda session: syncing.confirm(session, sec, SETTINGS, plan.digest))

    sync(database, without(crowd(), 7))
    assert state(database).state == HELD, "another plan than the confirmed one"
    again = sync(database, without(crowd(), 7))
    database.write(lambda session: syncing.confirm(session, sec, SETTINGS, again.digest))
    sync(database, without(crowd(), 7))
    assert len(active(database) & {f"login{n}" for n in range(100)}) == 93
    assert state(database).state == IN_STEP
    assert not alarms(database)


def test_an_empty_directory_removes_nobody(database: Database) -> None:
    sync(database, crowd())
    sync(database, Snapshot((), ()))
    assert len(active(database)) == 100


def test_what_an_administrator_asks_for(database: Database, bank: Bank) -> None:
    sec = database.read(lambda session: acting(session, bank, "sec"))
    with pytest.raises(NoDirectory):
        database.write(lambda session: syncing.request(session, sec, SETTINGS, preview=False))
    by_hand = replace(TERMS, automatic=False)
    sync(database, crowd(), by_hand)
    assert "login1" not in active(database)
    database.write(lambda session: syncing.request(session, sec, SETTINGS, preview=True))
    sync(database, crowd(), by_hand)
    assert "login1" not in active(database)
    view = database.write(lambda session: syncing.request(session, sec, SETTINGS, preview=False))
    assert view.requested_at is not None
    assert view.summary.joining == 100
    sync(database, crowd(), by_hand)
    assert "login1" in active(database)
    assert database.read(lambda session: syncing.show(session, sec, SETTINGS)).requested_at is None


@pytest.mark.parametrize("login", ["sys", "aud", "otto", "alice"])
def test_only_security_administrators_deal_with_it(database: Database, bank: Bank, login: str) -> None:
    actor = database.read(lambda session: acting(session, bank, login))
    for deed in (
        lambda session: syncing.show(session, actor, SETTINGS),
        lambda session: syncing.list_lines(session, actor, "change", PageRequest()),
        lambda session: syncing.request(session, actor, SETTINGS, preview=True),
        lambda session: syncing.confirm(session, actor, SETTINGS, "0" * 64),
    ):
        with pytest.raises(Forbidden):
            database.write(deed)


def test_a_directory_that_is_down_removes_nobody_and_shows(database: Database, bank: Bank) -> None:
    sync(database, crowd())
    for _ in range(2):
        database.write(lambda session: fail(session, "ldap", TERMS.holder, Text("gone", "不可用")))
    assert alarms(database) == ["directory-down"]
    assert len(active(database) & {f"login{n}" for n in range(100)}) == 100
    sec = database.read(lambda session: acting(session, bank, "sec"))
    view = database.read(lambda session: syncing.show(session, sec, SETTINGS))
    assert view.problem == "gone"
    assert view.age_seconds is not None
    sync(database, crowd())
    assert not alarms(database)


def test_one_worker_at_a_time(database: Database) -> None:
    sync(database, crowd(3))
    assert not database.write(lambda session: take_lease(session, "ldap", "worker-2")).mine
    with pytest.raises(LeaseLost):
        database.write(partial(synchronise, seen=crowd(4), source="ldap", terms=replace(TERMS, holder="worker-2")))
    database.write(lambda session: session.execute(update(DirectorySync).values(lease_until=utc_now())))
    assert database.write(lambda session: take_lease(session, "ldap", "worker-2")).mine
    with pytest.raises(LeaseLost):
        database.write(partial(synchronise, seen=crowd(4), source="ldap", terms=TERMS))
    standing = database.read(lambda session: look(session, "ldap", TERMS.holder))
    assert standing is not None
    assert not standing.mine
    database.write(lambda session: give_lease_back(session, "ldap", "worker-2"))
    assert database.write(lambda session: take_lease(session, "ldap", TERMS.holder)).mine


def bring_in(database: Database, bank: Bank, *leavers: str) -> None:
    """Let the small bank come from the directory, without these."""
    logins = [login for login in bank.people if login not in leavers]
    managers = {"carl": "rita", "rita": "chief"}
    people = tuple(
        DirectoryPerson(login, login, login.title(), f"{login}@bank", "cards", managers.get(login)) for login in logins
    )
    departments = (
        DirectoryDepartment("head", "head", "Head", None, "chief"),
        DirectoryDepartment("retail", "retail", "Retail", "head", "rita"),
        DirectoryDepartment("cards", "cards", "Cards", "retail", "carl"),
    )
    sync(database, Snapshot(departments, people), replace(TERMS, cap_percent=100.0))


def open_request(database: Database, bank: Bank, applicant: str) -> str:
    def work(session: Session) -> str:
        project = session.get_one(Project, bank.projects["PAY"])
        request = approvals.ChainRequest("order", applicant, "a" * 64, project, {}, Text("order", "订单"))
        return approvals.open_chain(session, acting(session, bank, applicant), request).id

    return database.write(work)


def asked(database: Database) -> list[tuple[str | None, str | None]]:
    statement = select(Person.login, Assignment.role).select_from(Assignment).outerjoin(Assignment.person)
    return database.read(lambda session: [(login, role) for login, role in session.execute(statement)])


def test_a_leaver_loses_his_ways_in_and_his_to_dos_go_to_his_manager(database: Database, bank: Bank) -> None:
    bring_in(database, bank)
    open_request(database, bank, "alice")
    assert asked(database) == [("carl", None)]
    now, carl = utc_now(), bank.people["carl"]
    token = ApiToken(
        person_id=carl, name="t", taken_name="t", digest="d" * 64, actions=None, expires_at=now + timedelta(days=1)
    )
    opened = PersonSession(
        person_id=carl,
        kind="web",
        way="directory",
        digest="e" * 64,
        user_agent="",
        last_seen_at=now,
        expires_at=now + timedelta(days=1),
    )
    database.write(lambda session: session.add_all([token, opened]))
    bring_in(database, bank, "carl")
    assert asked(database) == [("rita", None)]
    left = database.read(lambda session: session.get_one(Person, bank.people["carl"]))
    assert not left.active
    assert left.left_at is not None
    ended = database.read(lambda session: session.scalars(select(ApiToken)).one())
    assert ended.revoked_at is not None
    assert ended.taken_name is None
    assert database.read(lambda session: session.scalars(select(PersonSession)).one()).ended_at is not None
    records = database.read(lambda session: list(session.scalars(select(AuditRecord.action))))
    assert "approval.hand-on" in records
    assert "person.remove" in records


def test_nobody_inherits_his_own_request(database: Database, bank: Bank) -> None:
    bring_in(database, bank)
    open_request(database, bank, "rita")
    assert asked(database) == [("carl", None)]
    bring_in(database, bank, "carl")
    assert asked(database) == [("chief", None)]


def test_where_nobody_is_above_the_administrators_decide(database: Database, bank: Bank) -> None:
    bring_in(database, bank)
    open_request(database, bank, "alice")
    bring_in(database, bank, "carl", "rita", "chief")
    assert asked(database) == [(None, "security_administrator")]


class Fake:
    """A directory that a test speaks for."""

    source = "ldap"

    def __init__(self) -> None:
        self.snapshot = crowd(10)
        self.down = False
        self.looks = 0
        self.enough: list[DirectoryWatcher] = []

    def read(self) -> Snapshot:
        if self.down:
            raise DirectoryUnavailable(Text("down", "不可用"))
        return self.snapshot

    def check(self, login: str, password: str) -> bool:
        return False

    @contextmanager
    def watch(self) -> Iterator["Fake"]:
        self.read()
        yield self

    def changed(self, _seconds: float) -> bool:
        self.looks += 1
        if self.looks == 1:
            self.snapshot = crowd(11)
            return True
        for watcher in self.enough:
            watcher.stop()
        return False


def test_the_watcher_follows_changes_and_gives_its_lease_back(database: Database) -> None:
    fake = Fake()
    watcher = DirectoryWatcher(database, lambda: fake, SETTINGS, "w")
    fake.enough.append(watcher)
    watcher.run()
    assert len(active(database)) == 11
    assert state(database).holder is None
