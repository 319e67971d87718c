"""What a server of a size takes of a pool and of quotas."""

from typing import Protocol

from jinyun.capacity.request import PlacementRequest
from jinyun.organisation.models import Project

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
