from collections.abc import Iterator
from itertools import count

from jinyun.kit.ids import new_id
from jinyun.providers.base import (
    Connection,
    PortSpecification,
    ProjectScope,
    Region,
    ServerSpecification,
    VolumeSpecification,
)
from jinyun.providers.simulated.region import SimulatedRegion
from jinyun.providers.simulated.world import World


class Tenant:
    """One project in a simulated world, with short ways to ask for things."""

    def __init__(self, world: World, timeout: float = 5.0) -> None:
        self.world = world
        self.region: Region = SimulatedRegion(Connection("simulated", {"world": str(world.path)}, None, timeout))
        self.scope: ProjectScope = self.region.project("tenant")
        self._addresses: Iterator[str] = (f"10.20.{number // 200}.{10 + number % 200}" for number in count())

    def port_wish(self) -> PortSpecification:
        network = next(network for network in self.region.inventory.networks() if network.vlan == 100)
        return PortSpecification(network.id, network.subnets[0].id, next(self._addresses), "port")

    def wish(self, *, flavor: str = "m1.nano", zone: str = "az-general") -> ServerSpecification:
        port = self.scope.networking.create_port(self.port_wish(), new_id())
        flavor_id = next(known.id for known in self.region.inventory.flavors() if known.name == flavor)
        image_id = next(known.id for known in self.region.inventory.images() if known.name == "jinyun-linux-1")
        return ServerSpecification("server", flavor_id, image_id, (port.id,), zone=zone)

    def volume_wish(self, kind: str = "general") -> VolumeSpecification:
        return VolumeSpecification("volume", 1, kind)
