"""The calendar that due times count on: holidays and the weekend days worked for them."""

from collections.abc import Sequence
from datetime import date, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.paging import PageRequest, read_page
from jinyun.kit.settings import Settings
from jinyun.organisation.calendar import WorkingTime
from jinyun.organisation.models import CalendarDay

READ, MANAGE = "policy.read", "policy.manage"


def working_time(session: Session, settings: Settings) -> WorkingTime:
    """Return the bank's working time."""
    days = select(CalendarDay.day, CalendarDay.worked)
    special = {date.fromisoformat(day): worked for day, worked in session.execute(days)}
    begins, ends = (time.fromisoformat(each) for each in settings.working_hours.split("-"))
    return WorkingTime(settings.business_timezone, begins, ends, special)


def import_days(session: Session, actor: Actor, days: Sequence[tuple[date, bool, str]]) -> int:
    """Note which days are otherwise than their weekday; a day that is known is set anew. Raises Forbidden.

    Returns:
        how many days that changed something for.
    """
    authorise(session, actor, MANAGE)
    known = {row.day: row for row in session.scalars(select(CalendarDay))}
    changed = 0
    for day, worked, note in days:
        row = known.get(day.isoformat())
        if row is not None and (row.worked, row.note) == (worked, note):
            continue
        if row is None:
            row = known[day.isoformat()] = CalendarDay(day=day.isoformat())
            session.add(row)
        row.worked, row.note = worked, note
        changed += 1
    session.flush()
    if changed:
        after = {"days": [(day, "worked" if worked else "holiday", note) for day, worked, note in days]}
        audit.record(session, actor, "calendar.import", ("calendar", "days", "calendar"), after=after)
    return changed


def list_days(session: Session, actor: Actor, page: PageRequest) -> tuple[list[CalendarDay], str | None]:
    """Return the days that are otherwise than their weekday, in order. Raises Forbidden."""
    authorise(session, actor, READ)
    return read_page(session, select(CalendarDay), [CalendarDay.day], page)
