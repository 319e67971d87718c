"""What needs a place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from jinyun.capacity.amounts import Amount
from jinyun.organisation.models import Project


@dataclass(frozen=True)
class PlacementRequest:
    """What needs a place. Sizes are of one server; `tiers` (GiB by tier) and `addresses` are for all together."""

    project: Project
    vcpus: int = 0
    memory_mib: int = 0
    disk_gib: int = 0
    """Local disk of the host; volumes are in `tiers`."""
    servers: int = 1
    """None for volumes alone: they take quota but no place in a pool, and need `region_id`."""
    tiers: Mapping[str, int] = field(default_factory=dict)
    addresses: int | None = None
    """One for each server where nothing is said."""
    region_id: str | None = None
    zone: str | None = None
    criticality: str = "general"
    network_region_id: str | None = None
    """The region that the wanted network reaches."""
    network: str | None = None
    """Code of the wanted network."""
    reaching_tiers: frozenset[str] = frozenset()
    """Codes of the storage tiers that must reach it, beside those of `tiers`: their room is held elsewhere."""
    offered_in: frozenset[str] | None = None
    """Ids of the regions that have the wanted flavor, image and tiers; None where that does not matter."""
    hypervisor: str | None = None
    """A word of `regions.hypervisors`; None where any will do."""
    tags: frozenset[str] = frozenset()
    """The pool must have all of these."""
    without_tags: frozenset[str] = frozenset()
    """The pool must have none of these."""
    licences: frozenset[str] = frozenset()
    """What the pool's hosts must be licensed for."""
    scopes: frozenset[str] = frozenset()
    """Ids of the application system and of each department above it: a pool may be dedicated to one of them."""
    not_in_pools: frozenset[str] = frozenset()
    """Ids of pools where it must not be: what it must stay apart from is there."""
    rather_not_in_pools: frozenset[str] = frozenset()
    """Ids of pools where it had better not be."""
    in_pool: str | None = None
    """Id of the pool that somebody chose."""
    on_host: str | None = None
    """Name of the host that somebody chose."""
    not_on_hosts: frozenset[str] = frozenset()
    """Names of hosts where it must not be."""
    needs_host: bool = False
    """Whether its host is chosen with its pool; else one is found when it is delivered."""
    only_on_hosts: frozenset[str] | None = None
    """Names of the hosts where it has to be; None where that does not matter."""
    rather_not_on_hosts: frozenset[str] = frozenset()
    """Names of hosts where it had better not be."""
    rather_on_hosts: frozenset[str] = frozenset()
    """Names of hosts where it had better be."""

    @cached_property
    def size(self) -> Amount:
        """One server."""
        return Amount(self.vcpus, self.memory_mib, self.disk_gib)

    @cached_property
    def amount(self) -> Amount:
        """All servers together."""
        return self.size.times(self.servers)

    @property
    def minds_hosts(self) -> bool:
        """Whether some hosts are out of the question, wherever they are."""
        return bool(self.not_on_hosts) or self.only_on_hosts is not None

    def may_be_on(self, host: str) -> bool:
        """Tell whether the wishes about hosts, by their names, leave this one."""
        if host in self.not_on_hosts or self.on_host not in {None, host}:
            return False
        return self.only_on_hosts is None or host in self.only_on_hosts

    def prefers_host(self, host: str) -> bool:
        """Tell whether a host, by its name, is one of those where it had better be."""
        return host in self.rather_on_hosts if self.rather_on_hosts else host not in self.rather_not_on_hosts

    @property
    def wishes(self) -> dict[str, list[str]]:
        """What was wanted of the pool by name, as it is kept with a hold: another pool has to have it, too."""
        wanted = {"tags": self.tags, "without_tags": self.without_tags, "licences": self.licences}
        return {name: sorted(values) for name, values in wanted.items() if values}

    @property
    def lines(self) -> dict[str, int]:
        """What counts against quotas, by resource."""
        lines = {
            "vcpus": self.amount.vcpus,
            "memory_mib": self.amount.memory_mib,
            "servers": self.servers,
            "addresses": self.servers if self.addresses is None else self.addresses,
            **{f"storage_gib:{tier}": gib for tier, gib in self.tiers.items()},
        }
        return {resource: amount for resource, amount in lines.items() if amount}
