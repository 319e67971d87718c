"""Giving and taking roles: by security administrators, never to oneself, and of the three never alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access import second_person
from jinyun.access.authority import authorise
from jinyun.access.models import AccessChange, RoleGrant
from jinyun.access.roles import GIVEN_AT, SECURITY_ADMINISTRATOR, THREE_ADMINISTRATORS
from jinyun.access.second_person import ChangeKind
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound, Problem
from jinyun.kit.texts import Text
from jinyun.organisation.models import Department, Person, Project
from jinyun.organisation.people import find_person

SYSTEM = "system"


class RolesExcludeEachOther(Problem):
    """Each of the three administrators is that alone: no other of them, and nothing else."""

    status = 409
    detail = Text(
        "{login} is {held}; a {role} must be another person.",
        "{login} 已是 {held}；{role} 必须由其他人担任（三员分立）。",
    )
    hint = Text("Give the role to somebody else.", "请将该角色授予其他人员。")


class OwnRole(Problem):
    """Nobody gives a role to himself."""

    status = 403
    detail = Text("Nobody gives himself a role.", "任何人不得为自己授予角色。")
    hint = Text("Ask another security administrator.", "请联系另一位安全管理员。")


class NotGivenThere(Problem):
    """The role is not given at this scope."""

    status = 422
    detail = Text(
        "The role {role} is not given at a {scope}; possible: {scopes}.",
        "角色 {role} 不能授予到 {scope}；可选：{scopes}。",
    )
    hint = Text("See the access table in the documentation.", "请参阅文档中的权限表。")


class LastSecurityAdministrator(Problem):
    """Without a security administrator nobody could give a role ever again."""

    status = 409
    detail = Text("{login} is the last security administrator.", "{login} 是最后一位安全管理员。")
    hint = Text("Make somebody else one first.", "请先任命其他人员为安全管理员。")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a role holds: the whole system, a department with all below it, or an application system."""

    scope: str
    id: str = ""
    code: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a wish: a grant, or a change that waits for its second person, or (taken at once) neither."""

    grant: RoleGrant | None = None
    change: AccessChange | None = None


def give(session: Session, actor: Actor, login: str, role: str, scope: str, target: str = "") -> Outcome:
    """Give a role, or ask for it where it is one of the three; what he has already is left as it is.

    Args:
        target: code of the department or application system, where `scope` is one.

    Raises:
        Forbidden: only security administrators give roles.
        NotFound: nobody has this login, or nothing this code.
        OwnRole, NotGivenThere, RolesExcludeEachOther: this role cannot be given to him there.
        AskedAlready: it was asked for already.
    """
    authorise(session, actor, "role.manage")
    person, place = _person_of(session, login), _place_of(session, scope, target)
    if person.id == actor.person_id:
        raise OwnRole
    if place.scope not in GIVEN_AT[role]:
        possible = ", ".join(GIVEN_AT[role]) or "-"
        raise NotGivenThere(field="scope", role=role, scope=place.scope, scopes=possible)
    present = _grant(session, person.id, role, place)
    if present is not None:
        return Outcome(grant=present)
    if role in THREE_ADMINISTRATORS:
        content = _content(person, role)
        return Outcome(change=second_person.propose(session, actor, GIVE, content, concerns_id=person.id))
    return Outcome(grant=enter(session, actor, person, role, place))


def take(session: Session, actor: Actor, grant_id: str) -> Outcome:
    """Take a role away, or ask for it where it is one of the three.

    Raises:
        Forbidden, NotFound: he may not, or there is no such grant.
        LastSecurityAdministrator: it is the last one's.
        AskedAlready: it was asked for already.
    """
    authorise(session, actor, "role.manage")
    grant = session.get(RoleGrant, grant_id, with_for_update=True)
    if grant is None:
        raise NotFound(kind="role grant", name=grant_id)
    person = session.get_one(Person, grant.person_id)
    if grant.role in THREE_ADMINISTRATORS:
        content = _content(person, grant.role)
        return Outcome(change=second_person.propose(session, actor, TAKE, content, concerns_id=person.id))
    _remove(session, actor, person, grant)
    return Outcome()


def enter(session: Session, actor: Actor, person: Person, role: str, place: Place) -> RoleGrant:
    """Write a grant down; that `actor` may is checked. A second time changes nothing.

    Raises:
        RolesExcludeEachOther: what he is excludes it, or it what he is.
    """
    refuse_excluded(session, person, role)
    present = _grant(session, person.id, role, place)
    if present is not None:
        return present
    grant = RoleGrant(person_id=person.id, role=role, scope=place.scope, scope_id=place.id)
    session.add(grant)
    session.flush()
    after = {"role": role, "scope": place.scope, "at": place.code}
    audit.record(session, actor, "role.give", ("person", person.id, person.login), after=after)
    return grant


def refuse_excluded(session: Session, person: Person, role: str) -> None:
    """Lock the person, so that two grants see each other, and let pass what his roles do not exclude.

    Raises:
        RolesExcludeEachOther.
    """
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())
    others = select(RoleGrant.role).where(RoleGrant.person_id == person.id, RoleGrant.role != role)
    for held in sorted(set(session.scalars(others))):
        if {role, held} & THREE_ADMINISTRATORS:
            raise RolesExcludeEachOther(login=person.login, held=held, role=role)


def count_security_administrators(session: Session, *, but: str = "") -> int:
    """Return how many people who work here are security administrators, one left out; their grants are locked."""
    held = select(RoleGrant).where(RoleGrant.role == SECURITY_ADMINISTRATOR).order_by(RoleGrant.id).with_for_update()
    ids = [grant.person_id for grant in session.scalars(held) if grant.person_id != but]
    return len(list(session.scalars(select(Person.id).where(Person.id.in_(ids), Person.active))))


def _place_of(session: Session, scope: str, target: str) -> Place:
    """Return the place that a scope and a code name. Raises NotFound."""
    if scope == SYSTEM:
        return Place(SYSTEM)
    if scope == "department":
        row: Department | Project | None = session.scalar(select(Department).where(Department.code == target))
    else:
        row = session.scalar(select(Project).where(Project.code == target))
    if row is None:
        kind = "department" if scope == "department" else "application system"
        raise NotFound(field="target", kind=kind, name=target)
    return Place(scope, row.id, row.code, row.name)


def _person_of(session: Session, login: str) -> Person:
    """Return somebody who works here. Raises NotFound."""
    person = find_person(session, login, programs=True)
    if person is None:
        raise NotFound(field="login", kind="person", name=login)
    return person


def _grant(session: Session, person_id: str, role: str, place: Place) -> RoleGrant | None:
    same = select(RoleGrant).filter_by(person_id=person_id, role=role, scope=place.scope, scope_id=place.id)
    return session.scalar(same)


def _remove(session: Session, actor: Actor, person: Person, grant: RoleGrant) -> None:
    session.delete(grant)
    before = {"role": grant.role, "scope": grant.scope, "scope_id": grant.scope_id}
    audit.record(session, actor, "role.take", ("person", person.id, person.login), before=before)


def _content(person: Person, role: str) -> dict[str, str]:
    return {"person_id": person.id, "login": person.login, "role": role}


def _person(session: Session, content: Mapping[str, Any]) -> Person:
    person = session.get(Person, content["person_id"])
    if person is None or not person.active:
        raise NotFound(kind="person", name=content["login"])
    return person


def _check_giving(session: Session, content: Mapping[str, Any]) -> None:
    refuse_excluded(session, _person(session, content), content["role"])


def _apply_giving(session: Session, actor: Actor, content: Mapping[str, Any]) -> None:
    enter(session, actor, _person(session, content), content["role"], Place(SYSTEM))


def _check_taking(session: Session, content: Mapping[str, Any]) -> None:
    last = not count_security_administrators(session, but=content["person_id"])
    if content["role"] == SECURITY_ADMINISTRATOR and last:
        raise LastSecurityAdministrator(login=content["login"])


def _apply_taking(session: Session, actor: Actor, content: Mapping[str, Any]) -> None:
    grant = _grant(session, content["person_id"], content["role"], Place(SYSTEM))
    if grant is not None:
        _remove(session, actor, session.get_one(Person, content["person_id"]), grant)


GIVE = ChangeKind(
    "role.give",
    "role.manage",
    Text("{login} becomes {role}", "任命 {login} 为{role}"),
    _check_giving,
    _apply_giving,
)
TAKE = ChangeKind(
    "role.take",
    "role.manage",
    Text("{login} is {role} no longer", "免去 {login} 的{role}"),
    _check_taking,
    _apply_taking,
)
KINDS = (GIVE, TAKE)
