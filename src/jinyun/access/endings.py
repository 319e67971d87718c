"""What a security administrator, or somebody's leaving, does to another's ways in."""

from sqlalchemy.orm import Session

from jinyun.access import lockout, sessions, tokens
from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.organisation.models import Person
from jinyun.organisation.people import find_person


def end_ways_in(session: Session, actor: Actor, person: Person) -> None:
    """End all sessions and tokens of a person at once."""
    after = {"sessions": sessions.end_all(session, person.id), "tokens": tokens.end_all(session, person.id)}
    audit.record(session, actor, "session.close-all", ("person", person.id, person.login), after=after)


def sign_out_person(session: Session, actor: Actor, login: str) -> None:
    """End all sessions and tokens of somebody else.

    Raises:
        Forbidden: the actor does not manage people.
        NotFound: nobody has this login.
    """
    end_ways_in(session, actor, _managed(session, actor, login))


def unlock_person(session: Session, actor: Actor, login: str) -> None:
    """Let a login that failed too often try again at once.

    Raises:
        Forbidden: the actor does not manage people.
        NotFound: nobody has this login.
    """
    person = _managed(session, actor, login)
    lockout.unlock(session, login)
    audit.record(session, actor, "person.unlock", ("person", person.id, person.login))


def _managed(session: Session, actor: Actor, login: str) -> Person:
    authorise(session, actor, "person.manage")
    person = find_person(session, login, who_left=True, programs=True)
    if person is None:
        raise NotFound(kind="person", name=login)
    return person
