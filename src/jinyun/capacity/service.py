"""Holding, delivering, changing and giving back what something needs of quota and of a pool.

Rows are locked in one order everywhere: the hold, the application system (shared), its quotas, the pool's load.
Authority is with the room that asks: it knows what the holder is.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.capacity import quotas
from jinyun.capacity.amounts import Amount
from jinyun.capacity.errors import FULL, HoldGone, NoCapacity
from jinyun.capacity.events import HoldExpired
from jinyun.capacity.groups import GroupRule, with_group
from jinyun.capacity.measure import measure
from jinyun.capacity.models import Hold
from jinyun.capacity.placement import Explanation
from jinyun.capacity.request import PlacementRequest
from jinyun.capacity.rooms import PoolRoom
from jinyun.capacity.states import HELD, RELEASED, USED
from jinyun.capacity.taking import lock_load, take_pool
from jinyun.kit.actor import PLATFORM, Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import NotFound
from jinyun.kit.events import publish
from jinyun.organisation.models import Project

Holder = tuple[str, str]
"""Kind and id of what holds: ("order_item", …), ("server", …)."""
BATCH = 50


def place_and_hold(
    session: Session,
    actor: Actor,
    request: PlacementRequest,
    holder: Holder,
    expires_at: datetime | None,
    *,
    group: GroupRule | None = None,
) -> Hold:
    """Choose a pool and hold it, with quota, for `holder` until `expires_at` or until it is confirmed.

    Where it is one of a `group`, which the caller has locked, or a host is named, the host is chosen and held with it.

    Raises:
        QuotaExceeded: a limit would be passed.
        NoCapacity: no pool can take it; says why each could not.
        ValueError: no servers and no region: there is nothing to choose by.
    """
    limits = quotas.lock_quotas(session, request.project.id)
    quotas.count(session, limits, HELD, request.lines)
    if request.servers:
        taken = take_pool(session, with_group(session, request, group))
        region_id, pool_id, host = taken.room.pool.region_id, taken.room.pool.id, taken.host
        explanation = taken.explanation
    elif request.region_id is None:
        raise ValueError("what takes no place in a pool needs a region")
    else:
        region_id, pool_id, host, explanation = request.region_id, None, None, Explanation(considered=0)
    hold = Hold(
        holder_kind=holder[0],
        holder_id=holder[1],
        project_id=request.project.id,
        region_id=region_id,
        pool_id=pool_id,
        host=host,
        group_id=group.id if group else None,
        wishes=request.wishes or None,
        expires_at=expires_at,
        lines=request.lines,
        explanation=explanation.as_document(),
    )
    hold.amount = request.amount
    session.add(hold)
    session.flush()
    after = {"holder": holder, "pool": pool_id, "region": region_id, **request.lines}
    _note(session, actor, "capacity.hold", hold, after)
    return hold


def take_over(
    session: Session, actor: Actor, request: PlacementRequest, holder: Holder, region_id: str, pool_id: str | None
) -> Hold:
    """Count what is there already as used by an application system; limits may be passed, and show that they are.

    The region's own figures have it in the pool since before: nothing of it settles.
    """
    quotas.count(session, quotas.lock_quotas(session, request.project.id), USED, request.lines, beyond=True)
    if pool_id is not None:
        lock_load(session, pool_id).add(used=request.amount)
    hold = Hold(
        holder_kind=holder[0],
        holder_id=holder[1],
        project_id=request.project.id,
        region_id=region_id,
        pool_id=pool_id,
        state=USED,
        lines=request.lines,
        explanation=Explanation(considered=0).as_document(),
    )
    hold.amount = request.amount
    session.add(hold)
    session.flush()
    after = {"holder": holder, "pool": pool_id, "region": region_id, **request.lines}
    _note(session, actor, "capacity.take-over", hold, after)
    return hold


def confirm(session: Session, hold_id: str) -> Hold:
    """Keep the hold: from now on it does not expire. A second time, and after delivery, nothing changes.

    Raises:
        NotFound, HoldGone: there is none, or not any more.
    """
    hold = lock_standing(session, hold_id)
    hold.expires_at = None
    return hold


def extend(session: Session, hold_id: str, expires_at: datetime) -> Hold:
    """Give those who decide more time; a confirmed or delivered hold stays as it is. Raises NotFound, HoldGone."""
    hold = lock_standing(session, hold_id)
    if hold.expires_at is not None:
        hold.expires_at = expires_at
    return hold


def to_usage(session: Session, hold_id: str) -> Hold:
    """Say that it was delivered; a second time changes nothing. Raises NotFound, HoldGone."""
    hold = lock_standing(session, hold_id)
    if hold.state == USED:
        return hold
    quotas.deliver(quotas.lock_quotas(session, hold.project_id), hold.lines)
    if hold.pool_id is not None:
        lock_load(session, hold.pool_id).add(held=hold.amount.times(-1), used=hold.amount)
    hold.state, hold.expires_at = USED, None
    hold.settling, hold.settling_since = hold.amount, utc_now()
    return hold


def release(session: Session, hold_id: str) -> None:
    """Give everything back, delivered or not; what was given back before is fine. Raises NotFound."""
    hold = _lock(session, hold_id)
    if hold.state != RELEASED:
        _release(session, hold)


def change(session: Session, hold_id: str, request: PlacementRequest) -> Hold:
    """Make a hold larger or smaller in the pool where it is: a resize, a larger volume.

    What grows must fit the quota and the pool; a larger server also needs a host that has room for all of it, because
    it may have to move there. What shrinks is given back at once.

    Raises:
        NotFound, HoldGone: there is none, or not any more.
        QuotaExceeded, NoCapacity: what is wanted in addition is not there.
    """
    hold = lock_standing(session, hold_id)
    delta = {
        resource: request.lines.get(resource, 0) - hold.lines.get(resource, 0)
        for resource in request.lines.keys() | hold.lines.keys()
    }
    quotas.count(session, quotas.lock_quotas(session, hold.project_id), hold.state, delta)
    if hold.pool_id is not None and request.amount != hold.amount:
        _resize(session, hold, hold.pool_id, request)
    before, hold.lines = hold.lines, request.lines
    _note(session, PLATFORM, "capacity.change", hold, hold.lines, before=before)
    return hold


def hold_growth(
    session: Session,
    actor: Actor,
    hold_id: str,
    request: PlacementRequest,
    holder: Holder,
    expires_at: datetime | None,
) -> Hold:
    """Hold, for another holder, what something will take in addition where it is; `change` then needs it released.

    Raises:
        NotFound, HoldGone: there is nothing that could grow, or not any more.
        QuotaExceeded, NoCapacity: as `change`; NoCapacity also where the pool would not survive the loss of a host.
    """
    present = lock_standing(session, hold_id)
    growth = Hold(
        holder_kind=holder[0],
        holder_id=holder[1],
        project_id=present.project_id,
        region_id=present.region_id,
        pool_id=present.pool_id,
        expires_at=expires_at,
        lines={
            resource: more
            for resource, amount in request.lines.items()
            if (more := amount - present.lines.get(resource, 0)) > 0
        },
        explanation=Explanation(considered=0).as_document(),
    )
    growth.amount = (request.amount - present.amount).at_least_zero()
    quotas.count(session, quotas.lock_quotas(session, present.project_id), HELD, growth.lines)
    if present.pool_id is not None and growth.amount != Amount():
        load = lock_load(session, present.pool_id)
        room = _room_to_grow(session, present.pool_id, growth.amount, request)
        if room.pool.keeps_a_host and not room.survives_a_host(growth.amount):
            raise NoCapacity(FULL.format(pool=room.label))
        load.add(held=growth.amount)
    session.add(growth)
    session.flush()
    _note(session, actor, "capacity.hold", growth, {"holder": holder, "grows": hold_id, **growth.lines})
    return growth


def recount(session: Session, hold_id: str, amount: Amount) -> None:
    """Count what is delivered at the size that it has by now; limits may be passed, and show that they are.

    Raises:
        NotFound, HoldGone: there is none, or not any more.
    """
    hold = lock_standing(session, hold_id)
    more = amount - hold.amount
    lines = {"vcpus": more.vcpus, "memory_mib": more.memory_mib}
    quotas.count(session, quotas.lock_quotas(session, hold.project_id), USED, lines, beyond=True)
    if hold.pool_id is not None:
        lock_load(session, hold.pool_id).add(used=more)
    hold.lines = hold.lines | {resource: hold.lines.get(resource, 0) + each for resource, each in lines.items()}
    hold.amount = amount
    _note(session, PLATFORM, "capacity.recount", hold, {**amount.as_dict()})


def release_expired(session: Session, now: datetime) -> int:
    """Give back what nobody confirmed in time, some at a call; return how many, 0 when there is nothing left."""
    late = select(Hold).where(Hold.state == HELD, Hold.expires_at <= now).order_by(Hold.id).limit(BATCH)
    holds = list(session.scalars(late.with_for_update(skip_locked=True)))
    for hold in holds:
        if hold.state != HELD:  # its order went with the hold before it, and gave this one back
            continue
        _release(session, hold)
        _note(session, PLATFORM, "capacity.expire", hold, {"expires_at": hold.expires_at})
        publish(session, HoldExpired(hold.id, hold.holder_kind, hold.holder_id))
    return len(holds)


def place_anew(
    session: Session,
    hold_id: str,
    network: str,
    tiers: frozenset[str],
    tried: frozenset[str] = frozenset(),
    *,
    group: GroupRule | None = None,
) -> tuple[Hold, str]:
    """Move what is held to another pool of its region and zone, because its own has lost its room to others.

    Where a host was held, that host has lost its room: then another one of the same pool will do.

    Args:
        network, tiers: codes of what must reach the other pool, too.
        tried: ids of pools, and names of hosts, that are left out.
        group: the server group that it is of, which the caller has locked.

    Returns:
        the hold, and the pool (id) or host (name) that was left.

    Raises:
        NotFound, HoldGone: there is none, or not any more.
        NoCapacity: nothing else can take it; nothing is changed.
    """
    hold = lock_standing(session, hold_id)
    (lost,) = measure(session, [hold.pool_id or ""])
    left = hold.host or lost.pool.id
    project = session.get_one(Project, hold.project_id)
    size = hold.amount.divided_by(hold.lines.get("servers", 1))
    wishes = {name: frozenset(wanted) for name, wanted in (hold.wishes or {}).items()}
    request = PlacementRequest(
        project,
        *size.parts(),
        servers=hold.lines.get("servers", 1),
        region_id=hold.region_id,
        zone=lost.pool.zone,
        criticality=project.criticality,
        network=network,
        reaching_tiers=tiers,
        hypervisor=lost.pool.hypervisor,
        not_in_pools=tried | {left},
        not_on_hosts=tried | {left},
        needs_host=hold.host is not None,
        tags=wishes.get("tags", frozenset()),
        without_tags=wishes.get("without_tags", frozenset()),
        licences=wishes.get("licences", frozenset()),
    )
    lock_load(session, lost.pool.id).add(held=hold.amount.times(-1))
    taken = take_pool(session, with_group(session, request, group, besides=hold.id))
    hold.pool_id, hold.host, hold.explanation = taken.room.pool.id, taken.host, taken.explanation.as_document()
    after, before = {"pool": taken.room.label, "host": hold.host}, {"pool": lost.label, "left": left}
    _note(session, PLATFORM, "capacity.move", hold, after, before=before)
    return hold, left


def _resize(session: Session, hold: Hold, pool_id: str, request: PlacementRequest) -> None:
    delta = request.amount - hold.amount
    load = lock_load(session, pool_id)
    grows = delta.at_least_zero()
    room = _room_to_grow(session, pool_id, grows, request)
    if hold.state == USED:
        load.add(used=delta)
        hold.settling, hold.settling_since = _unsettled(hold, room) + grows, utc_now()
    else:
        load.add(held=delta)
    hold.amount = request.amount


def _room_to_grow(session: Session, pool_id: str, grows: Amount, request: PlacementRequest) -> PoolRoom:
    """Return a pool that has room for so much more, and a host for all of it. Raises NoCapacity."""
    (room,) = measure(session, [pool_id])
    if grows != Amount() and not (room.free.holds(grows) and room.places_for(request.size)):
        raise NoCapacity(FULL.format(pool=room.label))
    return room


def _unsettled(hold: Hold, room: PoolRoom) -> Amount:
    """Return what of the hold still settled before this change."""
    still = hold.settling_since is not None and (room.unseen_since is None or room.unseen_since < hold.settling_since)
    return hold.settling if still else Amount()


def _release(session: Session, hold: Hold) -> None:
    lines = {resource: -amount for resource, amount in hold.lines.items()}
    quotas.count(session, quotas.lock_quotas(session, hold.project_id), hold.state, lines)
    if hold.pool_id is not None:
        load, less = lock_load(session, hold.pool_id), hold.amount.times(-1)
        load.add(**{"held" if hold.state == HELD else "used": less})
    hold.state, hold.ended_at = RELEASED, utc_now()
    session.flush()


def _lock(session: Session, hold_id: str) -> Hold:
    hold = session.get(Hold, hold_id, with_for_update=True, populate_existing=True)
    if hold is None:
        raise NotFound(kind="hold", name=hold_id)
    return hold


def lock_standing(session: Session, hold_id: str) -> Hold:
    """Return a hold that was not given back, locked and read anew. Raises NotFound, HoldGone."""
    hold = _lock(session, hold_id)
    if hold.state == RELEASED:
        raise HoldGone(when=hold.ended_at.isoformat(timespec="seconds") if hold.ended_at else "-")
    return hold


def _note(
    session: Session,
    actor: Actor,
    action: str,
    hold: Hold,
    after: Mapping[str, object],
    *,
    before: Mapping[str, object] | None = None,
) -> None:
    subject = ("hold", hold.id, f"{hold.holder_kind} {hold.holder_id}")
    audit.record(session, actor, action, subject, project_id=hold.project_id, before=before, after=after)
