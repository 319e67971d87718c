"""Taking from a pool: it is chosen, its load is locked, and what is wanted is counted there."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.capacity import quotas
from jinyun.capacity.drawing import host_of_choice
from jinyun.capacity.errors import NoCapacity
from jinyun.capacity.measure import measure, measure_locked, take
from jinyun.capacity.models import PoolLoad
from jinyun.capacity.placement import Explanation, as_good_as_first, choose, describe, fits
from jinyun.capacity.request import PlacementRequest
from jinyun.capacity.rooms import PoolRoom
from jinyun.kit.errors import AlreadyExists
from jinyun.kit.uniqueness import add_unique


@dataclass(frozen=True, slots=True)
class Taken:
    """The pool that was chosen, and the host in it where one was wanted."""

    room: PoolRoom
    host: str | None
    explanation: Explanation


def lock_load(session: Session, pool_id: str) -> PoolLoad:
    """Lock the pool's load; the first one to need it makes it."""
    load = session.get(PoolLoad, pool_id, with_for_update=True, populate_existing=True)
    if load is not None:
        return load
    load = PoolLoad(pool_id=pool_id)
    try:
        add_unique(session, load, AlreadyExists(kind="pool load", name=pool_id))
    except AlreadyExists:  # somebody else was first
        return session.get_one(PoolLoad, pool_id, with_for_update=True, populate_existing=True)
    return load


def take_pool(session: Session, request: PlacementRequest) -> Taken:
    """Choose a pool and count the request in it; measured again once its row is locked, because others choose too."""
    rooms = measure(session)
    if any(room.pool.dedicated_to for room in rooms):
        request = replace(request, scopes=frozenset(quotas.scopes_of(session, request.project.id)))
    candidates, explanation = choose(rooms, request)
    while candidates:
        candidate, load = _lock_best(session, candidates, request)
        room = measure_locked(session, candidate, load)
        if room is candidate or fits(room, request):
            with suppress(NoCapacity):
                host = host_of_choice(session, room, request) if request.needs_host or request.on_host else None
                explanation.chosen = describe(room, request) | ({"host": host} if host else {})
                take(session, room, load, request.amount)
                session.flush()
                return Taken(room, host, explanation)
        explanation.remove_filled(room)
        candidates.remove(candidate)
    raise NoCapacity(explanation.summary())


def _lock_best(
    session: Session, candidates: Sequence[PoolRoom], request: PlacementRequest
) -> tuple[PoolRoom, PoolLoad]:
    """Lock the best candidate, or one as good that nobody is taking from this moment: many decide at once."""
    for candidate in as_good_as_first(candidates, request):
        of_pool = select(PoolLoad).where(PoolLoad.pool_id == candidate.pool.id)
        unlocked = of_pool.with_for_update(skip_locked=True).execution_options(populate_existing=True)
        load = session.scalar(unlocked)
        if load is not None:
            return candidate, load
        if candidate.mark is None:  # nobody had taken from it, so that there may be no row to lock yet
            return candidate, lock_load(session, candidate.pool.id)
    return candidates[0], lock_load(session, candidates[0].pool.id)
