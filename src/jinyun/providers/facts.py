"""What is asked of infrastructure and what it answers, as frozen facts; `base` has the verbs.

Sizes: memory MiB, disks and volumes GiB. Times: aware, UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ServerStatus(StrEnum):
    """What a server is doing, whatever the backend calls it."""

    BUILDING = "building"
    ACTIVE = "active"
    STOPPED = "stopped"
    PAUSED = "paused"
    RESIZED = "resized"
    """A resize is done on the backend's side and waits to be confirmed or taken back."""
    BUSY = "busy"
    """Some change is under way: rebooting, resizing, powering off."""
    ERROR = "error"
    DELETED = "deleted"


class VolumeStatus(StrEnum):
    """What a volume is doing."""

    CREATING = "creating"
    AVAILABLE = "available"
    RESERVED = "reserved"
    """Promised to an attachment, or half-way through one in either direction."""
    IN_USE = "in_use"
    DELETING = "deleting"
    ERROR = "error"


class AttachmentVerdict(StrEnum):
    """The truth about one volume on one server, from all of the backend's records together."""

    ATTACHED = "attached"
    UNDER_WAY = "under_way"
    DETACHED = "detached"
    ORPHANED = "orphaned"
    """A record holds the volume although no server knows it: clean up before trying again."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server as the backend sees it."""

    id: str
    name: str
    status: ServerStatus
    task: str | None = None
    """The backend's word for what it is doing right now; None when it is at rest."""
    host: str | None = None
    zone: str | None = None
    flavor_id: str | None = None
    addresses: tuple[str, ...] = ()
    fault: str | None = None
    token: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ServerSpecification:
    """What a new server shall be; ids are the backend's."""

    name: str
    flavor_id: str
    image_id: str
    port_ids: tuple[str, ...]
    zone: str | None = None
    host: str | None = None
    """The host, by name, that placement has chosen; without one the backend chooses among the zone's hosts."""
    public_keys: tuple[str, ...] = ()
    """OpenSSH public key of the image's one user: none or one, since a backend's key pair holds only one."""
    user_data: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.public_keys) > 1:
            raise ValueError("a server takes one public key; bring further ones in through user_data")


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume as the backend sees it."""

    id: str
    name: str
    status: VolumeStatus
    size_gib: int
    volume_type: str | None = None
    server_ids: tuple[str, ...] = ()
    token: str | None = None


@dataclass(frozen=True, slots=True)
class VolumeSpecification:
    """What a new volume shall be."""

    name: str
    size_gib: int
    volume_type: str
    snapshot_id: str | None = None
    """What it begins with; empty for an empty volume."""


class SnapshotStatus(StrEnum):
    """What a snapshot is doing."""

    CREATING = "creating"
    AVAILABLE = "available"
    DELETING = "deleting"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a volume held at a moment, as the backend keeps it."""

    id: str
    name: str
    status: SnapshotStatus
    volume_id: str
    size_gib: int
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """One volume on one server: the verdict and what it rests on."""

    verdict: AttachmentVerdict
    device: str | None = None
    evidence: str = ""
    """The backend's records in one line, for operators."""


@dataclass(frozen=True, slots=True)
class Port:
    """A network port."""

    id: str
    network_id: str
    address: str
    mac: str
    device_id: str | None = None
    token: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class PortSpecification:
    """What a new port shall be: exactly this address, or the call is refused."""

    network_id: str
    subnet_id: str
    address: str
    name: str
    security_group_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubnetFacts:
    """A subnet; `allocation_pools` are the ranges that the backend hands out by itself."""

    id: str
    cidr: str
    gateway: str | None
    dhcp: bool
    allocation_pools: tuple[tuple[str, str], ...] = ()
    dns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """A network with its subnets; `vlan` where it is a provider network on one."""

    id: str
    name: str
    shared: bool
    external: bool
    vlan: int | None
    physical_network: str | None
    subnets: tuple[SubnetFacts, ...]


@dataclass(frozen=True, slots=True)
class NetworkSpecification:
    """A network with one subnet; without `vlan` it is a tenant network."""

    name: str
    cidr: str
    gateway: str | None
    backend_pool: tuple[str, str]
    """First and last address that the backend may hand out by itself (DHCP and router ports live there)."""
    vlan: int | None = None
    physical_network: str | None = None
    dns: tuple[str, ...] = ()
    """Addresses of the name servers that its servers are told of."""


@dataclass(frozen=True, slots=True)
class RouterSpecification:
    """A router: the external network that it leads to, if any, and the subnets that it joins; ids are the backend's."""

    name: str
    external_network_id: str | None
    subnet_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FloatingAddress:
    """An address of an external network, and the port that it answers for."""

    id: str
    network_id: str
    address: str
    port_id: str | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class SecurityRule:
    """One permission: traffic in this direction, protocol and port range, from or to a prefix or a group's members."""

    direction: str
    """`ingress` or `egress`."""
    protocol: str | None
    """`tcp`, `udp`, `icmp`, or None for any."""
    port_min: int | None
    port_max: int | None
    remote_cidr: str | None
    """Empty where a group is named."""
    remote_group_id: str | None = None
    """The backend's id of a group of the same project."""


@dataclass(frozen=True, slots=True)
class FlavorFacts:
    """A flavor that the backend offers."""

    id: str
    name: str
    vcpus: int
    memory_mib: int
    disk_gib: int


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """An image that the backend holds."""

    id: str
    name: str
    active: bool
    minimum_disk_gib: int
    minimum_memory_mib: int
    size_bytes: int | None
    virtual_size_bytes: int | None
    checksum: str | None


@dataclass(frozen=True, slots=True)
class VolumeTypeFacts:
    """A kind of volume that the backend offers."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """Where disks lie: a datastore, a storage backend."""

    id: str
    name: str
    capacity_gib: int
    free_gib: int
    provisioned_gib: int | None = None
    """What would be taken if all thin disks were full; None where the backend does not say."""


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """Hosts that belong together: a host aggregate, a cluster."""

    id: str
    name: str
    zone: str | None
    host_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostFacts:
    """A host: what servers may use of it, the overcommit that the backend applies on top, and what is taken."""

    id: str
    name: str
    hypervisor: str
    """Kind as the backend names it: QEMU, fake, ESXi …"""
    up: bool
    enabled: bool
    vcpus: int
    memory_mib: int
    disk_gib: int
    cpu_ratio: float = 1.0
    memory_ratio: float = 1.0
    used_vcpus: int = 0
    used_memory_mib: int = 0
    used_disk_gib: int = 0


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """What a region says of itself when it is registered."""

    endpoint: str
    release: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class ConsoleEndpoint:
    """Where a server's screen can be reached by the platform; never given to a browser."""

    url: str
    """Websocket address that speaks RFB."""
    origin: str | None = None
    subprotocols: tuple[str, ...] = ("binary",)


class MarkedKind(StrEnum):
    """What sort of thing bears a token."""

    SERVER = "server"
    PORT = "port"
    VOLUME = "volume"
    ATTACHMENT = "attachment"
    """Records of a volume on servers that do not know it; told by the volume's id."""
    RESERVATION = "reservation"
    """A volume that counts as used although no record says by whom; told by the volume's id."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A thing in the backend that bears a token, or what is wrong with a volume that does."""

    kind: MarkedKind
    id: str
    name: str
    token: str
    project_id: str
    """The backend's project."""
    created_at: datetime | None = None
    evidence: str = ""
    """What the backend says of it, in one line, for operators."""


@dataclass(frozen=True, slots=True)
class CloudLimit:
    """A limit that a backend puts on one of its projects by itself."""

    resource: str
    """In the backend's words."""
    limit: int
