"""Where in a lane's queue a step stands, and when it may begin."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from jinyun.kit.database import database_now
from jinyun.operations.models import Lane, LaneGrant, OperationStep
from jinyun.operations.states import STEP_DONE

REMEMBERED = 20
"""So many steps that went through a lane last tell how long one takes there."""


@dataclass(frozen=True, slots=True)
class Place:
    """A step's place in the queue, from 1; the moment is empty where nothing has gone through the lane yet."""

    number: int
    expected_start: datetime | None


def places(session: Session, operation_id: str) -> dict[str, Place]:
    """Return the place of each step of the operation that queues, by step; of several steps one queues at a time."""
    mine, ahead = aliased(LaneGrant), aliased(LaneGrant)
    statement = (
        select(mine.step_id, mine.lane, Lane.allowance, func.count(ahead.step_id))
        .join(Lane, Lane.name == mine.lane)
        .join(ahead, (ahead.lane == mine.lane) & ahead.granted_at.is_(None) & (ahead.queued_at <= mine.queued_at))
        .where(mine.operation_id == operation_id, mine.granted_at.is_(None))
        .group_by(mine.step_id, mine.lane, Lane.allowance)
    )
    found: dict[str, Place] = {}
    for step_id, lane, allowance, number in session.execute(statement):
        usual = _usual_duration(session, lane)
        start = None if usual is None else database_now(session) + usual * (number / max(allowance, 1.0))
        found[step_id] = Place(number, start)
    return found


def _usual_duration(session: Session, lane: str) -> timedelta | None:
    """Return how long the last steps that were done in a lane took on average; None where none was."""
    done = (
        select(OperationStep.started_at, OperationStep.ended_at)
        .where(OperationStep.lane == lane, OperationStep.ended_at.is_not(None), OperationStep.state == STEP_DONE)
        .order_by(OperationStep.ended_at.desc())
        .limit(REMEMBERED)
    )
    took = [ended - started for started, ended in session.execute(done) if started is not None and ended is not None]
    return sum(took, timedelta()) / len(took) if took else None
