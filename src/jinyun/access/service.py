"""Signing in with a local account, and tokens."""

import hashlib
import secrets
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.models import ApiToken, LocalAccount
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text
from jinyun.organisation.models import Person

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


def _token_digest(clear: str) -> str:
    return hashlib.sha256(clear.encode()).hexdigest()
