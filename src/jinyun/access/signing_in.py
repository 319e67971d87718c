"""Signing in with a password: the company directory is asked first, then break-glass accounts.

Nothing here asks anybody for a password's truth while a transaction is open.
"""

import time
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from jinyun.access import lockout, passwords
from jinyun.access.errors import DirectoryAway, TooManyAttempts, WrongCredentials
from jinyun.access.events import BreakGlassUsed
from jinyun.access.lockout import Attempt
from jinyun.access.sessions import DIRECTORY, LOCAL, Kind, Opened, open_session, signed_in
from jinyun.audit import service as audit
from jinyun.connectors.directory import DirectoryUnavailable, PasswordCheck
from jinyun.kit.actor import Actor
from jinyun.kit.database import Database
from jinyun.kit.events import publish
from jinyun.kit.settings import Settings
from jinyun.organisation.models import Person
from jinyun.organisation.people import find_person

REFUSAL_SECONDS = 0.5
"""No refusal comes sooner, so that its time does not tell what was wrong."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Door:
    """Where people sign in: our database, and the company directory where there is one."""

    database: Database
    directory: PasswordCheck | None
    settings: Settings


@dataclass(frozen=True, slots=True)
class Proved:
    """Somebody who knew the password, and how."""

    person_id: str
    way: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What there is of a login: whose it is, his local password, whether the directory may say who he is."""

    person_id: str | None
    kept: str | None
    is_vouched_for: bool


def sign_in(door: Door, caller: Actor, login: str, password: str, kind: Kind, *, user_agent: str = "") -> Opened:
    """Open a session for whoever knows the password.

    Raises:
        TooManyAttempts: wait; the password was not tried.
        WrongCredentials: they do not belong together, or nobody here has this login.
        DirectoryAway: the directory cannot say.
    """
    proved = prove(door, caller, login, password)

    def work(session: Session) -> Opened:
        person = session.get_one(Person, proved.person_id)
        opened = open_session(session, caller, person, kind, proved.way, door.settings, user_agent=user_agent)
        if proved.way == LOCAL and door.directory is not None:
            _report_break_glass(session, caller, person)
        return opened

    return door.database.write(work)


def prove(door: Door, caller: Actor, login: str, password: str) -> Proved:
    """Return who knows this password, each attempt counted.

    Raises:
        TooManyAttempts, WrongCredentials, DirectoryAway: as `sign_in`.
    """
    begun = time.monotonic()
    attempt = Attempt.of(login, caller.source_address)
    door.database.write(lambda session: lockout.admit(session, attempt, door.settings))
    known = door.database.read(lambda session: _known(session, login))
    try:
        way = _way(door, login, password, known)
    except DirectoryUnavailable as error:
        log.warning("the directory does not answer", error=str(error))
        door.database.write(lambda session: lockout.give_back(session, attempt, door.settings))
        if not _right_without_directory(door, caller, login, password, known.kept):
            raise DirectoryAway from error
        way = LOCAL
    if way is None or known.person_id is None:
        door.database.write(lambda session: _note_refusal(session, caller, known.person_id, login))
        time.sleep(max(0.0, begun + REFUSAL_SECONDS - time.monotonic()))
        raise WrongCredentials
    door.database.write(lambda session: lockout.succeeded(session, attempt, door.settings))
    return Proved(known.person_id, way)


def _known(session: Session, login: str) -> _Known:
    """Return what is known of who has this login and works here."""
    person = find_person(session, login)
    if person is None:
        return _Known(None, None, is_vouched_for=False)
    return _Known(person.id, passwords.hash_of(session, person.id), passwords.is_vouched_for(session, person))


def _way(door: Door, login: str, password: str, known: _Known) -> str | None:
    """Return by what the password is right, or None. Raises DirectoryUnavailable.

    The directory is asked about everybody: how long it takes does not tell whom it vouches for.
    """
    if door.directory is not None and door.directory.check(login, password) and known.is_vouched_for:
        return DIRECTORY
    return LOCAL if passwords.is_right(known.kept, password) else None


def _right_without_directory(door: Door, caller: Actor, login: str, password: str, kept: str | None) -> bool:
    """Tell whether a break-glass account opens while the directory is away.

    Counted apart from what the directory decides: its outage locks nobody out. Who is to wait is answered like
    everybody else, so that no answer tells which logins are such accounts.
    """
    attempt = Attempt.without_directory(login, caller.source_address)
    try:
        door.database.write(lambda session: lockout.admit(session, attempt, door.settings))
    except TooManyAttempts:
        return False
    right = passwords.is_right(kept, password)
    if right:
        door.database.write(lambda session: lockout.succeeded(session, attempt, door.settings))
    return right


def _note_refusal(session: Session, caller: Actor, person_id: str | None, login: str) -> None:
    """Write a refusal down; an unknown login is not named, because it may be a password in the wrong field."""
    subject = ("person", person_id, login) if person_id is not None else ("person", "-", "-")
    audit.record(session, caller, "session.refuse", subject)


def _report_break_glass(session: Session, caller: Actor, person: Person) -> None:
    actor = signed_in(caller, person)
    audit.record(session, actor, "session.break-glass", ("person", person.id, person.login))
    publish(session, BreakGlassUsed(person.login, caller.source_address or "-"))
