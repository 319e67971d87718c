"""How pools and tiers of storage filled: a sample each ten minutes, fewer of them the older they are."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select
from sqlalchemy.orm import Session

from jinyun.capacity.measure import measure
from jinyun.capacity.models import CapacitySample, Hold
from jinyun.capacity.rooms import PoolRoom
from jinyun.capacity.states import HELD, USED
from jinyun.kit.database import Database, database_now
from jinyun.kit.ids import new_id

EVERY = timedelta(minutes=10)
STEP, HOUR, DAY = "10m", "1h", "1d"
KEPT: Mapping[str, timedelta] = {STEP: timedelta(days=7), HOUR: timedelta(days=92), DAY: timedelta(days=1830)}
"""How long a sample is kept: the first of a day longest, the first of an hour longer than the others."""
POOL, TIER = "pool", "tier"
STORAGE = "storage_gib:"
Figures = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Sample:
    """What something has and what is taken of it, at one moment."""

    kind: str
    region_id: str
    subject: str
    """What tells it from others of its kind and region: a pool's id, a tier's code, a store's id, a cluster's name."""
    name: str
    figures: Figures = field(default_factory=dict)
    """By what they are (`physical`, `used` …), amounts in `vcpus`, `memory_mib`, `disk_gib`."""


def sample_pools(database: Database) -> int:
    """Note how full all pools and tiers are, and forget what is older than it is kept; return how many were noted."""

    def work(session: Session) -> int:
        samples = [*(_of_pool(room) for room in measure(session)), *_of_tiers(session)]
        noted = note(session, samples)
        forget_old(session, database_now(session))
        return noted

    return database.write(work)


def note(session: Session, samples: Iterable[Sample]) -> int:
    """Write samples down for the ten minutes that it is, those that are there already left out; return how many."""
    at = _floor(database_now(session))
    known = select(CapacitySample.kind, CapacitySample.region_id, CapacitySample.subject).where(CapacitySample.at == at)
    there = {tuple(row) for row in session.execute(known)}
    rows = [_row(each, at) for each in samples if (each.kind, each.region_id, each.subject) not in there]
    if rows:
        session.execute(insert(CapacitySample), rows)
    return len(rows)


def forget_old(session: Session, now: datetime) -> None:
    """Remove samples that are older than their grain is kept."""
    old = or_(*(and_(CapacitySample.grain == grain, CapacitySample.at < now - kept) for grain, kept in KEPT.items()))
    session.execute(delete(CapacitySample).where(old).execution_options(synchronize_session=False))


def grains_from(coarsest: str) -> list[str]:
    """Return the grains of samples that a series with such steps is made of."""
    return {STEP: [STEP, HOUR, DAY], HOUR: [HOUR, DAY], DAY: [DAY]}[coarsest]


def _of_pool(room: PoolRoom) -> Sample:
    amounts = {
        "physical": room.physical,
        "size": room.size,
        "used": room.used,
        "allocated": room.delivered,
        "held": (room.held + room.settling).at_least_zero(),
    }
    figures = {what: amount.as_dict() for what, amount in amounts.items()}
    return Sample(POOL, room.pool.region_id, room.pool.id, room.pool.name, figures)


def _of_tiers(session: Session) -> list[Sample]:
    """Return what Jinyun holds and has delivered of each tier: what volumes count against quotas."""
    counted: dict[tuple[str, str], Counter[str]] = {}
    living = select(Hold.region_id, Hold.state, Hold.lines).where(Hold.state.in_([HELD, USED]))
    for region_id, state, lines in session.execute(living.execution_options(yield_per=1000)):
        for resource, amount in lines.items():
            if resource.startswith(STORAGE):
                key = (region_id, resource.removeprefix(STORAGE))
                counted.setdefault(key, Counter())["held" if state == HELD else "allocated"] += amount
    return [
        Sample(TIER, region_id, tier, tier, {what: {"disk_gib": sums[what]} for what in ("allocated", "held")})
        for (region_id, tier), sums in counted.items()
    ]


def _row(sample: Sample, at: datetime) -> dict[str, Any]:
    grain = STEP if at.minute else HOUR if at.hour else DAY
    return {
        "id": new_id(),
        "kind": sample.kind,
        "region_id": sample.region_id,
        "subject": sample.subject,
        "name": sample.name,
        "at": at,
        "grain": grain,
        "figures": {what: dict(amount) for what, amount in sample.figures.items()},
    }


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 10 * 10, second=0, microsecond=0)
