"""What Jinyun asks of infrastructure: small protocols by capability, with the facts of `facts` as answers.

Every method either returns, or raises one of the four kinds of `jinyun.providers.errors`; a call makes one request or
a few, each of which ends within the time-out the region was opened with. Verbs only start work: the caller reads the
state until the work is finished. A `token` is unique to one wanted thing; the provider stores it in the backend so that
the thing can be found again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from jinyun.providers.estate import Estate
from jinyun.providers.facts import (
    Attachment,
    AttachmentVerdict,
    CloudLimit,
    ConsoleEndpoint,
    FlavorFacts,
    FloatingAddress,
    HostFacts,
    ImageFacts,
    Marked,
    MarkedKind,
    NetworkFacts,
    NetworkSpecification,
    PoolFacts,
    Port,
    PortSpecification,
    RegionFacts,
    RouterSpecification,
    SecurityRule,
    Server,
    ServerSpecification,
    ServerStatus,
    Snapshot,
    SnapshotStatus,
    StoreFacts,
    SubnetFacts,
    Volume,
    VolumeSpecification,
    VolumeStatus,
    VolumeTypeFacts,
)

__all__ = [
    "Attachment",
    "AttachmentVerdict",
    "BlockStorage",
    "Bus",
    "CloudLimit",
    "Compute",
    "Connection",
    "ConsoleEndpoint",
    "FlavorFacts",
    "FloatingAddress",
    "HostControl",
    "HostFacts",
    "ImageFacts",
    "Inventory",
    "Marked",
    "MarkedKind",
    "NetworkFacts",
    "NetworkSpecification",
    "Networking",
    "PoolFacts",
    "Port",
    "PortSpecification",
    "ProjectScope",
    "Region",
    "RegionFacts",
    "RouterSpecification",
    "Routing",
    "SecurityRule",
    "Server",
    "ServerSpecification",
    "ServerStatus",
    "Snapshot",
    "SnapshotStatus",
    "Snapshots",
    "StoreFacts",
    "SubnetFacts",
    "Tenancy",
    "Volume",
    "VolumeSpecification",
    "VolumeStatus",
    "VolumeTypeFacts",
]


class Compute(Protocol):
    """Servers of one project."""

    def find_by_token(self, token: str, *, port_id: str | None = None) -> Server | None:
        """Return the server made with this token (or sitting on this port), or None."""

    def create(self, specification: ServerSpecification, token: str) -> Server:
        """Ask for a server. Raises Refused where the request itself is impossible."""

    def get(self, server_id: str) -> Server | None:
        """Return the server, or None where it does not exist any more."""

    def start(self, server_id: str) -> None:
        """Ask for power on; Refused (`wrong-state`) where it is on."""

    def stop(self, server_id: str) -> None:
        """Ask for a shutdown, guest first; Refused (`wrong-state`) where it is off."""

    def reboot(self, server_id: str, *, hard: bool) -> None:
        """Ask for a reboot: through the guest, or by power (`hard`)."""

    def resize(self, server_id: str, flavor_id: str) -> None:
        """Ask for another flavor; ends in `resized`, which `confirm_resize` or `revert_resize` leaves.

        Where no host has room the server comes to rest as it was, with its old flavor: `last_failure` tells why.
        """

    def last_failure(self, server_id: str) -> str | None:
        """Return why the last change asked of a server failed, in the backend's words; None where it did not fail."""

    def confirm_resize(self, server_id: str) -> None:
        """Keep the new flavor; fine where that is under way already."""

    def revert_resize(self, server_id: str) -> None:
        """Go back to the old flavor; fine where that is under way already."""

    def migrate(self, server_id: str, host: str) -> None:
        """Ask for a move to another host while the server runs; Refused (`wrong-state`) where it is off.

        Where it cannot go there it comes to rest where it was: `last_failure` tells why.
        """

    def delete(self, server_id: str) -> None:
        """Ask for deletion; a missing server is fine."""

    def attach_volume(self, server_id: str, volume_id: str) -> None:
        """Ask for an attachment. Never repeat after OutcomeUnknown without reading `attachment` first.

        A backend that accepts at once may still say `detached` for some seconds before the first record appears.
        """

    def detach_volume(self, server_id: str, volume_id: str) -> None:
        """Ask for a detachment; where it is not attached, fine. Transient while a change is under way."""

    def attachment(self, server_id: str, volume_id: str) -> Attachment:
        """Read every record of this volume on this server and give the verdict."""

    def console_log(self, server_id: str, lines: int) -> str:
        """Return the end of the serial console's output."""

    def console(self, server_id: str) -> ConsoleEndpoint:
        """Open the server's screen for the platform; valid for a short time. Refused (`not-offered`) without one."""


class BlockStorage(Protocol):
    """Volumes of one project."""

    def find_by_token(self, token: str) -> Volume | None:
        """Return the volume made with this token, or None; of several after a repeated request, always the same."""

    def create(self, specification: VolumeSpecification, token: str) -> Volume:
        """Ask for a volume."""

    def get(self, volume_id: str) -> Volume | None:
        """Return the volume, or None where it does not exist any more."""

    def delete(self, volume_id: str) -> None:
        """Ask for deletion; a missing volume is fine. Refused (`wrong-state`) while it is attached."""

    def extend(self, volume_id: str, size_gib: int) -> None:
        """Ask for a larger size, on a server or not; Refused (`wrong-state`) while something else is under way."""

    def sweep_duplicates(self, token: str, keep: str) -> int:
        """Ask for deletion of this token's volumes other than `keep`; return how many there were.

        Transient while one of them is being made.
        """

    def clean_orphaned_attachments(self, volume_id: str) -> int:
        """Delete the attachment records that no server knows; return how many there were."""

    def release(self, volume_id: str) -> bool:
        """Mark a volume as free that counts as used although no record says by whom; return whether it was one."""


class Snapshots(Protocol):
    """Snapshots of the volumes of one project. A volume cannot be deleted while it has any."""

    def find_by_token(self, token: str) -> Snapshot | None:
        """Return the snapshot made with this token, or None; of several after a repeated request, always the same."""

    def create(self, volume_id: str, name: str, token: str) -> Snapshot:
        """Ask for a snapshot of a volume, on a server or not: then of what was written to it so far."""

    def get(self, snapshot_id: str) -> Snapshot | None:
        """Return the snapshot, or None where it does not exist any more."""

    def delete(self, snapshot_id: str) -> None:
        """Ask for deletion; a missing snapshot is fine."""

    def sweep_duplicates(self, token: str, keep: str) -> int:
        """Ask for deletion of this token's snapshots other than `keep`; return how many there were.

        Transient while one of them is being made.
        """


class Networking(Protocol):
    """Ports, networks and security groups of one project."""

    def find_port(self, network_id: str, address: str) -> Port | None:
        """Return the port that holds this address in this network, or None."""

    def create_port(self, specification: PortSpecification, token: str) -> Port:
        """Make a port. Refused (`address-in-use`) where another port has the address."""

    def get_port(self, port_id: str) -> Port | None:
        """Return the port, or None where it does not exist any more."""

    def delete_port(self, port_id: str) -> None:
        """Delete a port; a missing one is fine."""

    def create_network(self, specification: NetworkSpecification, token: str) -> NetworkFacts:
        """Make a network and its subnet, or return the one made with this token before."""

    def delete_network(self, network_id: str) -> None:
        """Delete a network with its subnets; a missing one is fine."""

    def ensure_security_group(self, name: str, token: str, rules: Sequence[SecurityRule]) -> str:
        """Make the group of this token, or find it; give it exactly these rules; return its id."""

    def delete_security_group(self, group_id: str) -> None:
        """Delete a security group; a missing one is fine."""


class Routing(Protocol):
    """Routers and floating addresses of one project."""

    def ensure_router(self, specification: RouterSpecification, token: str) -> str:
        """Make the router of this token, or find it; give it exactly this gateway and these subnets; return its id."""

    def delete_router(self, router_id: str) -> None:
        """Delete a router; a missing one is fine. Refused (`wrong-state`) while a floating address needs it."""

    def find_floating(self, network_id: str, address: str) -> FloatingAddress | None:
        """Return the floating address, or None where the region has not got it."""

    def create_floating(self, network_id: str, address: str, token: str) -> FloatingAddress:
        """Take exactly this address of an external network. Refused (`address-in-use`) where somebody has it."""

    def associate_floating(self, floating_id: str, port_id: str | None) -> None:
        """Have the address answer for a port, or for none; a second time is fine.

        Refused where no router joins the port's network with the external one.
        """

    def delete_floating(self, floating_id: str) -> None:
        """Give a floating address back; a missing one is fine."""


class Inventory(Protocol):
    """What the region as a whole has; needs no project."""

    def zones(self) -> Sequence[str]:
        """Return the names of the availability zones that run servers."""

    def pools(self) -> Sequence[PoolFacts]:
        """Return aggregates or clusters."""

    def hosts(self) -> Sequence[HostFacts]:
        """Return the hosts with their capacity."""

    def flavors(self) -> Sequence[FlavorFacts]:
        """Return all flavors."""

    def images(self) -> Sequence[ImageFacts]:
        """Return all images that any project may use."""

    def volume_types(self) -> Sequence[VolumeTypeFacts]:
        """Return all volume types."""

    def stores(self) -> Sequence[StoreFacts]:
        """Return the datastores or storage backends, with how full they are."""

    def networks(self) -> Sequence[NetworkFacts]:
        """Return all networks."""

    def servers_changed_since(self, moment: datetime) -> Sequence[Server]:
        """Return the servers of all projects that changed, deleted ones included."""

    def marked(self, prefix: str) -> Sequence[Marked]:
        """Return what bears a token that begins so, in all projects, and what is wrong with such volumes."""


class HostControl(Protocol):
    """What is done to hosts, by their names; needs no project."""

    def close(self, name: str, why: str) -> None:
        """Have the region place no new server on a host; what runs there goes on. Missing where there is no such host.

        Closing what is closed is fine.
        """

    def open(self, name: str) -> None:
        """Have the region place servers on a host again; fine where it does. Missing where there is no such host."""

    def servers_on(self, name: str) -> Sequence[Server]:
        """Return the servers of all projects that are on a host."""


class Tenancy(Protocol):
    """The region's own projects, to which application systems are bound."""

    def ensure_project(self, name: str, description: str) -> str:
        """Make the backend's project with unlimited quota (Jinyun is the gate), or find it; return its id."""

    def limits(self, project_id: str) -> list[CloudLimit]:
        """Return what the backend limits the project to by itself; nothing where it is unlimited."""

    def lift_limits(self, project_id: str) -> None:
        """Make the project unlimited; fine where it is."""


@runtime_checkable
class ProjectScope(Protocol):
    """Everything that happens inside one of the backend's projects."""

    @property
    def compute(self) -> Compute:
        """Servers."""

    @property
    def storage(self) -> BlockStorage:
        """Volumes."""

    @property
    def snapshots(self) -> Snapshots:
        """Snapshots of volumes."""

    @property
    def networking(self) -> Networking:
        """Ports, networks, security groups."""

    @property
    def routing(self) -> Routing:
        """Routers and floating addresses."""


@runtime_checkable
class Region(Protocol):
    """An open connection to one region; safe to use from several threads."""

    def facts(self) -> RegionFacts:
        """Sign in and say what this is; BackendDown (`credentials-rejected`) where the password is wrong."""

    @property
    def inventory(self) -> Inventory:
        """The region as a whole."""

    @property
    def hosts(self) -> HostControl:
        """The region's hosts."""

    @property
    def tenancy(self) -> Tenancy:
        """The region's projects."""

    @property
    def estate(self) -> Estate | None:
        """What is there already, whoever made it; None where that cannot be watched."""

    def project(self, project_id: str) -> ProjectScope:
        """Return the scope of one of the backend's projects."""


@dataclass(frozen=True, slots=True)
class Bus:
    """A message bus on which a region tells what changed."""

    url: str
    """`rabbit://user@host:port/virtual-host`, as oslo.messaging has it, without the password."""
    topic: str
    secret: str = field(repr=False)
    """The password."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach a region: what is public, and the secret apart."""

    provider: str
    """A name of `registry.PROVIDERS`."""
    public: dict[str, str]
    """Provider-specific: `auth_url`, `username`, `project_name`, …; `url` and `username` of a vCenter; `world` (a file)
    for the simulated one."""
    secret: str | None = None
    call_timeout_seconds: float = 15.0
    bus: Bus | None = None
    """Where the region tells of changes; None where it has to be asked."""

    def __repr__(self) -> str:
        """Leave the secret out."""
        return f"Connection(provider={self.provider!r}, public={self.public!r})"
