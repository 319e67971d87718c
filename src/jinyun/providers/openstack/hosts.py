"""Hosts: who they are from Nova, how large and how full they are from Placement.

Placement answers for one host at a time, but a single list tells every host's generation, which grows with each change
of size, ratio or use: only hosts whose generation is new are asked again.
"""

from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from jinyun.providers.base import HostFacts
from jinyun.providers.errors import Missing
from jinyun.providers.openstack.api import Api, Document

SIDE_BY_SIDE = 8
"""How many hosts Placement is asked about at the same time."""

WITHOUT_UPTIME = "2.87"
"""From the next microversion on Nova asks every host how long it has been up, which takes as long as it takes."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What Placement knows of one host at one generation."""

    generation: int
    inventories: Mapping[str, Document]
    usages: Mapping[str, int]


NOTHING = Capacity(generation=-1, inventories={}, usages={})


class Hosts:
    """Reads the hosts of a cloud; remembers what did not change."""

    def __init__(self, compute: Api, placement: Api) -> None:
        self._compute = compute
        self._placement = placement
        self._known: dict[str, Capacity] = {}

    def read(self) -> list[HostFacts]:
        """Return the hosts with their capacity."""
        capacities = self._capacities()
        return [host_from(host, capacities.get(host["id"], NOTHING)) for host in self._hypervisors()]

    def names_by_service(self) -> dict[str, list[str]]:
        """Return the names of the hosts behind each compute service, which may be several."""
        names: dict[str, list[str]] = defaultdict(list)
        for host in self._hypervisors():
            names[host["service"]["host"]].append(host["hypervisor_hostname"])
        return names

    def service_of(self, name: str) -> Document | None:
        """Return the compute service (`id`, `host`) behind a host, or None where there is no such host."""
        found = (host["service"] for host in self._hypervisors() if host["hypervisor_hostname"] == name)
        return next(found, None)

    def _hypervisors(self) -> list[Document]:
        return list(self._compute.items("/os-hypervisors/detail", "hypervisors", microversion=WITHOUT_UPTIME))

    def _capacities(self) -> dict[str, Capacity]:
        providers = self._placement.get("/resource_providers")["resource_providers"]
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            capacities = dict(pool.map(self._capacity, providers))
        self._known = {uuid: capacity for uuid, capacity in capacities.items() if capacity is not NOTHING}
        return capacities

    def _capacity(self, provider: Document) -> tuple[str, Capacity]:
        uuid, generation = provider["uuid"], provider["generation"]
        known = self._known.get(uuid, NOTHING)
        return uuid, known if known.generation == generation else self._ask(uuid, generation)

    def _ask(self, uuid: str, generation: int) -> Capacity:
        try:
            inventories = self._placement.get(f"/resource_providers/{uuid}/inventories")["inventories"]
            usages = self._placement.get(f"/resource_providers/{uuid}/usages")["usages"]
        except Missing:
            return NOTHING
        return Capacity(generation, inventories, usages)


def host_from(hypervisor: Document, capacity: Capacity) -> HostFacts:
    """Return a host. Memory and disk that the cloud keeps for the host itself do not count as its size."""
    return HostFacts(
        id=hypervisor["id"],
        name=hypervisor["hypervisor_hostname"],
        hypervisor=hypervisor["hypervisor_type"],
        up=hypervisor["state"] == "up",
        enabled=hypervisor["status"] == "enabled",
        vcpus=_usable(capacity, "VCPU"),
        memory_mib=_usable(capacity, "MEMORY_MB"),
        disk_gib=_usable(capacity, "DISK_GB"),
        cpu_ratio=_ratio(capacity, "VCPU"),
        memory_ratio=_ratio(capacity, "MEMORY_MB"),
        used_vcpus=capacity.usages.get("VCPU", 0),
        used_memory_mib=capacity.usages.get("MEMORY_MB", 0),
        used_disk_gib=capacity.usages.get("DISK_GB", 0),
    )


def _usable(capacity: Capacity, kind: str) -> int:
    inventory = capacity.inventories.get(kind, {"total": 0, "reserved": 0})
    return int(inventory["total"] - inventory["reserved"])


def _ratio(capacity: Capacity, kind: str) -> float:
    return float(capacity.inventories.get(kind, {"allocation_ratio": 1.0})["allocation_ratio"])
