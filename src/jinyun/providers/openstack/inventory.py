"""What an OpenStack region as a whole has."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

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
from jinyun.providers.openstack.api import Api, Document, Query
from jinyun.providers.openstack.flavors import FlavorNames
from jinyun.providers.openstack.hosts import Hosts
from jinyun.providers.openstack.marks import Marks
from jinyun.providers.openstack.translate import flavor_from, image_from, network_from, server_from

EVERYBODY: Query = {"is_public": "None"}
"""Flavors and volume types that are open to some projects only count too."""


class OpenStackInventory:
    """The region as a whole."""

    def __init__(
        self, *, compute: Api, hosts: Hosts, storage: Api, network: Api, image: Api, flavors: FlavorNames
    ) -> None:
        self._compute = compute
        self._hosts = hosts
        self._storage = storage
        self._network = network
        self._image = image
        self._flavors = flavors
        self._marks = Marks(compute, storage, network)

    def zones(self) -> Sequence[str]:
        """Return the names of the availability zones that run servers."""
        zones = self._compute.get("/os-availability-zone/detail")["availabilityZoneInfo"]
        return sorted(
            zone["zoneName"]
            for zone in zones
            if any("nova-compute" in services for services in (zone["hosts"] or {}).values())
        )

    def pools(self) -> Sequence[PoolFacts]:
        """Return the host aggregates; a compute service that runs many hosts stands for all of them."""
        names = self._hosts.names_by_service()
        return [
            PoolFacts(
                id=aggregate["uuid"],
                name=aggregate["name"],
                zone=aggregate["availability_zone"],
                host_names=tuple(sorted(name for service in aggregate["hosts"] for name in names.get(service, ()))),
            )
            for aggregate in self._compute.get("/os-aggregates")["aggregates"]
        ]

    def hosts(self) -> Sequence[HostFacts]:
        """Return the hosts with their capacity."""
        return self._hosts.read()

    def flavors(self) -> Sequence[FlavorFacts]:
        """Return all flavors."""
        return [flavor_from(flavor) for flavor in self._compute.items("/flavors/detail", "flavors", EVERYBODY)]

    def images(self) -> Sequence[ImageFacts]:
        """Return all images that any project may use."""
        return [image_from(image) for image in self._image.items("/images", "images", {"visibility": "public"})]

    def volume_types(self) -> Sequence[VolumeTypeFacts]:
        """Return all volume types."""
        kinds = self._storage.items("/types", "volume_types", EVERYBODY)
        return [VolumeTypeFacts(kind["id"], kind["name"]) for kind in kinds]

    def stores(self) -> Sequence[StoreFacts]:
        """Return the pools of storage that Cinder places volumes in; one that does not know its size is left out."""
        pools = self._storage.get("/scheduler-stats/get_pools", {"detail": True})["pools"]
        return [_store(pool["name"], pool["capabilities"]) for pool in pools if _knows_its_size(pool["capabilities"])]

    def networks(self) -> Sequence[NetworkFacts]:
        """Return all networks."""
        subnets: dict[str, list[Document]] = defaultdict(list)
        for subnet in self._network.items("/subnets", "subnets"):
            subnets[subnet["network_id"]].append(subnet)
        networks = self._network.items("/networks", "networks")
        return [network_from(network, subnets[network["id"]]) for network in networks]

    def servers_changed_since(self, moment: datetime) -> Sequence[Server]:
        """Return the servers of all projects that changed, deleted ones included."""
        written = moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
        query: Query = {"all_tenants": 1, "changes-since": written}
        documents = list(self._compute.items("/servers/detail", "servers", query))
        names = self._flavors.for_servers(documents)
        return [server_from(document, names) for document in documents]

    def marked(self, prefix: str) -> Sequence[Marked]:
        """Return what bears a token that begins so, in all projects, and what is wrong with such volumes."""
        return self._marks.read(prefix)


def _knows_its_size(capabilities: Document) -> bool:
    """Cinder says `unknown` or `infinite` where a backend does not tell."""
    return all(isinstance(capabilities.get(key), int | float) for key in ("total_capacity_gb", "free_capacity_gb"))


def _store(name: str, capabilities: Document) -> StoreFacts:
    provisioned = capabilities.get("provisioned_capacity_gb", capabilities.get("allocated_capacity_gb"))
    return StoreFacts(
        id=name,
        name=name,
        capacity_gib=int(capabilities["total_capacity_gb"]),
        free_gib=int(capabilities["free_capacity_gb"]),
        provisioned_gib=int(provisioned) if isinstance(provisioned, int | float) else None,
    )
