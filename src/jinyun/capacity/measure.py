"""How much room the pools have.

What counts against a pool, and what must not count twice:

- A region's figures (`Host.used_*`) include everything that runs there: other people's servers and Jinyun's own. They
  are the base: a host's room is its size × overcommit − what the region says is used. Jinyun's delivered servers are
  therefore not subtracted again.
- What Jinyun has promised but the region does not show yet comes on top: *held* (ordered, not delivered), and
  *settling*: delivered after the region was last read, or so shortly before that the reading may have missed it. Once
  a later reading has seen it, it is in the base and settles to nothing by itself.
- While a server is being built, a reading may show it although it is still held; after one was deleted, the region's
  figures name it until the next reading. Both err on the side of too little room, and for one reading only.
- Hosts that are down or take no new servers count neither with their size nor with what runs on them.
- A host in maintenance has no room. What still runs on it counts as if it were promised: it moves to the others.

Reading ten thousand hosts for one decision would take longer than the decision. Every process keeps what it read of a
pool, with the stamp it was read at: the version of the pool, of its region and of its hosts' figures, and the mark of
its load. One short question brings the stamps of all pools; only what they show to have changed is read again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.pool import Pool as Connections

from jinyun.capacity.amounts import Amount
from jinyun.capacity.models import Hold, PoolLoad
from jinyun.capacity.rooms import HostRoom, PoolRoom, PoolTraits
from jinyun.capacity.states import USED
from jinyun.providers.registry import NO_RATIO_OF_THEIR_OWN, ONLY_OBSERVED
from jinyun.regions.models import Host, Pool, Region

READING_TIME = timedelta(minutes=2)
"""The longest that a reading of the hosts takes: what was delivered within it may be missing from the figures."""

Figures = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Known:
    """A pool's room, which has the mark of its load, and the stamp at which its hosts were read."""

    of_hosts: tuple[object, ...]
    room: PoolRoom


_known: WeakKeyDictionary[Connections, dict[str, _Known]] = WeakKeyDictionary()
"""By database (one pool of connections leads to one), by pool. Threads share it: an entry is replaced, never changed,
and an older one that overwrites a newer one is found out by its stamp."""


def measure(session: Session, pool_ids: Iterable[str] | None = None) -> list[PoolRoom]:
    """Return the room of these pools, or of all that the regions still have, by name; five queries at most.

    Of pools that are named, what is promised is read anew always: who holds a pool's lock goes by what stands there.
    """
    shared = _of_database(session)
    known = dict(shared)  # as it is now: other threads go on replacing entries
    stamps = list(session.execute(_stamps(pool_ids)))
    rows = {row.id: row for row in stamps}
    older = {row.id for row in stamps if row.id not in known or known[row.id].of_hosts != _hosts_stamp(row)}
    rooms = {pool_id: known[pool_id].room for pool_id in rows.keys() - older}
    rooms |= _read_hosts(session, older)
    named = pool_ids is not None
    newer = [row.id for row in stamps if named or row.id in older or known[row.id].room.mark != row.mark]
    rooms |= _read_loads(session, [rooms[pool_id] for pool_id in newer])
    for pool_id in newer:
        shared[pool_id] = _Known(_hosts_stamp(rows[pool_id]), rooms[pool_id])
    return [rooms[row.id] for row in stamps]


def measure_locked(session: Session, room: PoolRoom, load: PoolLoad) -> PoolRoom:
    """Return a pool's room when its load is locked: the same where nobody has changed the load since it was read."""
    return room if room.mark == load.mark else measure(session, [room.pool.id])[0]


def take(session: Session, room: PoolRoom, load: PoolLoad, amount: Amount) -> None:
    """Promise an amount in a pool whose load is locked, and know its room from now on without reading it anew.

    Should the transaction be rolled back, nobody ever sees the new mark, and what is known here is found out by that.
    """
    load.add(held=amount)
    shared = _of_database(session)
    known = shared.get(room.pool.id)
    if known is not None and known.room is room:
        shared[room.pool.id] = replace(known, room=replace(room, held=load.held, mark=load.mark))


def _of_database(session: Session) -> dict[str, _Known]:
    engine = session.get_bind()
    if not isinstance(engine, Engine):
        return {}
    return _known.setdefault(engine.pool, {})


def _stamps(pool_ids: Iterable[str] | None) -> Select[*tuple[Any, ...]]:
    wanted = (
        select(Pool.id, Pool.version, Pool.figures, Region.version.label("of_region"), Region.state, PoolLoad.mark)
        .join(Region, Pool.region_id == Region.id)
        .outerjoin(PoolLoad, PoolLoad.pool_id == Pool.id)
        .order_by(Pool.name, Pool.id)
    )
    return wanted.where(Pool.present) if pool_ids is None else wanted.where(Pool.id.in_(list(pool_ids)))


def _hosts_stamp(row: Figures) -> tuple[object, ...]:
    return row.version, row.figures, row.of_region, row.state


def _read_hosts(session: Session, pool_ids: Collection[str]) -> dict[str, PoolRoom]:
    """Return pools with what their hosts have, and nothing promised yet."""
    if not pool_ids:
        return {}
    reading = select(Pool).options(joinedload(Pool.region), joinedload(Pool.zone)).where(Pool.id.in_(pool_ids))
    pools = session.scalars(reading.execution_options(populate_existing=True))
    hosts: dict[str | None, list[Figures]] = {}
    taking = select(*_FIGURES).where(Host.pool_id.in_(pool_ids), _COUNTS).order_by(Host.name)
    for host in session.execute(taking):
        hosts.setdefault(host.pool_id, []).append(host)
    return {pool.id: _room(pool, hosts.get(pool.id, ())) for pool in pools}


_FIGURES = (
    Host.pool_id,
    Host.name,
    Host.vcpus,
    Host.memory_mib,
    Host.disk_gib,
    Host.cpu_ratio,
    Host.memory_ratio,
    Host.used_vcpus,
    Host.used_memory_mib,
    Host.used_disk_gib,
    Host.seen_at,
    Host.maintenance,
)
_COUNTS = or_(and_(Host.up, Host.enabled), Host.maintenance.is_not(None))


def _room(pool: Pool, counting: Sequence[Figures]) -> PoolRoom:
    hosts = [host for host in counting if host.maintenance is None]
    return PoolRoom(
        pool=_traits(pool),
        hosts=tuple(_host_room(pool, host) for host in hosts),
        physical=Amount.total(Amount(host.vcpus, host.memory_mib, host.disk_gib) for host in hosts),
        held=Amount(),
        settling=Amount(),
        delivered=Amount(),
        moving=Amount.total(_used(host) for host in counting if host.maintenance is not None),
        unseen_since=min(host.seen_at for host in hosts) - READING_TIME if hosts else None,
    )


def _traits(pool: Pool) -> PoolTraits:
    return PoolTraits(
        id=pool.id,
        name=pool.name,
        region_id=pool.region_id,
        region=pool.region.code,
        region_state=pool.region.state,
        takes_new_servers=pool.region.provider not in ONLY_OBSERVED,
        zone_id=pool.zone_id,
        zone=pool.zone.name if pool.zone else None,
        hypervisor=pool.hypervisor,
        criticality_class=pool.criticality_class,
        orderable=pool.orderable,
        present=pool.present,
        cpu_ratio=pool.cpu_ratio,
        memory_ratio=pool.memory_ratio,
        tags=frozenset(pool.tags),
        licences=frozenset(pool.licences),
        dedicated_to=pool.dedicated_to,
        tiers=None if pool.tiers is None else frozenset(pool.tiers),
        networks=None if pool.networks is None else frozenset(pool.networks),
        keeps_a_host=pool.keeps_a_host,
        weight=pool.weight,
    )


def _host_room(pool: Pool, host: Figures) -> HostRoom:
    """The pool's ratio is what was decided, the host's what the region applies, if any: the smaller one is safe."""
    bounded = pool.region.provider not in NO_RATIO_OF_THEIR_OWN
    size = Amount(
        int(host.vcpus * (min(pool.cpu_ratio, host.cpu_ratio) if bounded else pool.cpu_ratio)),
        int(host.memory_mib * (min(pool.memory_ratio, host.memory_ratio) if bounded else pool.memory_ratio)),
        host.disk_gib,
    )
    return HostRoom(host.name, size, _used(host))


def _used(host: Figures) -> Amount:
    return Amount(host.used_vcpus, host.used_memory_mib, host.used_disk_gib)


def _read_loads(session: Session, rooms: Sequence[PoolRoom]) -> dict[str, PoolRoom]:
    """Return the pools with what is promised in them."""
    if not rooms:
        return {}
    ids = [room.pool.id for room in rooms]
    reading = select(PoolLoad).where(PoolLoad.pool_id.in_(ids)).execution_options(populate_existing=True)
    loads = {load.pool_id: load for load in session.scalars(reading)}
    settling = _settling(session, {room.pool.id: room.unseen_since for room in rooms if room.unseen_since})
    return {
        room.pool.id: replace(
            room,
            mark=loads[room.pool.id].mark if room.pool.id in loads else None,
            held=loads[room.pool.id].held if room.pool.id in loads else Amount(),
            delivered=loads[room.pool.id].used if room.pool.id in loads else Amount(),
            settling=settling.get(room.pool.id, Amount()),
        )
        for room in rooms
    }


def _settling(session: Session, since: Mapping[str, datetime]) -> dict[str | None, Amount]:
    """Return what was delivered in each pool since its hosts were last read."""
    if not since:
        return {}
    unseen = [and_(Hold.pool_id == pool_id, Hold.settling_since > moment) for pool_id, moment in since.items()]
    summed = (
        select(
            Hold.pool_id,
            func.sum(Hold.settling_vcpus),
            func.sum(Hold.settling_memory_mib),
            func.sum(Hold.settling_disk_gib),
        )
        .where(Hold.state == USED, or_(*unseen))
        .group_by(Hold.pool_id)
    )
    return {
        pool_id: Amount(int(vcpus), int(memory), int(disk)) for pool_id, vcpus, memory, disk in session.execute(summed)
    }
