"""Tokens: ways in for programs, limited to actions, application systems and a time, revoked at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from jinyun.access.authority import visible
from jinyun.access.digests import TOKEN_PREFIX, digest, new_secret
from jinyun.access.errors import NotSignedIn
from jinyun.access.models import ApiToken
from jinyun.access.roles import ACTIONS
from jinyun.access.sessions import require_session
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import AlreadyExists, InvalidField, NotFound
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique
from jinyun.organisation.models import Person, Project

TOUCH_EVERY = timedelta(minutes=1)
NO_ACTION = Text("There is no action {action}.", "没有操作 {action}。")
NO_SYSTEM = Text(
    "There is no application system {code}, or you may not see it.", "应用系统 {code} 不存在，或您无权查看。"
)
PAST = Text("It must lie in the future.", "必须是将来的时间。")
TOO_LATE = Text("A token lives for {days} days at most.", "令牌有效期最长 {days} 天。")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a token is to be."""

    name: str
    actions: Sequence[str]
    expires_at: datetime
    projects: Sequence[str] | None = None
    """Codes of application systems; None for all that its person reaches."""


def make(session: Session, actor: Actor, person: Person, wish: Wish, settings: Settings) -> tuple[str, ApiToken]:
    """Make a token for a person: the actor, or a program that he answers for; return it in clear and as its row.

    A token never does more than its person may at that moment, whatever it names.

    Raises:
        SessionNeeded: the actor came by a token.
        InvalidField: an unknown action or application system, or a time that is too far away or over.
        AlreadyExists: the person has a living token of this name.
    """
    require_session(actor)
    now = utc_now()
    _check_time(wish.expires_at, now, settings.token_days)
    unknown = sorted(set(wish.actions) - ACTIONS)
    if unknown:
        raise InvalidField("actions", NO_ACTION.format(action=unknown[0]))
    clear = new_secret(TOKEN_PREFIX)
    token = ApiToken(
        person_id=person.id,
        name=wish.name,
        taken_name=wish.name,
        digest=digest(clear),
        actions=sorted(set(wish.actions)),
        project_ids=None if wish.projects is None else _project_ids(session, actor, wish.projects),
        expires_at=wish.expires_at,
    )
    _free_expired_name(session, person.id, wish.name, now)
    add_unique(session, token, AlreadyExists(field="name", kind="token", name=wish.name))
    reach = {"actions": token.actions, "projects": wish.projects, "expires_at": wish.expires_at}
    audit.record(
        session, actor, "token.create", ("token", token.id, token.name), after={"person": person.login, **reach}
    )
    return clear, token


def find_living(session: Session, clear: str) -> tuple[ApiToken, Person]:
    """Return the token that a secret belongs to, and its person.

    Raises:
        NotSignedIn: unknown, expired or revoked, or its person left.
    """
    of_secret = select(ApiToken, Person).join(Person, Person.id == ApiToken.person_id)
    found = session.execute(of_secret.where(ApiToken.digest == digest(clear))).first()
    if found is None or not found[1].active or found[0].revoked_at is not None or found[0].expires_at <= utc_now():
        raise NotSignedIn
    return found[0], found[1]


def touch(session: Session, token_id: str) -> None:
    """Note that a token was used, unless that was noted less than a minute ago."""
    now = utc_now()
    stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= now - TOUCH_EVERY)
    used = update(ApiToken).where(ApiToken.id == token_id, stale).values(last_used_at=now)
    session.execute(used.execution_options(synchronize_session=False))


def revoke(session: Session, actor: Actor, token: ApiToken) -> None:
    """End a token; it works nowhere from the moment this is committed. A second time changes nothing.

    Raises:
        SessionNeeded: the actor came by another token; a token may end itself.
    """
    if actor.way_in is None or actor.way_in.id != token.id:
        require_session(actor)
    if token.revoked_at is None:
        token.revoked_at, token.taken_name = utc_now(), None
        audit.record(session, actor, "token.revoke", ("token", token.id, token.name))


def find(session: Session, token_id: str) -> ApiToken:
    """Return a token by its id, locked. Raises NotFound."""
    token = session.scalar(select(ApiToken).where(ApiToken.id == token_id).with_for_update())
    if token is None:
        raise NotFound(kind="token", name=token_id)
    return token


def end_all(session: Session, person_id: str) -> int:
    """End all of a person's tokens; return how many there were."""
    living = select(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    rows = list(session.scalars(living.order_by(ApiToken.id).with_for_update()))
    for row in rows:
        row.revoked_at, row.taken_name = utc_now(), None
    return len(rows)


def _check_time(expires_at: datetime, now: datetime, days: int) -> None:
    if expires_at <= now:
        raise InvalidField("expires_at", PAST)
    if expires_at > now + timedelta(days=days):
        raise InvalidField("expires_at", TOO_LATE.format(days=days))


def _project_ids(session: Session, actor: Actor, codes: Sequence[str]) -> list[str]:
    seen = select(Project.code, Project.id).where(Project.code.in_(codes), visible(actor, "project.read", Project.id))
    known = dict(session.execute(seen).all())
    for code in codes:
        if code not in known:
            raise InvalidField("projects", NO_SYSTEM.format(code=code))
    return sorted(known.values())


def _free_expired_name(session: Session, person_id: str, name: str, now: datetime) -> None:
    expired = update(ApiToken).where(
        ApiToken.person_id == person_id, ApiToken.taken_name == name, ApiToken.expires_at <= now
    )
    session.execute(expired.values(taken_name=None).execution_options(synchronize_session=False))
