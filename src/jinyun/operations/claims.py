"""Who is at an operation: claim, heartbeat, fence.

`wake_at` is the one question of the claiming query. While an operation sleeps it is its wake-up time; while it is
leased it is the moment of takeover (lease + call time-out), which every heartbeat pushes on. A call that its worker
began under a live lease has therefore ended before anybody else begins.
"""

import threading
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import BindParameter, Row, Table, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from jinyun.kit.database import NOW, Database, database_now, swapped
from jinyun.kit.settings import Settings
from jinyun.operations import plan
from jinyun.operations.models import Breaker, OperationRow, OperationStep, Worker
from jinyun.operations.plan import Plan

operations, steps = cast("Table", OperationRow.__table__), cast("Table", OperationStep.__table__)
KNOWN: BindParameter[str] = bindparam("handlers", expanding=True)
STRANGE = select(steps.c.id).where(steps.c.operation_id == operations.c.id, steps.c.handler.not_in(KNOWN))
"""Steps of a plan that another release made: even a step that we know may read the results of one that we do not."""
DUE = (
    select(operations.c.id, operations.c.generation, NOW.label("now"))
    .where(operations.c.wake_at <= NOW, operations.c.handler.in_(KNOWN), ~STRANGE.exists())
    .order_by(operations.c.wake_at)
    .limit(bindparam("limit"))
)
DUE_AND_FREE = DUE.where(operations.c.worker_id.is_(None))
TROUBLED = exists().where(Breaker.backend == operations.c.backend, Breaker.failures > 0)
FENCE = (
    select(NOW, or_(operations.c.cancel_requested, TROUBLED))
    .where(operations.c.id == bindparam("id"), operations.c.generation == bindparam("generation"))
    .where(operations.c.lease_until > NOW)
    .with_for_update()
)
"""Asked all the time, so put into words only once; and so are these."""
TAKE = update(operations).where(
    operations.c.id == bindparam("this"), operations.c.generation == bindparam("seen"), operations.c.wake_at <= NOW
)
"""A late heartbeat changes no generation, but whom it saved is not due any more."""
WAITED_SECONDS = 0.2
"""A statement tells the time at which it began: one that waited longer than this for the row must ask again."""


class LeaseLost(Exception):
    """The operation belongs to somebody else, or our lease ran out: stop without another call."""


@dataclass(slots=True, eq=False)
class Claim:
    """A worker's right to one operation, as long as the generation stands."""

    operation_id: str
    generation: int
    plan: Plan
    """As it was when it was claimed: later only who holds the claim writes it, or the fence says `disturbed`."""
    lost: threading.Event = field(default_factory=threading.Event)


def claim(
    database: Database, worker_id: str, handlers: Sequence[str], limit: int, settings: Settings, *, judge: bool = True
) -> list[Claim]:
    """Take up to `limit` operations that are due; without `judge` only those that nobody has.

    Looking comes first, in a transaction that locks nothing: an idle worker must not cost the others anything.
    Neither this nor a heartbeat waits for a database that is away: an outage must be noticed as one.
    """
    due = database.read(lambda session: _due(session, handlers, limit, judge), patience=0) if limit > 0 else []
    return database.write(lambda session: _take(session, worker_id, due, settings), patience=0) if due else []


def heartbeat(database: Database, worker_id: str, watched: Collection[str], settings: Settings) -> dict[str, int]:
    """Extend a worker's leases on the operations that it is at; return the generation of each that it still has.

    What it let go of without a word, because the database was away, it must not keep from others by living on.
    """

    def extend(session: Session) -> dict[str, int]:
        now = database_now(session)
        mine = (OperationRow.worker_id == worker_id, OperationRow.id.in_(watched))
        session.execute(update(OperationRow).where(*mine).values(**_lease(now, settings)))
        session.execute(update(Worker).where(Worker.id == worker_id).values(seen_at=now))
        return dict(session.execute(select(OperationRow.id, OperationRow.generation).where(*mine)).all())

    return database.write(extend, patience=0)


@dataclass(frozen=True, slots=True)
class Fence:
    """What is known of an operation by locking it: it is still ours, and whether others wrote meanwhile."""

    now: datetime
    disturbed: bool
    """It was asked to stop, or its backend did not answer lately (see `breakers`): what is known of it is old."""


def fenced(session: Session, held: Claim) -> Fence:
    """Lock the operation for this transaction and return what is known of it.

    Raises:
        LeaseLost: the generation moved on, or the lease ran out.
    """
    began = time.monotonic()
    ours = {"id": held.operation_id, "generation": held.generation}
    row = session.execute(FENCE, ours).one_or_none()
    if row is not None and time.monotonic() - began > WAITED_SECONDS:
        row = session.execute(FENCE, ours).one_or_none()
    if row is None:
        raise LeaseLost(held.operation_id)
    return Fence(*row)


class LeaseKeeper:
    """Knows, without asking the database, whether this worker's leases can still be trusted."""

    def __init__(self, database: Database, worker_id: str, settings: Settings) -> None:
        self._database, self._worker_id, self._settings = database, worker_id, settings
        self._lock = threading.Lock()
        self._held: dict[str, Claim] = {}
        self._confirmed = time.monotonic()
        self._outage = float("-inf")

    @property
    def may_judge(self) -> bool:
        """Tell whether a full lease has passed since our last outage: before that, others may be alive unheard."""
        return time.monotonic() - self._outage > self._settings.lease_seconds

    def hold(self, claims: Iterable[Claim]) -> None:
        """Watch over these from now on."""
        with self._lock:
            self._held.update({held.operation_id: held for held in claims})

    def drop(self, held: Claim) -> None:
        """Watch over it no longer."""
        with self._lock:
            if self._held.get(held.operation_id) is held:
                del self._held[held.operation_id]

    def check(self, held: Claim) -> None:
        """Raise LeaseLost where no further call may be started."""
        if held.lost.is_set() or time.monotonic() - self._confirmed >= self._settings.lease_seconds:
            raise LeaseLost(held.operation_id)

    def beat(self) -> None:
        """Extend the leases once; note which are gone, and outages."""
        asked = time.monotonic()
        with self._lock:
            watched = dict(self._held)
        try:
            alive = heartbeat(self._database, self._worker_id, watched.keys(), self._settings)
        except Exception:
            self._outage = time.monotonic()
            raise
        self._confirmed = asked
        for operation_id, held in watched.items():
            if alive.get(operation_id) != held.generation:
                held.lost.set()


def _lease(now: datetime, settings: Settings) -> dict[str, datetime]:
    until = now + settings.lease
    return {"lease_until": until, "wake_at": until + timedelta(seconds=settings.call_timeout_seconds)}


def _due(session: Session, handlers: Sequence[str], limit: int, judge: bool) -> Sequence[Row[Any]]:
    return session.execute(DUE if judge else DUE_AND_FREE, {"handlers": handlers, "limit": limit}).all()


def _take(session: Session, worker_id: str, due: Sequence[Row[Any]], settings: Settings) -> list[Claim]:
    taken = list[str]()
    for row in due:
        mine = {"worker_id": worker_id, "generation": row.generation + 1, **_lease(row.now, settings)}
        if swapped(session, TAKE, {"this": row.id, "seen": row.generation, **mine}):
            taken.append(row.id)
    found = plan.read(session, *taken) if taken else []
    return [Claim(each.operation.id, each.operation.generation, each) for each in found]
