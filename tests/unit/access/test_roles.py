"""Giving and taking roles, and what takes two people."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from jinyun.access import bootstrap as first
from jinyun.access import grants, second_person, states
from jinyun.access.authority import allowed, grants_of
from jinyun.access.bootstrap import FIRST_THREE, BootstrapClosed, HostCannotConfirm, host_actor
from jinyun.access.errors import SessionNeeded
from jinyun.access.grants import LastSecurityAdministrator, NotGivenThere, Outcome, OwnRole, RolesExcludeEachOther
from jinyun.access.models import AccessChange, Bootstrap, LocalAccount, RoleGrant
from jinyun.access.roles import OPERATOR, SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR, THREE_ADMINISTRATORS
from jinyun.access.second_person import (
    AskedAlready,
    ChangeDecided,
    ChangeExpired,
    RequesterLost,
    SecondPersonNeeded,
)
from jinyun.audit.models import AuditRecord
from jinyun.kit.actor import Actor, WayIn
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import Forbidden, NotFound, Problem
from jinyun.kit.ids import new_id
from jinyun.organisation.models import Person, ProjectMember
from tests.bank import Bank, acting, found_bank
from tests.together import at_once

HOST = host_actor("root@host")
Result = TypeVar("Result")


class House:
    """The small bank with a second security administrator, `sue`, where wanted."""

    def __init__(self, database: Database) -> None:
        second_person.register(*grants.KINDS)
        self.database = database
        self.bank: Bank = database.write(found_bank)

    def second(self, login: str = "bob") -> None:
        """Make somebody a second security administrator, past all rules."""
        grant = RoleGrant(person_id=self.bank.people[login], role=SECURITY_ADMINISTRATOR, scope="system")
        self.database.write(lambda session: session.add(grant))

    def give(self, by: str, to: str, role: str, scope: str = "system", target: str = "") -> Outcome:
        """Give a role."""
        return self.as_(by, lambda session, actor: grants.give(session, actor, to, role, scope, target))

    def take(self, by: str, whose: str, role: str) -> Outcome:
        """Take a role."""
        person_id = self.bank.people[whose]
        of_person = select(RoleGrant.id).filter_by(person_id=person_id, role=role)
        return self.as_(by, lambda s, actor: grants.take(s, actor, s.scalars(of_person).one()))

    def confirm(self, by: str, outcome: Outcome) -> AccessChange:
        """Confirm what was asked for."""
        return self.as_(by, lambda session, actor: second_person.confirm(session, actor, change_of(outcome)))

    def as_(self, login: str, work: Callable[[Session, Actor], Result]) -> Result:
        """Do something as somebody, with the grants that he has now."""
        return self.database.write(lambda session: work(session, acting(session, self.bank, login)))

    def roles(self, login: str) -> set[str]:
        """Return what he was given."""
        held = select(RoleGrant.role).where(RoleGrant.person_id == self.bank.people[login])
        return self.database.read(lambda session: set(session.scalars(held)))

    def noted(self, action: str) -> list[AuditRecord]:
        """Return what the log says of an action."""
        return self.database.read(lambda session: list(session.scalars(select(AuditRecord).filter_by(action=action))))


def change_of(outcome: Outcome) -> str:
    assert outcome.change is not None
    return outcome.change.id


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def test_a_security_administrator_gives_and_takes_with_a_record_each(house: House) -> None:
    given = house.give("sec", "bob", "department_administrator", "department", "retail")
    assert given.grant is not None
    assert given.change is None
    again = house.give("sec", "bob", "department_administrator", "department", "retail")
    assert again.grant is not None
    assert again.grant.id == given.grant.id
    (record,) = house.noted("role.give")
    assert (record.actor_login, record.subject_name) == ("sec", "bob")
    assert record.after == {"role": "department_administrator", "scope": "department", "at": "retail"}
    assert house.take("sec", "bob", "department_administrator") == Outcome()
    assert house.roles("bob") == set()
    assert len(house.noted("role.take")) == 1


@pytest.mark.parametrize("login", ["sys", "aud", "otto", "alice", "chief"])
def test_nobody_else_gives_or_takes(house: House, login: str) -> None:
    with pytest.raises(Forbidden):
        house.give(login, "bob", OPERATOR)
    with pytest.raises(Forbidden):
        house.take(login, "otto", OPERATOR)


@pytest.mark.parametrize("role", [OPERATOR, SYSTEM_ADMINISTRATOR, SECURITY_ADMINISTRATOR])
def test_nobody_gives_himself_anything(house: House, role: str) -> None:
    with pytest.raises(OwnRole):
        house.give("sec", "sec", role)


@pytest.mark.parametrize(
    ("role", "scope", "target", "problem"),
    [
        (OPERATOR, "project", "PAY", NotGivenThere),
        ("user", "system", "", NotGivenThere),
        ("department_administrator", "project", "PAY", NotGivenThere),
        (SYSTEM_ADMINISTRATOR, "department", "retail", NotGivenThere),
        ("owner", "project", "PAY", NotGivenThere),
        ("user", "project", "nothing", NotFound),
        ("user", "department", "PAY", NotFound),
    ],
)
def test_a_role_is_given_only_where_it_belongs(
    house: House, role: str, scope: str, target: str, problem: type[Problem]
) -> None:
    with pytest.raises(problem):
        house.give("sec", "bob", role, scope, target)


def test_a_role_is_for_somebody_who_works_here(house: House) -> None:
    with pytest.raises(NotFound):
        house.give("sec", "nobody", OPERATOR)
    house.database.write(lambda s: s.execute(update(Person).where(Person.login == "bob").values(active=False)))
    with pytest.raises(NotFound):
        house.give("sec", "bob", OPERATOR)


@pytest.mark.parametrize("administrator", ["sys", "aud"])
def test_one_of_the_three_is_given_nothing_else(house: House, administrator: str) -> None:
    for role in (OPERATOR, *THREE_ADMINISTRATORS - house.roles(administrator)):
        with pytest.raises(RolesExcludeEachOther):
            house.give("sec", administrator, role)
    with pytest.raises(RolesExcludeEachOther):
        house.give("sec", administrator, "user", "project", "PAY")


def test_whoever_has_a_role_does_not_become_one_of_the_three(house: House) -> None:
    with pytest.raises(RolesExcludeEachOther):
        house.give("sec", "otto", SYSTEM_ADMINISTRATOR)


def test_membership_gives_one_of_the_three_nothing(house: House) -> None:
    aud = house.bank.people["aud"]
    member = ProjectMember(project_id=house.bank.projects["PAY"], person_id=aud)
    house.database.write(lambda session: session.add(member))
    held = house.database.read(lambda session: grants_of(session, aud))
    assert [grant.role for grant in held] == ["audit_administrator"]


def test_one_of_the_three_takes_two_people(house: House) -> None:
    house.second("rita")
    asked = house.give("sec", "bob", SYSTEM_ADMINISTRATOR)
    assert asked.grant is None
    assert house.roles("bob") == set()
    with pytest.raises(AskedAlready):
        house.give("rita", "bob", SYSTEM_ADMINISTRATOR)
    with pytest.raises(SecondPersonNeeded):
        house.confirm("sec", asked)
    with pytest.raises(Forbidden):
        house.confirm("sys", asked)
    assert house.roles("bob") == set()
    assert house.confirm("rita", asked).state == states.CONFIRMED
    assert house.roles("bob") == {SYSTEM_ADMINISTRATOR}
    assert [record.actor_login for record in house.noted("change.ask")] == ["sec"]
    assert [record.actor_login for record in house.noted("change.confirm")] == ["rita"]


def test_whom_it_concerns_is_not_the_second_person(house: House) -> None:
    house.second("rita")
    asked = house.take("sec", "rita", SECURITY_ADMINISTRATOR)
    with pytest.raises(SecondPersonNeeded):
        house.confirm("rita", asked)
    house.second("bob")
    house.confirm("bob", asked)
    assert house.roles("rita") == set()


def test_nothing_is_decided_twice_and_the_second_hears_who_was_first(house: House) -> None:
    house.second("rita")
    asked = house.give("sec", "bob", SYSTEM_ADMINISTRATOR)
    house.confirm("rita", asked)
    for again in (second_person.confirm, partial(second_person.refuse, reason="no")):
        with pytest.raises(ChangeDecided) as told:
            house.as_("rita", partial(again, change_id=change_of(asked)))
        assert told.value.values["login"] == "rita"
        assert str(told.value.values["when"]).startswith("20")


def test_of_many_who_confirm_at_once_one_does(house: House) -> None:
    house.second("rita")
    asked = house.give("sec", "bob", SYSTEM_ADMINISTRATOR)
    told = at_once(6, lambda _: house.confirm("rita", asked).state)
    assert sorted(map(str, told)) == ["change-decided"] * 5 + [states.CONFIRMED]
    assert house.roles("bob") == {SYSTEM_ADMINISTRATOR}
    assert len(house.noted("role.give")) == 1


def test_a_refused_change_can_be_asked_for_anew(house: House) -> None:
    house.second("rita")
    asked = house.give("sec", "bob", SYSTEM_ADMINISTRATOR)
    refused = house.as_("sec", lambda s, a: second_person.refuse(s, a, change_of(asked), "a mistake"))
    assert (refused.state, refused.reason, refused.decided_login) == (states.REFUSED, "a mistake", "sec")
    with pytest.raises(ChangeDecided):
        house.confirm("rita", asked)
    house.confirm("rita", house.give("sec", "bob", SYSTEM_ADMINISTRATOR))


def test_what_nobody_decides_in_time_is_over(house: House) -> None:
    house.second("rita")
    asked = house.give("sec", "bob", SYSTEM_ADMINISTRATOR)
    past = utc_now() - timedelta(seconds=1)
    house.database.write(lambda session: session.execute(update(AccessChange).values(expires_at=past)))
    with pytest.raises(ChangeExpired):
        house.confirm("rita", asked)
    house.confirm("rita", house.give("sec", "bob", SYSTEM_ADMINISTRATOR))
    counted = select(AccessChange.state, func.count()).group_by(AccessChange.state)
    kept = house.database.read(lambda session: dict(session.execute(counted).all()))
    assert kept == {states.EXPIRED: 1, states.CONFIRMED: 1}


def test_rules_hold_again_when_it_is_confirmed(house: House) -> None:
    house.second("rita")
    asked = house.give("sec", "bob", SYSTEM_ADMINISTRATOR)
    house.give("sec", "bob", OPERATOR)
    with pytest.raises(RolesExcludeEachOther):
        house.confirm("rita", asked)
    assert house.roles("bob") == {OPERATOR}


@pytest.mark.parametrize("how", ["left", "dismissed"])
def test_a_wish_ends_with_the_power_of_who_had_it(house: House, how: str) -> None:
    house.second("rita")
    asked = house.give("sec", "bob", SYSTEM_ADMINISTRATOR)
    sec = house.bank.people["sec"]
    gone = update(Person).where(Person.id == sec).values(active=False)
    if how == "dismissed":
        gone = update(RoleGrant).where(RoleGrant.person_id == sec).values(role=OPERATOR)
    house.database.write(lambda session: session.execute(gone))
    with pytest.raises(RequesterLost):
        house.confirm("rita", asked)


def test_two_wishes_that_exclude_each_other_do_not_both_come_true(house: House) -> None:
    house.second("rita")
    wishes = [house.give("sec", "bob", role) for role in (SYSTEM_ADMINISTRATOR, "audit_administrator")]
    told = at_once(2, lambda number: house.confirm("rita", wishes[number]).state)
    assert sorted(map(str, told)) == [states.CONFIRMED, "roles-exclude-each-other"]


def test_the_last_security_administrator_stays(house: House) -> None:
    with pytest.raises(LastSecurityAdministrator):
        house.take("sec", "sec", SECURITY_ADMINISTRATOR)
    house.second("rita")
    house.confirm("rita", house.take("sec", "sec", SECURITY_ADMINISTRATOR))
    assert house.roles("sec") == set()
    with pytest.raises(LastSecurityAdministrator):
        house.take("rita", "rita", SECURITY_ADMINISTRATOR)


def test_a_token_is_no_second_person(house: House) -> None:
    house.second("rita")
    asked = house.give("sec", "bob", SYSTEM_ADMINISTRATOR)
    token = WayIn("token", new_id(), frozenset({"role.manage", "role.read"}))

    def confirm(session: Session, actor: Actor) -> AccessChange:
        return second_person.confirm(session, replace(actor, way_in=token), change_of(asked))

    with pytest.raises(SessionNeeded):
        house.as_("rita", confirm)
    assert house.roles("bob") == set()


def test_security_administrators_who_go_at_once_do_not_all_go(house: House) -> None:
    house.second("rita")
    house.second("bob")
    asked = [house.take("sec", whose, SECURITY_ADMINISTRATOR) for whose in ("rita", "bob", "sec")]
    confirming = [house.as_(login, lambda _, actor: actor) for login in ("bob", "rita", "rita")]

    def confirm(number: int) -> str:
        change_id = change_of(asked[number])
        return house.database.write(lambda s: second_person.confirm(s, confirming[number], change_id).state)

    at_once(3, confirm)
    assert house.database.write(grants.count_security_administrators) >= 1


def test_somebody_who_left_is_no_security_administrator(house: House) -> None:
    house.second("rita")
    house.database.write(lambda s: s.execute(update(Person).where(Person.login == "rita").values(active=False)))
    with pytest.raises(LastSecurityAdministrator):
        house.take("sec", "sec", SECURITY_ADMINISTRATOR)


def test_the_host_confirms_the_second_security_administrator_and_nothing_else(house: House) -> None:
    def on_host(outcome: Outcome) -> str:
        return house.database.write(lambda s: first.confirm_on_host(s, HOST, change_of(outcome)).state)

    another = house.give("sec", "alice", SYSTEM_ADMINISTRATOR)
    with pytest.raises(HostCannotConfirm):
        on_host(another)
    wanted = house.give("sec", "bob", SECURITY_ADMINISTRATOR)
    assert on_host(wanted) == states.CONFIRMED
    assert house.roles("bob") == {SECURITY_ADMINISTRATOR}
    (record,) = house.noted("change.confirm")
    assert (record.actor_id, record.actor_login, record.source_address) == (None, "root@host", "host")
    third = house.give("sec", "carl", SECURITY_ADMINISTRATOR)
    with pytest.raises(HostCannotConfirm):
        on_host(third)
    with pytest.raises(ChangeDecided):
        on_host(wanted)


PASSWORDS = {person.login: f"password of {person.login}" for person in FIRST_THREE}


def test_the_first_three_are_made_once(database: Database) -> None:
    people = database.write(lambda session: first.bootstrap(session, HOST, PASSWORDS))
    held = database.read(lambda session: [grants_of(session, person.id) for person in people])
    assert {grant.role for grants_held in held for grant in grants_held} == THREE_ADMINISTRATORS
    assert database.read(lambda session: session.scalar(select(func.count()).select_from(LocalAccount))) == 3
    with pytest.raises(BootstrapClosed):
        database.write(lambda session: first.bootstrap(session, HOST, PASSWORDS))


def test_of_two_bootstraps_at_once_one_comes_through(database: Database) -> None:
    told = at_once(4, lambda _: len(database.write(lambda session: first.bootstrap(session, HOST, PASSWORDS))))
    assert sorted(map(str, told)) == ["3", *["bootstrap-closed"] * 3]
    assert database.read(lambda session: session.scalar(select(func.count()).select_from(RoleGrant))) == 3


def test_where_there_is_an_administrator_already_there_is_no_bootstrap(house: House) -> None:
    with pytest.raises(BootstrapClosed):
        house.database.write(lambda session: first.bootstrap(session, HOST, PASSWORDS))


def test_a_bootstrap_that_fails_leaves_nothing_and_stays_open(database: Database) -> None:
    with pytest.raises(KeyError):
        database.write(lambda session: first.bootstrap(session, HOST, {}))
    assert database.read(lambda session: session.scalar(select(func.count()).select_from(Bootstrap))) == 0
    assert database.read(lambda session: session.scalar(select(func.count()).select_from(Person))) == 0
    database.write(lambda session: first.bootstrap(session, HOST, PASSWORDS))


def test_department_power_ends_at_the_department(house: House) -> None:
    house.give("sec", "bob", "department_administrator", "department", "retail")

    def reach(session: Session) -> list[bool]:
        bob = acting(session, house.bank, "bob")
        paths = ("/head/", "/head/retail/", "/head/retail/cards/", "/head/retail-else/")
        return [allowed(session, bob, "quota.manage", department_path=path) for path in paths]

    assert house.database.read(reach) == [False, True, True, False]
