"""From what a request brings, a session's secret or a token, to who acts and with what authority."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from jinyun.access import sessions, tokens
from jinyun.access.authority import grants_of
from jinyun.access.digests import SESSION_PREFIX
from jinyun.access.models import ApiToken
from jinyun.access.scope import within_projects
from jinyun.access.sessions import PROGRAM, TOUCH_EVERY, WEB, Kind
from jinyun.kit.actor import Actor, WayIn
from jinyun.kit.clock import utc_now
from jinyun.kit.settings import Settings
from jinyun.organisation.models import Person


@dataclass(frozen=True, slots=True)
class Entered:
    """Who came in, and when his way in was last noted as used."""

    actor: Actor
    way_in: WayIn
    noted_at: datetime | None

    @property
    def is_stale(self) -> bool:
        """Whether it is time to note the use again."""
        return self.noted_at is None or self.noted_at <= utc_now() - TOUCH_EVERY


def by_bearer(session: Session, caller: Actor, clear: str, settings: Settings) -> Entered:
    """Return who sends a session of the command line, or a token. Raises NotSignedIn."""
    if clear.startswith(SESSION_PREFIX):
        return _by_session(session, caller, clear, PROGRAM, settings)
    token, person = tokens.find_living(session, clear)
    return _entered(session, caller, person, _limits(token), token.last_used_at, token.project_ids)


def by_cookie(session: Session, caller: Actor, clear: str, settings: Settings) -> Entered:
    """Return who sends a session of the web console. Raises NotSignedIn."""
    return _by_session(session, caller, clear, WEB, settings)


def note_use(session: Session, entered: Entered) -> None:
    """Note that a way in was used."""
    if entered.way_in.kind == "session":
        sessions.touch(session, entered.way_in.id)
    else:
        tokens.touch(session, entered.way_in.id)


def _by_session(session: Session, caller: Actor, clear: str, kind: Kind, settings: Settings) -> Entered:
    row, person, due = sessions.find_open(session, clear, kind, settings)
    return _entered(session, caller, person, WayIn("session", row.id, password_due=due), row.last_seen_at, None)


def _limits(token: ApiToken) -> WayIn:
    return WayIn("token", token.id, None if token.actions is None else frozenset(token.actions))


def _entered(
    session: Session,
    caller: Actor,
    person: Person,
    way_in: WayIn,
    noted_at: datetime | None,
    project_ids: list[str] | None,
) -> Entered:
    grants = grants_of(session, person.id)
    actor = Actor(
        person_id=person.id,
        login=person.login,
        name=person.name,
        grants=grants if project_ids is None else within_projects(session, grants, project_ids),
        language=caller.language,
        source_address=caller.source_address,
        request_id=caller.request_id,
        way_in=way_in,
    )
    return Entered(actor, way_in, noted_at)
