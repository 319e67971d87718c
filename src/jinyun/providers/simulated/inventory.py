"""What a simulated region as a whole has."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from jinyun.providers.base import (
    FlavorFacts,
    HostFacts,
    ImageFacts,
    Marked,
    NetworkFacts,
    PoolFacts,
    Server,
    StoreFacts,
    VolumeTypeFacts,
)
from jinyun.providers.simulated import marks, networking
from jinyun.providers.simulated.calls import Part, reads
from jinyun.providers.simulated.compute import server_from
from jinyun.providers.simulated.world import Transaction

STORE_GIB = 100 * 1024


class SimulatedInventory(Part):
    """The region as a whole."""

    @reads("inventory.zones")
    def zones(self, transaction: Transaction) -> Sequence[str]:
        """Return the names of the availability zones that run servers."""
        return [row["zone"] for row in transaction.all("SELECT DISTINCT zone FROM pool ORDER BY zone")]

    @reads("inventory.pools")
    def pools(self, transaction: Transaction) -> Sequence[PoolFacts]:
        """Return the host pools."""
        members: dict[str, list[str]] = defaultdict(list)
        for host in transaction.all("SELECT pool_id, name FROM host ORDER BY name"):
            members[host["pool_id"]].append(host["name"])
        return [
            PoolFacts(id=row["id"], name=row["name"], zone=row["zone"], host_names=tuple(members[row["id"]]))
            for row in transaction.all("SELECT * FROM pool ORDER BY name")
        ]

    @reads("inventory.hosts")
    def hosts(self, transaction: Transaction) -> Sequence[HostFacts]:
        """Return the hosts with their capacity."""
        return [
            HostFacts(
                id=row["id"],
                name=row["name"],
                hypervisor="simulated",
                up=bool(row["up"]),
                enabled=bool(row["enabled"]),
                vcpus=row["vcpus"],
                memory_mib=row["memory_mib"],
                disk_gib=row["disk_gib"],
                cpu_ratio=row["cpu_ratio"],
                memory_ratio=row["memory_ratio"],
                used_vcpus=row["used_vcpus"],
                used_memory_mib=row["used_memory_mib"],
                used_disk_gib=row["used_disk_gib"],
            )
            for row in transaction.all("SELECT * FROM host ORDER BY name")
        ]

    @reads("inventory.flavors")
    def flavors(self, transaction: Transaction) -> Sequence[FlavorFacts]:
        """Return all flavors."""
        return [
            FlavorFacts(row["id"], row["name"], row["vcpus"], row["memory_mib"], row["disk_gib"])
            for row in transaction.all("SELECT * FROM flavor ORDER BY vcpus, memory_mib, name")
        ]

    @reads("inventory.images")
    def images(self, transaction: Transaction) -> Sequence[ImageFacts]:
        """Return all images that any project may use."""
        return [
            ImageFacts(
                id=row["id"],
                name=row["name"],
                active=True,
                minimum_disk_gib=row["minimum_disk_gib"],
                minimum_memory_mib=row["minimum_memory_mib"],
                size_bytes=row["size_bytes"],
                virtual_size_bytes=row["virtual_size_bytes"],
                checksum=row["checksum"],
            )
            for row in transaction.all("SELECT * FROM image ORDER BY name")
        ]

    @reads("inventory.volume-types")
    def volume_types(self, transaction: Transaction) -> Sequence[VolumeTypeFacts]:
        """Return all volume types."""
        return [VolumeTypeFacts(row["id"], row["name"]) for row in transaction.all("SELECT * FROM volume_type")]

    @reads("inventory.stores")
    def stores(self, transaction: Transaction) -> Sequence[StoreFacts]:
        """Return a backend for each volume type, as large as is worth simulating."""
        taken = transaction.all("SELECT volume_type, SUM(size_gib) AS size_gib FROM volume GROUP BY volume_type")
        sizes = {row["volume_type"]: row["size_gib"] for row in taken}
        kinds = transaction.all("SELECT * FROM volume_type ORDER BY name")
        return [
            StoreFacts(
                row["id"], row["name"], STORE_GIB, STORE_GIB - sizes.get(row["name"], 0), sizes.get(row["name"], 0)
            )
            for row in kinds
        ]

    @reads("inventory.networks")
    def networks(self, transaction: Transaction) -> Sequence[NetworkFacts]:
        """Return all networks."""
        return networking.networks(transaction)

    @reads("inventory.servers-changed")
    def servers_changed_since(self, transaction: Transaction, moment: datetime) -> Sequence[Server]:
        """Return the servers of all projects that changed, deleted ones included."""
        rows = transaction.all("SELECT * FROM server WHERE changed_at >= ? ORDER BY changed_at", moment.timestamp())
        return [server_from(transaction, row) for row in rows]

    @reads("inventory.marked")
    def marked(self, transaction: Transaction, prefix: str) -> Sequence[Marked]:
        """Return what bears a token that begins so, in all projects, and what is wrong with such volumes."""
        return marks.marked(transaction, prefix)
