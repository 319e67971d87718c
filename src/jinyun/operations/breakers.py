"""Breakers: when a backend is down, operations wait for it instead of failing one by one.

After a few failures in a row the backend counts as down: one alarm is raised, and whoever needs the backend sleeps. Now
and then one operation is let through to try; the first that is answered closes the breaker and wakes the others.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jinyun.kit.database import swapped
from jinyun.kit.texts import Text
from jinyun.operations.alarms import clear_alarm, raise_alarm
from jinyun.operations.models import Breaker, OperationRow
from jinyun.operations.outcomes import Reason

FAILURES_TO_OPEN = 3
PROBE_INTERVAL = timedelta(seconds=5)
BACKEND_DOWN = "backend-down"
WAITING = Text(
    "Waiting for {backend}, which has not answered since {since} UTC: {why}",
    "正在等待 {backend}，其自 {since}（UTC）起没有响应：{why}",
)
ALARM = Text("{backend} is down: {why}", "{backend} 不可用：{why}")


def must_wait(session: Session, breaker: Breaker | None, now: datetime) -> tuple[datetime, Reason] | None:
    """Return until when and why an operation waits for its backend; None where it may go on, or is to try."""
    if breaker is None or breaker.opened_at is None or breaker.probe_at is None:
        return None
    if breaker.probe_at <= now:
        unchanged = (Breaker.backend == breaker.backend, Breaker.generation == breaker.generation)
        mine = {"probe_at": now + PROBE_INTERVAL, "generation": breaker.generation + 1}
        if swapped(session, update(Breaker).where(*unchanged).values(**mine)):
            return None
        session.refresh(breaker)
    return breaker.probe_at or now + PROBE_INTERVAL, _reason(breaker)


def failed(session: Session, backend: str | None, reason: Reason, now: datetime) -> None:
    """Note that a backend could not be reached; from the third time in a row on it counts as down."""
    if backend is None:
        return
    breaker = _locked(session, backend)
    breaker.failures += 1
    breaker.problem = reason.as_document("")
    if breaker.opened_at is None and breaker.failures >= FAILURES_TO_OPEN:
        breaker.opened_at, breaker.probe_at = now, now + PROBE_INTERVAL
        breaker.generation += 1
        text = ALARM.format(backend=backend, why=reason.words or reason.text.en)
        raise_alarm(session, BACKEND_DOWN, backend, text, now)


def answered(session: Session, breaker: Breaker | None, now: datetime) -> None:
    """Note that a backend answered: clear the alarm and wake everybody who waited."""
    if breaker is None or breaker.failures == 0:
        return
    backend = breaker.backend
    breaker = _locked(session, backend)
    was_open = breaker.opened_at is not None
    breaker.failures, breaker.opened_at, breaker.probe_at, breaker.problem = 0, None, None, None
    breaker.generation += 1
    if not was_open:
        return
    clear_alarm(session, BACKEND_DOWN, backend, now)
    asleep = update(OperationRow).where(
        OperationRow.backend == backend, OperationRow.worker_id.is_(None), OperationRow.wake_at > now
    )
    session.execute(asleep.values(wake_at=now).execution_options(synchronize_session=False))


def _locked(session: Session, backend: str) -> Breaker:
    statement = select(Breaker).where(Breaker.backend == backend).with_for_update()
    breaker = session.scalar(statement.execution_options(populate_existing=True))
    if breaker is None:
        try:
            with session.begin_nested():
                session.add(Breaker(backend=backend))
        except IntegrityError:
            pass  # somebody else noted it in this moment
        breaker = session.scalars(statement.execution_options(populate_existing=True)).one()
    return breaker


def _reason(breaker: Breaker) -> Reason:
    problem = breaker.problem or {}
    since = f"{breaker.opened_at:%H:%M:%S}" if breaker.opened_at else "-"
    words = problem.get("words") or problem.get("en", "")
    return Reason(
        problem.get("code", BACKEND_DOWN), WAITING.format(backend=breaker.backend, since=since, why=words), words
    )
