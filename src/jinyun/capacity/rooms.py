"""A pool as placement sees it: what it is for, what its hosts have, what of it is promised. Nothing here can change."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from jinyun.capacity.amounts import Amount


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
class PoolTraits:
    """What a pool is and for whom; the words are those of `regions.models.Pool`."""

    id: str
    name: str
    region_id: str
    region: str
    region_state: str
    takes_new_servers: bool
    """Whether Jinyun can make servers in regions of this kind."""
    zone_id: str | None
    zone: str | None
    hypervisor: str
    criticality_class: str | None
    orderable: bool
    present: bool
    cpu_ratio: float
    memory_ratio: float
    tags: frozenset[str]
    licences: frozenset[str]
    dedicated_to: str | None
    tiers: frozenset[str] | None
    networks: frozenset[str] | None
    keeps_a_host: bool
    weight: float


@dataclass(frozen=True)
class PoolRoom:
    """A pool with its hosts' room and what Jinyun has promised in it."""

    pool: PoolTraits
    hosts: tuple[HostRoom, ...]
    physical: Amount
    held: Amount
    settling: Amount
    delivered: Amount
    """Jinyun's own part of what is used."""
    unseen_since: datetime | None
    """What was delivered after this moment may be missing from the region's figures; None without hosts."""
    moving: Amount = Amount()  # noqa: RUF009 - frozen
    """What still runs on hosts in maintenance, and is on its way to the others."""
    mark: str | None = None
    """Of the load that was read (see `PoolLoad.mark`); None where the pool has none yet."""

    @cached_property
    def label(self) -> str:
        """What people call the pool: its region and its name."""
        return f"{self.pool.region}/{self.pool.name}"

    @cached_property
    def size(self) -> Amount:
        """What the pool may promise: size × overcommit."""
        return Amount.total(host.size for host in self.hosts)

    @cached_property
    def used(self) -> Amount:
        """What the region says is taken, by anybody."""
        return Amount.total(host.used for host in self.hosts)

    @cached_property
    def promised(self) -> Amount:
        """What Jinyun promised and the region does not show yet on the hosts that count."""
        return self.held + self.settling + self.moving

    @cached_property
    def taken(self) -> Amount:
        """All that runs and is promised."""
        return self.used + self.promised

    @cached_property
    def free(self) -> Amount:
        """What can still be promised; negative where too much was."""
        return Amount.total(host.free for host in self.hosts) - self.promised

    @cached_property
    def without_largest(self) -> Amount:
        """What is left to promise in all when the largest host fails."""
        largest = max(self.hosts, key=lambda host: (host.size.memory_mib, host.size.vcpus, host.size.disk_gib))
        return self.size - largest.size

    @cached_property
    def _gaps(self) -> tuple[tuple[str, Amount], ...]:
        return tuple((host.name, host.free) for host in self.hosts)

    def places_for(self, size: Amount, *, enough: int | None = None, where: Callable[[str], bool] | None = None) -> int:
        """Return how many servers of this size the hosts could take, each on one host; stops at `enough`.

        Args:
            where: which hosts count, by their names; None for all.
        """
        places = 0
        for name, free in self._gaps:
            if where is None or where(name):
                places += free.count_of(size)
                if enough is not None and places >= enough:
                    break
        return places

    def hosts_with_room(self, size: Amount) -> int:
        """Return how many hosts have room for one such server."""
        return sum(free.holds(size) for _name, free in self._gaps)

    def without(self, name: str) -> "PoolRoom":
        """Return the pool as it is when one of its hosts goes into maintenance."""
        leaving = Amount.total(host.used for host in self.hosts if host.name == name)
        staying = tuple(host for host in self.hosts if host.name != name)
        return replace(self, hosts=staying, moving=self.moving + leaving)

    def survives_a_host(self, more: Amount) -> bool:
        """Tell whether all that runs and is promised, and `more`, still fits when the largest host fails (N+1).

        A pool of one host never does.
        """
        return bool(self.hosts) and self.without_largest.holds(self.taken + more)
