"""What the platform does again and again; any worker may do it, one does it each time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jinyun.kit.database import Database, database_now, swapped
from jinyun.operations.models import Schedule

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Periodic:
    """A duty with a name and a rhythm. Its work must be harmless when done twice."""

    name: str
    every: timedelta
    work: Callable[[Database], object]


def run_due(database: Database, duties: Sequence[Periodic]) -> int:
    """Do what is due and what this process wins; return how many duties that were."""
    ran = 0
    for name in database.read(lambda session: _due(session, duties)):
        duty = next(duty for duty in duties if duty.name == name)
        if not database.write(partial(_win, duty)):
            continue
        try:
            duty.work(database)
        except Exception:
            log.exception("periodic duty failed", duty=name)
        ran += 1
    return ran


def _due(session: Session, duties: Sequence[Periodic]) -> list[str]:
    now = database_now(session)
    next_at = dict(session.execute(select(Schedule.name, Schedule.next_at)).all())
    return [duty.name for duty in duties if duty.name not in next_at or next_at[duty.name] <= now]


def _win(duty: Periodic, session: Session) -> bool:
    now = database_now(session)
    row = session.get(Schedule, duty.name)
    if row is None:
        try:
            with session.begin_nested():
                session.add(Schedule(name=duty.name, next_at=now + duty.every, ran_at=now))
        except IntegrityError:
            return False
        return True
    if row.next_at > now:
        return False
    unchanged = (Schedule.name == duty.name, Schedule.generation == row.generation)
    new = {"next_at": now + duty.every, "ran_at": now, "generation": row.generation + 1}
    return swapped(session, update(Schedule).where(*unchanged).values(**new))
