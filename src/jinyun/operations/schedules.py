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
from jinyun.kit.texts import Text
from jinyun.operations.alarms import clear_alarm, is_raised, raise_alarm
from jinyun.operations.models import Schedule

DUTY_FAILED = "duty-failed"
DUTY_FAILS = Text("The platform fails to {duty}: {why}", "平台未能执行 {duty}：{why}")
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
        _do(database, duty)
        ran += 1
    return ran


def _do(database: Database, duty: Periodic) -> None:
    """Do one duty; whether it failed is an alarm until it succeeds."""
    try:
        duty.work(database)
    except Exception as error:
        log.exception("periodic duty failed", duty=duty.name)
        text = DUTY_FAILS.format(duty=duty.name, why=str(error) or type(error).__name__)
        database.write(lambda session: raise_alarm(session, DUTY_FAILED, duty.name, text, database_now(session)))
        return
    if database.read(lambda session: is_raised(session, DUTY_FAILED, duty.name)):
        database.write(lambda session: clear_alarm(session, DUTY_FAILED, duty.name, database_now(session)))


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
