"""The fixed facts of the data centre: names, ports, networks and sizes that tests rely on."""

import os
from dataclasses import dataclass

GIB = 1024**3

REGION = "RegionOne"
NAMESPACE = "jinyun-lab"
LOOPBACK = "127.0.0.1"

# Services listen inside the namespace; the door of each in the machine's own network is HAProxy's.
INNER_PORT_OFFSET = 20000

OPENSTACK_USERS = ("placement", "glance", "nova", "neutron", "cinder")
DATABASES = {
    "keystone": "keystone",
    "placement": "placement",
    "glance": "glance",
    "nova_api": "nova",
    "nova_cell0": "nova",
    "nova": "nova",
    "neutron": "neutron",
    "cinder": "cinder",
    "jinyun": "jinyun",
}


@dataclass(frozen=True)
class Link:
    """The wire between the machine's own network and the data centre's."""

    outer: str = "jinyun-lab0"
    inner: str = "jinyun-lab1"
    outer_address: str = "10.250.0.1"
    inner_address: str = "10.250.0.2"
    prefix: int = 30


@dataclass(frozen=True)
class ProviderNetwork:
    """A network that exists in the data centre's switches; a VLAN of None means untagged."""

    name: str
    vlan: int | None
    cidr: str
    gateway: str
    pool: tuple[str, str]
    interface: str
    external: bool = False

    @property
    def prefix(self) -> int:
        """Length of the network's prefix."""
        return int(self.cidr.partition("/")[2])


@dataclass(frozen=True)
class Flavor:
    """A size of server."""

    name: str
    vcpus: int
    ram_mib: int
    disk_gib: int


@dataclass(frozen=True)
class Zone:
    """An availability zone and the aggregate of hosts behind it."""

    name: str
    aggregate: str
    hosts: tuple[str, ...]
    """Computes, by the names of their services."""


LINK = Link()
# The topic on which services tell what changed, and who may listen to it.
NOTIFICATIONS = "jinyun"
LISTENER = "listener"
PHYSICAL_NETWORK = "physnet1"
PROVIDER_BRIDGE = "br-provider"

# Neutron hands out the last /24 only: Jinyun's address plan gives out the rest.
NETWORKS = (
    ProviderNetwork("prod-vlan-100", 100, "10.20.0.0/20", "10.20.0.1", ("10.20.15.1", "10.20.15.254"), "gw-vlan-100"),
    ProviderNetwork("office-vlan-200", 200, "10.21.0.0/20", "10.21.0.1", ("10.21.15.1", "10.21.15.254"), "gw-vlan-200"),
    ProviderNetwork(
        "public", None, "172.24.4.0/24", "172.24.4.1", ("172.24.4.10", "172.24.4.250"), "gw-public", external=True
    ),
)

FLAVORS = (Flavor("m1.nano", 1, 192, 1), Flavor("m1.small", 1, 256, 2), Flavor("m1.medium", 2, 512, 4))

KVM_HOST = "kvm-1"
SCALE_HOST = "scale"
SCALE_NODES = int(os.environ.get("JINYUN_LAB_SCALE_NODES", "20"))
# Servers are moved between these while they run: a compute of many hypervisors is closed only as a whole.
MOVING_HOSTS = ("moving-1", "moving-2")
NODES_IN_NAME = {SCALE_HOST: SCALE_NODES, **dict.fromkeys(MOVING_HOSTS, 1)}
"""Hypervisors that exist in name only, by the compute that pretends them."""
ZONES = (
    Zone("az-general", "kvm-general", (KVM_HOST,)),
    Zone("az-scale", "scale", (SCALE_HOST,)),
    Zone("az-moving", "moving", MOVING_HOSTS),
)

SLOW_TIER = "slow"
VOLUME_TYPES = ("high", "general", "low", SLOW_TIER)
VOLUME_BACKEND_GIB = 20

IMAGE = "jinyun-linux-1"
LARGE_IMAGE = "jinyun-linux-large"
LARGE_IMAGE_GIB = 8

MEMORY_NEEDED = 10 * GIB
DISK_NEEDED = 15 * GIB
