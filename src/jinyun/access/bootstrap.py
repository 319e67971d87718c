"""The first three administrators, made on the host; afterwards the way is closed for good."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access import second_person
from jinyun.access.events import AdministratorRecovered
from jinyun.access.grants import GIVE, Place, count_security_administrators, enter
from jinyun.access.models import AccessChange, Bootstrap, RoleGrant
from jinyun.access.passwords import set_password
from jinyun.access.roles import (
    AUDIT_ADMINISTRATOR,
    SECURITY_ADMINISTRATOR,
    SYSTEM_ADMINISTRATOR,
    THREE_ADMINISTRATORS,
)
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import AlreadyExists, NotFound, Problem
from jinyun.kit.events import publish
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique
from jinyun.organisation.models import Department, Person
from jinyun.organisation.people import find_person

HOST, BANK_FILE = "host", "bank-file"
NEEDED = 2
"""Security administrators, for one to ask and another to confirm."""
OFFICE = Text("Platform administration", "平台管理")
OFFICE_CODE = "platform-administration"


class BootstrapClosed(Problem):
    """This installation has had its first administrators."""

    status = 409
    detail = Text("This installation has had its first administrators.", "本系统已完成初始化，首批管理员已产生。")
    hint = Text("Security administrators give roles: `jinyun role give`.", "角色由安全管理员授予：`jinyun role give`。")


class HostCannotConfirm(Problem):
    """On the host only the second security administrator can be confirmed, while there is none."""

    status = 403
    detail = Text(
        "On the host only a second security administrator can be confirmed, while there are fewer than two.",
        "仅当安全管理员不足两人时，才可在主机上确认任命另一位安全管理员。",
    )
    hint = Text("Have a second security administrator confirm it.", "请由另一位安全管理员确认。")


class StillAdministered(Problem):
    """There is a security administrator, who gives roles."""

    status = 409
    detail = Text("There still is a security administrator.", "仍有安全管理员在任。")
    hint = Text("Roles are given by him: `jinyun role give`.", "请由其授予角色：`jinyun role give`。")


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """Somebody to begin with."""

    role: str
    login: str
    name: Text


FIRST_THREE = (
    FirstPerson(SYSTEM_ADMINISTRATOR, "system-administrator", Text("System administrator", "系统管理员")),
    FirstPerson(SECURITY_ADMINISTRATOR, "security-administrator", Text("Security administrator", "安全管理员")),
    FirstPerson(AUDIT_ADMINISTRATOR, "audit-administrator", Text("Audit administrator", "审计管理员")),
)


def host_actor(account: str) -> Actor:
    """Return who acts on the host itself, for the log; he has no grants."""
    return Actor(person_id=None, login=account, name=account, source_address="host")


def bootstrap(session: Session, actor: Actor, passwords: Mapping[str, str]) -> list[Person]:
    """Make the three administrators with these passwords (by login), and close the way.

    Raises:
        BootstrapClosed: that was done before, or somebody is one of them already.
        AlreadyExists: somebody has one of the logins.
    """
    if session.scalar(select(RoleGrant.id).where(RoleGrant.role.in_(THREE_ADMINISTRATORS)).limit(1)) is not None:
        raise BootstrapClosed
    close(session, actor, HOST)
    office = _office(session)
    people = [_admit(session, actor, first, office, passwords[first.login]) for first in FIRST_THREE]
    session.flush()
    return people


def close(session: Session, actor: Actor, origin: str) -> None:
    """Note that there are first administrators, for good. Raises BootstrapClosed."""
    add_unique(session, Bootstrap(id=1, origin=origin), BootstrapClosed())
    audit.record(session, actor, "bootstrap.close", ("bootstrap", "1", origin))


def origin_of_administrators(session: Session) -> str | None:
    """Return how the first administrators came to be, or None while there are none."""
    return session.scalar(select(Bootstrap.origin).where(Bootstrap.id == 1))


def confirm_on_host(session: Session, actor: Actor, change_id: str) -> AccessChange:
    """Confirm, as root of the host, that somebody becomes the second security administrator.

    Raises:
        NotFound, ChangeDecided, ChangeExpired, RequesterLost: there is nothing to confirm.
        HostCannotConfirm: it is another change, or there are two already.
    """
    change = second_person.locked(session, change_id)
    wanted = change.kind == GIVE.kind and change.content["role"] == SECURITY_ADMINISTRATOR
    if not wanted or count_security_administrators(session) >= NEEDED:
        raise HostCannotConfirm
    second_person.carry_out(session, actor, change)
    return change


def recover(session: Session, actor: Actor, login: str, password: str) -> Person:
    """Make somebody a security administrator, as root of the host, where there is none left who works here.

    He gets a password of his own for once; operators get an alarm.

    Raises:
        NotFound: nobody who works here has this login.
        StillAdministered: there is a security administrator.
        RolesExcludeEachOther: he has a role that excludes it.
    """
    if count_security_administrators(session):
        raise StillAdministered
    person = find_person(session, login)
    if person is None:
        raise NotFound(kind="person", name=login)
    enter(session, actor, person, SECURITY_ADMINISTRATOR, Place("system"))
    set_password(session, person.id, password, must_change=True)
    audit.record(session, actor, "bootstrap.recover", ("person", person.id, person.login))
    publish(session, AdministratorRecovered(person.login, actor.login))
    return person


def _office(session: Session) -> Department:
    office = session.scalar(select(Department).where(Department.code == OFFICE_CODE))
    if office is None:
        office = Department(code=OFFICE_CODE, name=_both(OFFICE), path=f"/{OFFICE_CODE}/")
        session.add(office)
        session.flush()
    return office


def _admit(session: Session, actor: Actor, first: FirstPerson, office: Department, password: str) -> Person:
    person = Person(login=first.login, name=_both(first.name), mail="", department=office)
    add_unique(session, person, AlreadyExists(field="login", kind="person", name=first.login))
    audit.record(session, actor, "person.create", ("person", person.id, person.login), after={"name": person.name})
    set_password(session, person.id, password, must_change=True)
    enter(session, actor, person, first.role, Place("system"))
    return person


def _both(name: Text) -> str:
    return f"{name.zh} {name.en}"
