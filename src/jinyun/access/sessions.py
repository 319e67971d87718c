"""Sessions: opened by a sign-in, ended by signing out, by lying idle, or by their time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from jinyun.access.digests import SESSION_PREFIX, digest, new_secret
from jinyun.access.errors import NotSignedIn, SessionNeeded
from jinyun.access.models import LocalAccount, PersonSession
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor, WayIn
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import NotFound
from jinyun.kit.settings import Settings
from jinyun.organisation.models import Person

WEB: Final = "web"
PROGRAM: Final = "program"
"""Kinds of sessions: a browser's, by cookie, which ends when it lies idle; the command line's, by bearer."""
DIRECTORY, LOCAL, SIGN_ON = "directory", "local", "sign-on"
"""Ways in which somebody proves who he is."""
TOUCH_EVERY = timedelta(minutes=1)
AGENT_LENGTH = 255

Kind = Literal["web", "program"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session; `clear` is its secret, which nobody can read again."""

    clear: str
    row: PersonSession
    person: Person


def open_session(
    session: Session, caller: Actor, person: Person, kind: Kind, way: str, settings: Settings, *, user_agent: str = ""
) -> Opened:
    """Open a session for somebody who has proved who he is; its secret is always a new one."""
    clear = new_secret(SESSION_PREFIX)
    now = utc_now()
    row = PersonSession(
        person_id=person.id,
        kind=kind,
        way=way,
        digest=digest(clear),
        source_address=caller.source_address,
        user_agent=user_agent[:AGENT_LENGTH],
        last_seen_at=now,
        expires_at=now + timedelta(hours=settings.token_hours),
    )
    session.add(row)
    session.flush()
    after = {"kind": kind, "way": way}
    audit.record(session, signed_in(caller, person), "session.open", ("person", person.id, person.login), after=after)
    return Opened(clear, row, person)


def signed_in(caller: Actor, person: Person) -> Actor:
    """Return who a caller turned out to be, for the log."""
    return Actor(person.id, person.login, person.name, (), caller.language, caller.source_address, caller.request_id)


def find_open(session: Session, clear: str, kind: Kind, settings: Settings) -> tuple[PersonSession, Person, bool]:
    """Return the session that a secret belongs to, its person, and whether he has to change his local password first.

    Raises:
        NotSignedIn: unknown, of the other kind, ended, expired or idle too long, or its person left.
    """
    of_secret = (
        select(PersonSession, Person, LocalAccount.must_change)
        .join(Person, Person.id == PersonSession.person_id)
        .outerjoin(LocalAccount, LocalAccount.person_id == Person.id)
    )
    found = session.execute(of_secret.where(PersonSession.digest == digest(clear), PersonSession.kind == kind)).first()
    if found is None or not is_open(found[0], settings, utc_now()) or not found[1].active:
        raise NotSignedIn
    return found[0], found[1], found[0].way == LOCAL and bool(found[2])


def is_open(row: PersonSession, settings: Settings, now: datetime) -> bool:
    """Tell whether a session is good at this moment."""
    idle = row.kind == WEB and row.last_seen_at + timedelta(minutes=settings.session_idle_minutes) <= now
    return row.ended_at is None and row.expires_at > now and not idle


def touch(session: Session, session_id: str) -> None:
    """Note that a session was used, unless that was noted less than a minute ago."""
    now = utc_now()
    stale = update(PersonSession).where(PersonSession.id == session_id, PersonSession.last_seen_at <= now - TOUCH_EVERY)
    session.execute(stale.values(last_seen_at=now).execution_options(synchronize_session=False))


def require_session(actor: Actor) -> WayIn:
    """Let pass who signed in himself: a token must not make further ways in.

    Raises:
        SessionNeeded: he came by a token.
    """
    if actor.way_in is None or actor.way_in.kind != "session":
        raise SessionNeeded
    return actor.way_in


def close_current(session: Session, actor: Actor) -> None:
    """Sign out: the session that the actor came by works nowhere from the moment this is committed.

    Raises:
        SessionNeeded: he came by a token, which is revoked instead.
    """
    close(session, actor, require_session(actor).id)


def close(session: Session, actor: Actor, session_id: str) -> None:
    """End one of the actor's own sessions; a second time changes nothing.

    Raises:
        NotFound: he has none of this id.
    """
    row = session.scalar(select(PersonSession).filter_by(id=session_id, person_id=actor.person_id))
    if row is None:
        raise NotFound(kind="session", name=session_id)
    if end_all(session, row.person_id, only=row.id):
        audit.record(session, actor, "session.close", ("person", row.person_id, actor.login))


def close_everywhere(session: Session, actor: Actor) -> None:
    """End all of the actor's sessions, this one too; his tokens stay.

    Raises:
        SessionNeeded: he came by a token.
    """
    require_session(actor)
    ended = end_all(session, actor.person_id or "")
    after = {"sessions": ended}
    audit.record(session, actor, "session.close-all", ("person", actor.person_id or "", actor.login), after=after)


def end_all(session: Session, person_id: str, *, only: str | None = None, but: str | None = None) -> int:
    """End a person's open sessions, or only or all but one; return how many there were."""
    wanted: list[ColumnElement[bool]] = [PersonSession.person_id == person_id, PersonSession.ended_at.is_(None)]
    if only is not None:
        wanted.append(PersonSession.id == only)
    if but is not None:
        wanted.append(PersonSession.id != but)
    rows = list(session.scalars(select(PersonSession).where(*wanted).order_by(PersonSession.id).with_for_update()))
    for row in rows:
        row.ended_at = utc_now()
    return len(rows)


def abandon(session: Session, clear: str) -> None:
    """End the session of a secret, whosoever it is, where there is one."""
    row = session.scalar(select(PersonSession).where(PersonSession.digest == digest(clear)))
    if row is not None:
        end_all(session, row.person_id, only=row.id)
