"""Lanes: how many steps may be at one backend at once, and who comes next.

Grants go out in weighted-fair order among projects (start-time fair queueing: P. Goyal, H. Vin, H. Cheng, 1996): each
project's next step is tagged with the virtual time up to which the project has been served, and the lowest tag wins.
How many are inside follows the backend's health: each good ending adds a little room, a bad one (slow, or an error of
the backend) takes half of it away, between the floor and the ceiling that operators set. The lane's row is written by
compare-and-swap, so that two workers never give the same room away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jinyun.kit.database import swapped
from jinyun.operations.models import Lane, LaneGrant, OperationRow, OperationStep
from jinyun.operations.plan import PlannedOperation, PlannedStep
from jinyun.operations.states import STEP_PENDING

DEFAULT_CEILINGS = {"array": 2, "build": 8, "move": 2, "machines": 8}
"""By the first word of a lane's name; two at an array keeps it busy without a queue of calls that time out."""
FALLBACK_CEILING = 4
SWAP_ATTEMPTS = 50
EASE_INTERVAL = timedelta(seconds=10)
"""One bad spell cuts the allowance once, however many steps saw it."""


operations = cast("Table", OperationRow.__table__)
lanes = cast("Table", Lane.__table__)
grants = cast("Table", LaneGrant.__table__)
LANE = select(lanes).where(lanes.c.name == bindparam("name")).with_for_update()
"""Locked before a place in it is made: a new row's reference to the lane locks it too, and two such want it both."""
PLACE = select(grants.c.granted_at).where(grants.c.step_id == bindparam("step_id"))
QUEUE = (
    select(grants.c.step_id, grants.c.operation_id, grants.c.share, grants.c.weight)
    .where(grants.c.lane == bindparam("lane"), grants.c.granted_at.is_(None))
    .order_by(grants.c.queued_at, grants.c.step_id)
)
SWAP = update(lanes).where(lanes.c.name == bindparam("this"), lanes.c.generation == bindparam("seen"))
QUEUE_UP = insert(grants)
GIVE_BACK = delete(grants).where(grants.c.step_id == bindparam("step_id")).returning(grants.c.granted_at)
LET_IN = update(grants).where(grants.c.step_id.in_(bindparam("these", expanding=True)))
WAKE = update(operations).where(
    operations.c.id.in_(bindparam("these", expanding=True)), operations.c.worker_id.is_(None)
)
"""Words that are said all the time, and put together only once."""


class LaneContended(Exception):
    """The lane changed under our hands every time; the transaction is given up."""


class Health(StrEnum):
    """How a backend did, as a step that was in its lane saw it."""

    GOOD = "good"
    BAD = "bad"
    SILENT = "silent"
    """Nothing can be said: it was cancelled, or never asked."""


@dataclass(frozen=True, slots=True)
class _Queued:
    step_id: str
    operation_id: str
    share: str
    weight: float


def enter(
    session: Session, operation: OperationRow | PlannedOperation, step: OperationStep | PlannedStep, now: datetime
) -> bool:
    """Queue a step for its lane, once, and tell whether it is inside."""
    if step.lane is None:
        return True
    if step.state != STEP_PENDING:
        place = session.execute(PLACE, {"step_id": step.id}).one_or_none()
        if place is not None:
            return place.granted_at is not None
    lane = _opened(session, step.lane)
    queued = {
        "step_id": step.id,
        "operation_id": operation.id,
        "lane": step.lane,
        "share": operation.project_id or "",
        "weight": operation.weight,
        "queued_at": now,
    }
    session.execute(QUEUE_UP, queued)
    return step.id in admit(session, step.lane, now, queued=True, lane=lane)


def leave(session: Session, step: OperationStep | PlannedStep, now: datetime, health: Health = Health.SILENT) -> bool:
    """Give a step's place back and tell whether others came in for it; without a place nothing happens."""
    if step.lane is None:
        return False
    place = session.execute(GIVE_BACK, {"step_id": step.id}).one_or_none()
    if place is None:
        return False
    return bool(admit(session, step.lane, now, freed=int(place.granted_at is not None), health=health))


def report(session: Session, step: PlannedStep, now: datetime, health: Health) -> None:
    """Say how the backend did while the step stays inside."""
    if step.lane is not None and health is Health.BAD:
        admit(session, step.lane, now, health=health)


def admit(
    session: Session,
    name: str,
    now: datetime,
    *,
    freed: int = 0,
    queued: bool = False,
    health: Health = Health.SILENT,
    lane: Row[Any] | None = None,
) -> Sequence[str]:
    """Take `freed` places back, follow the backend's health, and hand out what is free, fairest first.

    Returns the steps that were let in.

    Whoever has `queued` moves the generation on even where nobody gets in: somebody who leaves in the same moment does
    not see him yet, and must look again. A `lane` that was read before is not read once more.

    Raises:
        LaneContended: the compare-and-swap lost every time.
    """
    for _ in range(SWAP_ATTEMPTS):
        lane = lane or session.execute(LANE, {"name": name}).one()
        in_use = max(lane.in_use - freed, 0)
        allowance, eased_at = follow(lane, health, now)
        room = int(allowance) - in_use
        chosen, virtual_time, shares = list[_Queued](), lane.virtual_time, lane.shares
        if room > 0:
            chosen, virtual_time, shares = choose(_queue(session, name), room, virtual_time, dict(shares))
        if not chosen and not freed and not queued and allowance == lane.allowance:
            return []
        new = {
            "in_use": in_use + len(chosen),
            "virtual_time": virtual_time,
            "shares": shares,
            "allowance": allowance,
            "eased_at": eased_at,
            "generation": lane.generation + 1,
        }
        if swapped(session, SWAP, {"this": name, "seen": lane.generation, **new}):
            _let_in(session, chosen, now)
            return [entry.step_id for entry in chosen]
        lane = None
    raise LaneContended(name)


def follow(lane: "Lane | Row[Any]", health: Health, now: datetime) -> tuple[float, datetime | None]:
    """Return the allowance after a step saw this health, and when it was last cut: more by addition, less by halves."""
    allowance = min(max(lane.allowance, float(lane.floor)), float(lane.ceiling))
    if health is Health.GOOD:
        return min(allowance + 1.0 / max(allowance, 1.0), float(lane.ceiling)), lane.eased_at
    if health is Health.BAD and (lane.eased_at is None or now - lane.eased_at >= EASE_INTERVAL):
        return max(allowance / 2, float(lane.floor)), now
    return allowance, lane.eased_at


def choose(
    queue: Sequence[_Queued], room: int, virtual_time: float, shares: dict[str, float]
) -> tuple[list[_Queued], float, dict[str, float]]:
    """Pick who goes in next: pure, so that fairness can be tested without a database.

    Returns the chosen entries, the lane's new virtual time, and what each waiting project has been served.
    """
    waiting = list(queue)
    chosen: list[_Queued] = []
    while waiting and len(chosen) < room:
        best = min(waiting, key=lambda entry: max(shares.get(entry.share, 0.0), virtual_time))
        start = max(shares.get(best.share, 0.0), virtual_time)
        shares[best.share] = start + 1.0 / best.weight
        virtual_time = start
        waiting.remove(best)
        chosen.append(best)
    live = {entry.share for entry in queue}
    kept = {share: served for share, served in shares.items() if share in live or served > virtual_time}
    return chosen, virtual_time, kept


def _queue(session: Session, name: str) -> list[_Queued]:
    return [_Queued(*row) for row in session.execute(QUEUE, {"lane": name})]


def _let_in(session: Session, chosen: Sequence[_Queued], now: datetime) -> None:
    if not chosen:
        return
    session.execute(LET_IN, {"these": [entry.step_id for entry in chosen], "granted_at": now})
    session.execute(WAKE, {"these": [entry.operation_id for entry in chosen], "wake_at": now})


def _opened(session: Session, name: str) -> Row[Any]:
    lane = session.execute(LANE, {"name": name}).one_or_none()
    if lane is not None:
        return lane
    ceiling = DEFAULT_CEILINGS.get(name.partition("/")[0], FALLBACK_CEILING)
    try:
        with session.begin_nested():
            session.add(Lane(name=name, ceiling=ceiling, allowance=float(ceiling), shares={}))
    except IntegrityError:
        pass  # somebody else opened it in this moment
    return session.execute(LANE, {"name": name}).one()
