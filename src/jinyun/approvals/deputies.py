"""Standing deputies: who decides in somebody's place while he is away."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from jinyun.access.authority import allowed, authorise
from jinyun.approvals.models import Deputy
from jinyun.approvals.parties import colleague, find_among
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.database import database_now
from jinyun.kit.errors import Forbidden, InvalidField, NotFound
from jinyun.kit.paging import PageRequest, read_page
from jinyun.kit.texts import Text
from jinyun.organisation.models import Person
from jinyun.organisation.people import find_person

FOR_OTHERS = "person.manage"
"""Whoever manages people appoints a deputy for somebody who cannot: he is ill."""
NAIVE = Text("It needs a time zone, such as 2027-01-01T00:00:00+08:00", "须带时区，例如 2027-01-01T00:00:00+08:00")
NO_TIME = Text("The end must be after the beginning, and not over", "结束时间须晚于开始时间且尚未过去")
ONESELF = Text("Nobody is his own deputy", "不能指定本人为代理人")


def appoint(
    session: Session,
    actor: Actor,
    deputy_login: str,
    span: tuple[datetime, datetime],
    reason: str,
    *,
    person_login: str | None = None,
) -> Deputy:
    """Have somebody decide in the actor's place, or in another person's, from one moment to another.

    Raises:
        Forbidden: it is for somebody else, and he does not manage people.
        NotFound: that person is not there.
        NotEligible: the deputy is not there, or is one of the three administrators.
        InvalidField: the moments make no span of time, or he names himself.
    """
    person = _person(session, actor, person_login)
    begins_at, ends_at = span
    if begins_at.tzinfo is None or ends_at.tzinfo is None:
        raise InvalidField("begins_at" if begins_at.tzinfo is None else "ends_at", NAIVE)
    if ends_at <= begins_at or ends_at <= database_now(session):
        raise InvalidField("ends_at", NO_TIME)
    other = find_among(session, colleague(), deputy_login)
    if other.id == person.id:
        raise InvalidField("to", ONESELF)
    deputy = Deputy(person_id=person.id, deputy_id=other.id, reason=reason, begins_at=begins_at, ends_at=ends_at)
    session.add(deputy)
    session.flush()
    after = {"deputy": other.login, "begins_at": begins_at, "ends_at": ends_at, "reason": reason}
    audit.record(session, actor, "deputy.appoint", ("deputy", deputy.id, person.login), after=after)
    return deputy


def dismiss(session: Session, actor: Actor, deputy_id: str) -> None:
    """End a deputy's time now, where it is the actor's own or he manages people; else nothing changes."""
    deputy = session.get(Deputy, deputy_id, with_for_update=True)
    now = database_now(session)
    if deputy is None or deputy.ends_at <= now or not _may_dismiss(session, actor, deputy):
        return
    deputy.ends_at = now
    subject = ("deputy", deputy.id, deputy.person.login)
    audit.record(session, actor, "deputy.dismiss", subject, after={"deputy": deputy.deputy.login, "ends_at": now})


def list_own(session: Session, actor: Actor, page: PageRequest) -> tuple[list[Deputy], str | None]:
    """Return whose deputy the actor is or will be, and who is or will be his."""
    concerned = or_(Deputy.person_id == actor.person_id, Deputy.deputy_id == actor.person_id)
    living = select(Deputy).where(concerned, Deputy.ends_at > database_now(session))
    return read_page(session, living.options(joinedload(Deputy.person), joinedload(Deputy.deputy)), [Deputy.id], page)


def _person(session: Session, actor: Actor, login: str | None) -> Person:
    """Return whose deputy it is to be; a limited token does nothing that follows from who one is."""
    if login is not None and login != actor.login:
        authorise(session, actor, FOR_OTHERS)
    elif not actor.in_person:
        raise Forbidden(action="deputy.appoint")
    person = find_person(session, login or actor.login, programs=True)
    if person is None:
        raise NotFound(field="person", kind="person", name=login)
    return person


def _may_dismiss(session: Session, actor: Actor, deputy: Deputy) -> bool:
    own = actor.in_person and deputy.person_id == actor.person_id
    return own or allowed(session, actor, FOR_OTHERS)
