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
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from jinyun.capacity.amounts import Amount
from jinyun.capacity.models import Hold, PoolLoad
from jinyun.capacity.states import USED
from jinyun.regions.models import Host, Pool

READING_TIME = timedelta(minutes=2)
"""The longest that a reading of the hosts takes: what was delivered within it may be missing from the figures."""


@dataclass(frozen=True, slots=True)
class HostRoom:
    """A host that takes servers: what it may promise, and what the region says is taken."""

    name: str
    size: Amount
    used: Amount

    @property
    def free(self) -> Amount:
        """What is left; an overfull host takes nothing from the others."""
        return (self.size - self.used).at_least_zero()


@dataclass(frozen=True, slots=True)
class PoolRoom:
    """A pool with its hosts' room and what Jinyun has promised in it."""

    pool: Pool
    hosts: tuple[HostRoom, ...]
    physical: Amount
    held: Amount
    settling: Amount
    delivered: Amount
    """Jinyun's own part of what is used."""
    unseen_since: datetime | None
    """What was delivered after this moment may be missing from the region's figures; None without hosts."""

    @property
    def label(self) -> str:
        """What people call the pool: its region and its name."""
        return f"{self.pool.region.code}/{self.pool.name}"

    @property
    def size(self) -> Amount:
        """What the pool may promise: size × overcommit."""
        return Amount.total(host.size for host in self.hosts)

    @property
    def used(self) -> Amount:
        """What the region says is taken, by anybody."""
        return Amount.total(host.used for host in self.hosts)

    @property
    def free(self) -> Amount:
        """What can still be promised; negative where too much was."""
        return Amount.total(host.free for host in self.hosts) - self.held - self.settling

    def places_for(self, size: Amount) -> int:
        """Return how many servers of this size the hosts could take, each on one host."""
        return sum(host.free.count_of(size) for host in self.hosts)

    def survives_a_host(self, more: Amount) -> bool:
        """Tell whether all that runs and is promised, and `more`, still fits when the largest host fails (N+1).

        A pool of one host never does.
        """
        if not self.hosts:
            return False
        largest = max(self.hosts, key=lambda host: (host.size.memory_mib, host.size.vcpus, host.size.disk_gib))
        left = self.size - largest.size
        return left.holds(self.used + self.held + self.settling + more)


def measure(session: Session, pool_ids: Iterable[str] | None = None) -> list[PoolRoom]:
    """Return the room of these pools, or of all that the regions still have, by name; four queries."""
    wanted = select(Pool).options(joinedload(Pool.region), joinedload(Pool.zone)).order_by(Pool.name, Pool.id)
    wanted = wanted.where(Pool.present) if pool_ids is None else wanted.where(Pool.id.in_(list(pool_ids)))
    pools = list(session.scalars(wanted))
    ids = [pool.id for pool in pools]
    hosts: dict[str | None, list[Host]] = {}
    taking = select(Host).where(Host.pool_id.in_(ids), Host.up, Host.enabled).order_by(Host.name)
    for host in session.scalars(taking):
        hosts.setdefault(host.pool_id, []).append(host)
    of_pools = select(PoolLoad).where(PoolLoad.pool_id.in_(ids)).execution_options(populate_existing=True)
    loads = {load.pool_id: load for load in session.scalars(of_pools)}
    since = {pool_id: min(host.seen_at for host in members) - READING_TIME for pool_id, members in hosts.items()}
    settling = _settling(session, since)
    return [_room(pool, hosts, loads, since, settling) for pool in pools]


def _room(
    pool: Pool,
    hosts: Mapping[str | None, Sequence[Host]],
    loads: Mapping[str, PoolLoad],
    since: Mapping[str | None, datetime],
    settling: Mapping[str | None, Amount],
) -> PoolRoom:
    members, load = hosts.get(pool.id, ()), loads.get(pool.id)
    return PoolRoom(
        pool=pool,
        hosts=tuple(_host_room(pool, host) for host in members),
        physical=Amount.total(Amount(host.vcpus, host.memory_mib, host.disk_gib) for host in members),
        held=load.held if load else Amount(),
        settling=settling.get(pool.id, Amount()),
        delivered=load.used if load else Amount(),
        unseen_since=since.get(pool.id),
    )


def _host_room(pool: Pool, host: Host) -> HostRoom:
    """The pool's ratio is what was decided, the host's what the region applies: the smaller one is safe."""
    size = Amount(
        int(host.vcpus * min(pool.cpu_ratio, host.cpu_ratio)),
        int(host.memory_mib * min(pool.memory_ratio, host.memory_ratio)),
        host.disk_gib,
    )
    return HostRoom(host.name, size, Amount(host.used_vcpus, host.used_memory_mib, host.used_disk_gib))


def _settling(session: Session, since: Mapping[str | None, datetime]) -> dict[str | None, Amount]:
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
