"""OpenStack's words in ours, as data, and its documents as the protocol's facts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from jinyun.providers.base import (
    FlavorFacts,
    FloatingAddress,
    ImageFacts,
    NetworkFacts,
    Port,
    Server,
    ServerStatus,
    Snapshot,
    SnapshotStatus,
    SubnetFacts,
    Volume,
    VolumeStatus,
)
from jinyun.providers.openstack.api import Document

TOKEN = "jinyun_token"  # noqa: S105 - the name of a metadata key
"""Where servers and volumes keep their token."""

TOKEN_PREFIX = "jinyun:"  # noqa: S105 - no password
"""What stands before the token in the description of ports, networks and security groups."""

TAG_LENGTH = 60

SERVER_STATUS: Mapping[str, ServerStatus] = {
    "ACTIVE": ServerStatus.ACTIVE,
    "BUILD": ServerStatus.BUILDING,
    "REBUILD": ServerStatus.BUSY,
    "REBOOT": ServerStatus.BUSY,
    "HARD_REBOOT": ServerStatus.BUSY,
    "RESIZE": ServerStatus.BUSY,
    "REVERT_RESIZE": ServerStatus.BUSY,
    "VERIFY_RESIZE": ServerStatus.RESIZED,
    "MIGRATING": ServerStatus.BUSY,
    "PASSWORD": ServerStatus.BUSY,
    "RESCUE": ServerStatus.ACTIVE,
    "PAUSED": ServerStatus.PAUSED,
    "SUSPENDED": ServerStatus.PAUSED,
    "SHUTOFF": ServerStatus.STOPPED,
    "SHELVED": ServerStatus.STOPPED,
    "SHELVED_OFFLOADED": ServerStatus.STOPPED,
    "ERROR": ServerStatus.ERROR,
    "UNKNOWN": ServerStatus.ERROR,
    "SOFT_DELETED": ServerStatus.DELETED,
    "DELETED": ServerStatus.DELETED,
}
"""Nova's status of a server at rest; a task under way makes any of the resting ones busy."""

RESTING = {ServerStatus.ACTIVE, ServerStatus.STOPPED, ServerStatus.PAUSED, ServerStatus.RESIZED}

VOLUME_STATUS: Mapping[str, VolumeStatus] = {
    "creating": VolumeStatus.CREATING,
    "downloading": VolumeStatus.CREATING,
    "available": VolumeStatus.AVAILABLE,
    "reserved": VolumeStatus.RESERVED,
    "attaching": VolumeStatus.RESERVED,
    "detaching": VolumeStatus.RESERVED,
    "maintenance": VolumeStatus.RESERVED,
    "retyping": VolumeStatus.RESERVED,
    "extending": VolumeStatus.RESERVED,
    "backing-up": VolumeStatus.RESERVED,
    "restoring-backup": VolumeStatus.RESERVED,
    "awaiting-transfer": VolumeStatus.RESERVED,
    "in-use": VolumeStatus.IN_USE,
    "deleting": VolumeStatus.DELETING,
}
"""Cinder's status of a volume; whatever is not here is one of its many errors."""

SNAPSHOT_STATUS: Mapping[str, SnapshotStatus] = {
    "creating": SnapshotStatus.CREATING,
    "available": SnapshotStatus.AVAILABLE,
    "backing-up": SnapshotStatus.AVAILABLE,
    "restoring": SnapshotStatus.AVAILABLE,
    "deleting": SnapshotStatus.DELETING,
}
"""Cinder's status of a snapshot; whatever is not here is an error."""

RELEASES: Sequence[tuple[tuple[int, int], str]] = (
    ((2, 104), "2026.2"),
    ((2, 103), "2026.1"),
    ((2, 100), "2025.2"),
    ((2, 96), "2024.2"),
    ((2, 95), "2023.2"),
    ((2, 93), "Zed"),
    ((2, 90), "Yoga"),
)
"""The newest release that stops at each of Nova's microversions."""


def release_of(newest: tuple[float, ...] | None) -> str:
    """Return the release of OpenStack that a cloud runs, judged by Nova's newest microversion."""
    if newest is None:
        return "unknown"
    written = f"{newest[0]}.{newest[1]}"
    if newest > RELEASES[0][0]:
        return f"after {RELEASES[0][1]} (compute {written})"
    name = next((name for least, name in RELEASES if newest >= least), f"before {RELEASES[-1][1]}")
    return f"{name} (compute {written})"


def tag_of(token: str) -> str:
    """Return a token as a server tag: tags are short and know neither slash nor comma."""
    plain = len(token) <= TAG_LENGTH and not set(token) & {"/", ","}
    return token if plain else sha256(token.encode()).hexdigest()[:TAG_LENGTH]


def server_from(document: Document, flavor_ids: Mapping[str, str]) -> Server:
    """Return a server; `flavor_ids` by name, because a server tells only its flavor's name."""
    task = document.get("OS-EXT-STS:task_state")
    status = SERVER_STATUS.get(document["status"], ServerStatus.ERROR)
    flavor = document.get("flavor", {})
    return Server(
        id=document["id"],
        name=document["name"],
        status=ServerStatus.BUSY if task and status in RESTING else status,
        task=task,
        host=document.get("OS-EXT-SRV-ATTR:hypervisor_hostname"),
        zone=document.get("OS-EXT-AZ:availability_zone") or None,
        flavor_id=flavor.get("id") or flavor_ids.get(flavor.get("original_name", "")),
        addresses=_fixed_addresses(document),
        fault=document.get("fault", {}).get("message"),
        token=document.get("metadata", {}).get(TOKEN),
        created_at=moment_from(document.get("created")),
    )


def _fixed_addresses(document: Document) -> tuple[str, ...]:
    networks = document.get("addresses", {}).values()
    return tuple(
        address["addr"]
        for addresses in networks
        for address in addresses
        if address.get("OS-EXT-IPS:type", "fixed") == "fixed"
    )


def moment_from(written: str | None) -> datetime | None:
    """Return a moment as OpenStack writes it (UTC, with or without saying so)."""
    if written is None:
        return None
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def volume_from(document: Document) -> Volume:
    """Return a volume."""
    return Volume(
        id=document["id"],
        name=document["name"] or "",
        status=VOLUME_STATUS.get(document["status"], VolumeStatus.ERROR),
        size_gib=document["size"],
        volume_type=document.get("volume_type"),
        server_ids=tuple(record["server_id"] for record in document.get("attachments", ())),
        token=document.get("metadata", {}).get(TOKEN),
    )


def snapshot_from(document: Document) -> Snapshot:
    """Return a snapshot."""
    return Snapshot(
        id=document["id"],
        name=document["name"] or "",
        status=SNAPSHOT_STATUS.get(document["status"], SnapshotStatus.ERROR),
        volume_id=document["volume_id"],
        size_gib=document["size"],
        token=document.get("metadata", {}).get(TOKEN),
    )


def description_of(token: str) -> str:
    """Return the description that carries a token."""
    return TOKEN_PREFIX + token


def port_from(document: Document) -> Port:
    """Return a port with the first of its addresses."""
    description = document.get("description") or ""
    fixed = document.get("fixed_ips") or [{"ip_address": ""}]
    return Port(
        id=document["id"],
        network_id=document["network_id"],
        address=fixed[0]["ip_address"],
        mac=document["mac_address"],
        device_id=document.get("device_id") or None,
        token=description.removeprefix(TOKEN_PREFIX) if description.startswith(TOKEN_PREFIX) else None,
        status=document.get("status"),
    )


def floating_from(document: Document) -> FloatingAddress:
    """Return a floating address."""
    description = document.get("description") or ""
    return FloatingAddress(
        id=document["id"],
        network_id=document["floating_network_id"],
        address=document["floating_ip_address"],
        port_id=document.get("port_id"),
        token=description.removeprefix(TOKEN_PREFIX) if description.startswith(TOKEN_PREFIX) else None,
    )


def subnet_from(document: Document) -> SubnetFacts:
    """Return a subnet."""
    return SubnetFacts(
        id=document["id"],
        cidr=document["cidr"],
        gateway=document.get("gateway_ip"),
        dhcp=bool(document.get("enable_dhcp")),
        allocation_pools=tuple((pool["start"], pool["end"]) for pool in document.get("allocation_pools", ())),
        dns=tuple(document.get("dns_nameservers", ())),
    )


def network_from(document: Document, subnets: Sequence[Document]) -> NetworkFacts:
    """Return a network with its subnets."""
    on_vlan = document.get("provider:network_type") == "vlan"
    return NetworkFacts(
        id=document["id"],
        name=document["name"],
        shared=bool(document.get("shared")),
        external=bool(document.get("router:external")),
        vlan=document.get("provider:segmentation_id") if on_vlan else None,
        physical_network=document.get("provider:physical_network"),
        subnets=tuple(subnet_from(subnet) for subnet in sorted(subnets, key=lambda subnet: str(subnet["cidr"]))),
    )


def flavor_from(document: Document) -> FlavorFacts:
    """Return a flavor."""
    return FlavorFacts(document["id"], document["name"], document["vcpus"], document["ram"], document["disk"])


def image_from(document: Document) -> ImageFacts:
    """Return an image."""
    return ImageFacts(
        id=document["id"],
        name=document["name"],
        active=document["status"] == "active",
        minimum_disk_gib=document.get("min_disk") or 0,
        minimum_memory_mib=document.get("min_ram") or 0,
        size_bytes=document.get("size"),
        virtual_size_bytes=document.get("virtual_size"),
        checksum=document.get("os_hash_value") or document.get("checksum"),
    )
