"""What operators see and set of lanes, backends and alarms."""

from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.bodies import Body
from jinyun.kit.database import database_now
from jinyun.kit.errors import InvalidField, NotFound
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.kit.texts import Language, Text, stored_text
from jinyun.operations import lanes
from jinyun.operations.models import Alarm, Breaker, Lane, LaneGrant


class LaneView(BaseModel):
    """Admission to one backend for one kind of work."""

    name: str
    ceiling: int = Field(description="How many at once when it is well")
    floor: int
    allowance: float = Field(description="How many at once now, as its health allows")
    in_use: int
    waiting: int

    @classmethod
    def of(cls, lane: Lane, waiting: int) -> "LaneView":
        """Show a lane."""
        return cls(
            name=lane.name,
            ceiling=lane.ceiling,
            floor=lane.floor,
            allowance=round(lane.allowance, 2),
            in_use=lane.in_use,
            waiting=waiting,
        )


class LaneChange(Body):
    """New bounds of a lane; they hold at once, also for what waits in it."""

    ceiling: int = Field(ge=1, le=1000)
    floor: int = Field(default=1, ge=1, le=1000)


class BackendView(BaseModel):
    """Whether a backend can be worked with."""

    name: str
    down_since: datetime | None
    failures: int = Field(description="In a row")
    problem: str | None

    @classmethod
    def of(cls, breaker: Breaker, language: Language) -> "BackendView":
        """Show a backend."""
        return cls(
            name=breaker.backend,
            down_since=breaker.opened_at,
            failures=breaker.failures,
            problem=stored_text(breaker.problem, language),
        )


class AlarmView(BaseModel):
    """Something that operators must know."""

    id: str
    kind: str
    subject: str
    text: str
    raised_at: datetime
    cleared_at: datetime | None

    @classmethod
    def of(cls, alarm: Alarm, language: Language) -> "AlarmView":
        """Show an alarm."""
        return cls(
            id=alarm.id,
            kind=alarm.kind,
            subject=alarm.subject,
            text=stored_text(alarm.text, language) or "",
            raised_at=alarm.raised_at,
            cleared_at=alarm.cleared_at,
        )


def list_lanes(session: Session, actor: Actor, page: PageRequest) -> Page[LaneView]:
    """Return the lanes with how many wait in each. Raises Forbidden."""
    authorise(session, actor, "operation.operate")
    rows, mark = read_page(session, select(Lane), [Lane.name], page)
    names = [row.name for row in rows]
    queues = select(LaneGrant.lane, func.count()).where(LaneGrant.lane.in_(names), LaneGrant.granted_at.is_(None))
    waiting = dict(session.execute(queues.group_by(LaneGrant.lane)).all())
    return Page(items=[LaneView.of(row, waiting.get(row.name, 0)) for row in rows], next=mark)


def change_lane(session: Session, actor: Actor, name: str, change: LaneChange) -> LaneView:
    """Set a lane's bounds and let in who fits now.

    Raises:
        NotFound: nothing has used this lane yet.
        Forbidden, InvalidField.
    """
    authorise(session, actor, "operation.operate")
    if change.floor > change.ceiling:
        raise InvalidField("floor", Text("The floor lies above the ceiling.", "下限大于上限。"))
    lane = session.get(Lane, name, with_for_update=True)
    if lane is None:
        raise NotFound(kind="lane", name=name)
    before = {"ceiling": lane.ceiling, "floor": lane.floor}
    lane.ceiling, lane.floor = change.ceiling, change.floor
    lane.allowance = float(change.ceiling)
    lane.generation += 1
    session.flush()
    lanes.admit(session, name, database_now(session))
    audit.record(session, actor, "lane.change", ("lane", name[:64], name), before=before, after=change.model_dump())
    session.refresh(lane)
    waiting = select(func.count()).where(LaneGrant.lane == name, LaneGrant.granted_at.is_(None))
    return LaneView.of(lane, session.scalar(waiting) or 0)


def list_backends(session: Session, actor: Actor, page: PageRequest) -> Page[BackendView]:
    """Return the backends that have ever failed. Raises Forbidden."""
    authorise(session, actor, "operation.operate")
    rows, mark = read_page(session, select(Breaker), [Breaker.backend], page)
    return Page(items=[BackendView.of(row, actor.language) for row in rows], next=mark)


def list_alarms(session: Session, actor: Actor, page: PageRequest, *, active: bool) -> Page[AlarmView]:
    """Return alarms, newest first. Raises Forbidden."""
    authorise(session, actor, "operation.operate")
    statement = select(Alarm).where(Alarm.cleared_at.is_(None)) if active else select(Alarm)
    rows, mark = read_page(session, statement, [Alarm.id], page, descending=True)
    return Page(items=[AlarmView.of(row, actor.language) for row in rows], next=mark)
