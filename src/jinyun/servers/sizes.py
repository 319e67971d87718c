"""What a server of a size takes of a pool and of quotas."""

from dataclasses import replace
from typing import Protocol

from sqlalchemy.orm import Session

from jinyun.capacity.amounts import Amount
from jinyun.capacity.models import Hold
from jinyun.capacity.request import PlacementRequest
from jinyun.catalog.models import Flavor
from jinyun.organisation.models import Project
from jinyun.servers.models import Server
from jinyun.servers.states import DELIVERED

KEY_WEIGHT = 4.0
"""Share of a lane that a key application system gets against a general one."""


class Sized(Protocol):
    """A flavor, or an amount."""

    @property
    def vcpus(self) -> int:
        """Virtual CPUs."""

    @property
    def memory_mib(self) -> int:
        """Memory."""

    @property
    def disk_gib(self) -> int:
        """Disk."""


def weight_of(project: Project) -> float:
    """Return a project's weight in lanes."""
    return KEY_WEIGHT if project.criticality == "key" else 1.0


def wanted(server: Server, flavor: Flavor) -> Amount:
    """Return the size that a server has with a flavor: disks of what was there before are its own."""
    disk_gib = flavor.disk_gib if server.ladder == DELIVERED else server.size.disk_gib
    return Amount(flavor.vcpus, flavor.memory_mib, disk_gib)


def as_counted(session: Session, server: Server, *sizes: Sized) -> PlacementRequest:
    """Return the same for a server that is there: what its hold has besides its size stays as it is.

    Disks of what was there before are not of its hosts: they count by their storage tiers alone.
    """
    lines = session.get_one(Hold, server.hold_id).lines
    prefix = "storage_gib:"
    tiers = {name.removeprefix(prefix): amount for name, amount in lines.items() if name.startswith(prefix)}
    request = replace(request_for(server.project, *sizes), addresses=lines.get("addresses", 0), tiers=tiers)
    return request if server.ladder == DELIVERED else replace(request, disk_gib=0)


def request_for(
    project: Project, *sizes: Sized, region_id: str | None = None, zone: str | None = None
) -> PlacementRequest:
    """Return what one server takes that is of this size, or between two of them: then the larger of each number."""
    return PlacementRequest(
        project,
        vcpus=max(size.vcpus for size in sizes),
        memory_mib=max(size.memory_mib for size in sizes),
        disk_gib=max(size.disk_gib for size in sizes),
        region_id=region_id,
        network_region_id=region_id,
        zone=zone,
        criticality=project.criticality,
    )
