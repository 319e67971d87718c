"""Signing in with a local account, and tokens."""

import hashlib
import secrets
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.models import ApiToken, LocalAccount, RoleGrant
from jinyun.access.roles import APPROVER, THREE_ADMINISTRATORS, USER
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor, Grant
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text
from jinyun.organisation.models import Department, Person, Project, ProjectMember

_hasher = PasswordHasher()
_DECOY = _hasher.hash(secrets.token_urlsafe())
TOKEN_PREFIX = "jy_"  # noqa: S105 - lets secret scanners know our tokens


class WrongCredentials(Problem):
    """Login and password do not belong together; which of them is wrong stays untold."""

    status = 401
    detail = Text("Login or password is wrong.", "用户名或密码错误。")
    hint = Text("Try again, or ask a security administrator.", "请重试，或联系安全管理员。")


class NotSignedIn(Problem):
    """No token, or one that is unknown, expired or revoked."""

    status = 401
    detail = Text("You are not signed in, or your session has ended.", "您尚未登录，或会话已结束。")
    hint = Text("Sign in again (`jinyun login`).", "请重新登录（`jinyun login`）。")


class RolesExcludeEachOther(Problem):
    """System, security and audit administrator must be three different people."""

    status = 409
    detail = Text(
        "{login} is {held}; a {role} must be another person.",
        "{login} 已是 {held}；{role} 必须由其他人担任（三员分立）。",
    )
    hint = Text("Give the role to somebody else.", "请将该角色授予其他人员。")


def set_password(session: Session, person_id: str, password: str) -> None:
    """Give a person a local account, or a new password."""
    account = session.get(LocalAccount, person_id)
    if account is None:
        session.add(LocalAccount(person_id=person_id, password_hash=_hasher.hash(password)))
    else:
        account.password_hash = _hasher.hash(password)


def sign_in(session: Session, caller: Actor, login: str, password: str, *, lifetime: timedelta) -> tuple[str, ApiToken]:
    """Check a local account and return a new token, in clear and as its row.

    Raises:
        WrongCredentials: they do not belong together, or the person is gone.
    """
    person = session.scalar(select(Person).where(Person.login == login, Person.active))
    account = session.get(LocalAccount, person.id) if person else None
    try:
        _hasher.verify(account.password_hash if account else _DECOY, password)
    except (VerifyMismatchError, InvalidHashError):
        raise WrongCredentials from None
    if person is None:
        raise WrongCredentials
    clear = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(person_id=person.id, name="sign-in", digest=_token_digest(clear), expires_at=utc_now() + lifetime)
    session.add(token)
    session.flush()
    signed_in = Actor(
        person.id, person.login, person.name, (), caller.language, caller.source_address, caller.request_id
    )
    audit.record(session, signed_in, "session.open", ("person", person.id, person.login))
    return clear, token


def sign_out(session: Session, actor: Actor, clear: str) -> None:
    """End a token; it works nowhere from the moment this is committed."""
    token = session.scalar(select(ApiToken).where(ApiToken.digest == _token_digest(clear)))
    if token is not None and token.revoked_at is None:
        token.revoked_at = utc_now()
        audit.record(session, actor, "session.close", ("person", token.person_id, actor.login))


def person_of_token(session: Session, clear: str) -> Person:
    """Return whose token this is.

    Raises:
        NotSignedIn: unknown, expired or revoked, or its person left.
    """
    token = session.scalar(select(ApiToken).where(ApiToken.digest == _token_digest(clear)))
    if token is None or token.revoked_at is not None or token.expires_at <= utc_now():
        raise NotSignedIn
    person = session.get(Person, token.person_id)
    if person is None or not person.active:
        raise NotSignedIn
    return person


def grants_of(session: Session, person_id: str) -> tuple[Grant, ...]:
    """Return a person's grants: those given, those of a project's member or owner, those of a department's head."""
    paths = dict(session.execute(select(Department.id, Department.path)).all())
    given = session.scalars(select(RoleGrant).where(RoleGrant.person_id == person_id))
    grants = [Grant(row.role, row.scope, row.scope_id or None, paths.get(row.scope_id)) for row in given]
    member = select(ProjectMember.project_id).where(ProjectMember.person_id == person_id)
    owner = select(Project.id).where(Project.owner_id == person_id)
    grants += [Grant(USER, "project", project_id) for project_id in session.scalars(member.union(owner))]
    headed = session.execute(select(Department.id, Department.path).where(Department.manager_id == person_id))
    grants += [Grant(APPROVER, "department", department_id, path) for department_id, path in headed]
    return tuple(grants)


def give_role(session: Session, actor: Actor, person: Person, role: str, scope: str, scope_id: str = "") -> None:
    """Give a role; a second time changes nothing.

    Raises:
        RolesExcludeEachOther: he already is another of the three administrators.
    """
    held = set(session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == person.id)))
    excluded = (held & THREE_ADMINISTRATORS) - {role}
    if role in THREE_ADMINISTRATORS and excluded:
        raise RolesExcludeEachOther(login=person.login, held=next(iter(excluded)), role=role)
    same = select(RoleGrant).filter_by(person_id=person.id, role=role, scope=scope, scope_id=scope_id)
    if session.scalar(same) is None:
        session.add(RoleGrant(person_id=person.id, role=role, scope=scope, scope_id=scope_id))
        after = {"role": role, "scope": scope, "scope_id": scope_id}
        audit.record(session, actor, "role.give", ("person", person.id, person.login), after=after)


def _token_digest(clear: str) -> str:
    return hashlib.sha256(clear.encode()).hexdigest()
