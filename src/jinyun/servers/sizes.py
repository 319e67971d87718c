"""What a server of a flavor takes of a pool and of quotas."""

from jinyun.capacity.request import PlacementRequest
from jinyun.catalog.models import Flavor
from jinyun.organisation.models import Project

KEY_WEIGHT = 4.0
"""Share of a lane that a key application system gets against a general one."""


def weight_of(project: Project) -> float:
    """Return a project's weight in lanes."""
    return KEY_WEIGHT if project.criticality == "key" else 1.0


def request_for(
    project: Project, *flavors: Flavor, region_id: str | None = None, zone: str | None = None
) -> PlacementRequest:
    """Return what one server takes that is of this flavor, or between two of them: then the larger of each number."""
    return PlacementRequest(
        project,
        vcpus=max(flavor.vcpus for flavor in flavors),
        memory_mib=max(flavor.memory_mib for flavor in flavors),
        disk_gib=max(flavor.disk_gib for flavor in flavors),
        region_id=region_id,
        network_region_id=region_id,
        zone=zone,
        criticality=project.criticality,
    )
