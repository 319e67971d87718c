"""A region under test: what the contract needs to know of it, and a workshop that cleans up after itself."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TypeVar

from jinyun.kit.ids import new_id
from jinyun.providers.base import (
    BlockStorage,
    Compute,
    Connection,
    NetworkFacts,
    Networking,
    Port,
    PortSpecification,
    Region,
    Routing,
    Server,
    ServerSpecification,
    ServerStatus,
    Snapshot,
    Snapshots,
    SnapshotStatus,
    Volume,
    VolumeSpecification,
    VolumeStatus,
)
from tests.contract.waiting import wait_until

T = TypeVar("T")

RESTING = {ServerStatus.ACTIVE, ServerStatus.STOPPED, ServerStatus.RESIZED, ServerStatus.ERROR}


@dataclass(frozen=True)
class Site:
    """One region under test.

    `zones` are all that it has, `zone` is where servers are quick to make, `real_zone` where they really boot;
    `patience` is the longest that one piece of work may take, in seconds.
    """

    connection: Connection
    region: Region
    zones: frozenset[str]
    zone: str
    real_zone: str
    patience: float
    poll_seconds: float
    unreachable: Connection
    wrong_password: Connection
    limit: Callable[[str], object]
    """Limits a project to seven of something, behind Jinyun's back."""

    def network(self) -> NetworkFacts:
        """Return the network that the tests use."""
        return next(network for network in self.region.inventory.networks() if network.name == "prod-vlan-100")

    def flavor_id(self, name: str) -> str:
        """Return a flavor's id by its name."""
        return next(flavor.id for flavor in self.region.inventory.flavors() if flavor.name == name)

    def image_id(self, name: str) -> str:
        """Return an image's id by its name."""
        return next(image.id for image in self.region.inventory.images() if image.name == name)


class Workshop:
    """Makes things in one project of a region, waits for them, and removes them in reverse order at the end."""

    def __init__(self, site: Site, project_id: str, addresses: Iterator[str]) -> None:
        scope = site.region.project(project_id)
        self.site = site
        self.compute: Compute = scope.compute
        self.storage: BlockStorage = scope.storage
        self.snapshots: Snapshots = scope.snapshots
        self.networking: Networking = scope.networking
        self.routing: Routing = scope.routing
        self._network = site.network()
        self._addresses = addresses
        self._cleaning = ExitStack()

    def close(self) -> None:
        """Remove everything."""
        self._cleaning.close()

    def at_the_end(self, clean: Callable[[], object]) -> None:
        """Have something removed at the end."""
        self._cleaning.callback(clean)

    def port_wish(self) -> PortSpecification:
        """Return a port at an address that is free."""
        find = self.networking.find_port
        address = next(address for address in self._addresses if find(self._network.id, address) is None)
        return PortSpecification(self._network.id, self._network.subnets[0].id, address, name="contract")

    def port(self, token: str | None = None) -> Port:
        """Make a port."""
        port = self.networking.create_port(self.port_wish(), token or new_id())
        self.at_the_end(lambda: self.networking.delete_port(port.id))
        return port

    def wish(self, port: Port, *, flavor: str = "m1.nano", image: str = "jinyun-linux-1") -> ServerSpecification:
        """Return a small server on a port in the quick zone."""
        return ServerSpecification(
            name="contract",
            flavor_id=self.site.flavor_id(flavor),
            image_id=self.site.image_id(image),
            port_ids=(port.id,),
            zone=self.site.zone,
            metadata={"purpose": "contract"},
        )

    def server(self, wish: ServerSpecification | None = None, token: str | None = None) -> Server:
        """Ask for a server and return it when it rests."""
        made = self.compute.create(wish or self.wish(self.port()), token or new_id())
        self.at_the_end(lambda: self.remove_server(made.id))
        return self.at_rest(made.id)

    def at_rest(self, server_id: str) -> Server:
        """Return a server when nothing is under way on it any more."""
        server = self.wait(
            lambda: self.compute.get(server_id), lambda seen: seen is None or (seen.status in RESTING and not seen.task)
        )
        assert server is not None, "the server vanished"
        return server

    def remove_server(self, server_id: str) -> None:
        """Delete a server and wait until it is gone."""
        self.compute.delete(server_id)
        self.wait(lambda: self.compute.get(server_id), lambda seen: seen is None)

    def volume(self, token: str | None = None, *, kind: str = "general") -> Volume:
        """Make a volume of 1 GiB and return it when it is available."""
        made = self.storage.create(VolumeSpecification("contract", 1, kind), token or new_id())
        self.at_the_end(lambda: self.remove_volume(made.id))
        volume = self.wait(lambda: self.storage.get(made.id), lambda seen: seen is None or not is_creating(seen))
        assert volume is not None and volume.status is VolumeStatus.AVAILABLE
        return volume

    def snapshot(self, volume: Volume, token: str | None = None) -> Snapshot:
        """Take a snapshot of a volume and return it when it is available."""
        made = self.snapshots.create(volume.id, "contract", token or new_id())
        self.at_the_end(lambda: self.remove_snapshot(made.id))
        taken = self.wait(
            lambda: self.snapshots.get(made.id), lambda seen: seen is None or seen.status is not SnapshotStatus.CREATING
        )
        assert taken is not None
        return taken

    def remove_snapshot(self, snapshot_id: str) -> None:
        """Delete a snapshot and wait until it is gone."""
        self.snapshots.delete(snapshot_id)
        self.wait(lambda: self.snapshots.get(snapshot_id), lambda seen: seen is None)

    def remove_volume(self, volume_id: str) -> None:
        """Delete a volume and wait until it is gone."""
        self.storage.delete(volume_id)
        self.wait(lambda: self.storage.get(volume_id), lambda seen: seen is None)

    def wait(self, read: Callable[[], T], holds: Callable[[T], bool]) -> T:
        """Wait as long as work may take in this region."""
        return wait_until(read, holds, within=self.site.patience, every=self.site.poll_seconds)


def is_creating(volume: Volume) -> bool:
    """Tell whether a volume is still being made."""
    return volume.status is VolumeStatus.CREATING


def free_addresses(first: str) -> Iterator[str]:
    """Yield addresses upward from one."""
    start = int(ip_address(first))
    return (str(ip_address(start + step)) for step in range(250))
