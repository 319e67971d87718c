"""The working calendar over HTTP."""

from fastapi import APIRouter
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, writing
from jinyun.approvals import calendar_days
from jinyun.approvals.schemas import CalendarDayView, CalendarImport, CalendarReport
from jinyun.kit.actor import Actor
from jinyun.kit.paging import Page, PageQuery

router = APIRouter(prefix="/v1/calendar", tags=["approvals"])


@router.get("", responses=reading())
def list_calendar_days(call: CurrentCall, page: PageQuery) -> Page[CalendarDayView]:
    """List the days that are otherwise than their weekday."""

    def work(session: Session, actor: Actor) -> Page[CalendarDayView]:
        rows, following = calendar_days.list_days(session, actor, page)
        return Page(items=[CalendarDayView.of(row) for row in rows], next=following)

    return call.read(work)


@router.post("/imports", responses=writing())
def import_calendar_days(call: CurrentCall, body: CalendarImport) -> CalendarReport:
    """Note holidays, and the weekend days worked for them; the same twice changes nothing."""
    days = [(each.day, each.worked, each.note) for each in body.days]
    return call.write(lambda session, actor: CalendarReport(changed=calendar_days.import_days(session, actor, days)))
