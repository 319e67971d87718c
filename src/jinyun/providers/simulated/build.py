"""Building a simulated data centre: a small one for a first look, or one of any size."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path

from jinyun.kit.clock import utc_now
from jinyun.kit.ids import new_id
from jinyun.providers.base import ServerStatus
from jinyun.providers.simulated.calls import digest
from jinyun.providers.simulated.schema import SCHEMA
from jinyun.providers.simulated.world import World, connect

GIB = 1024**3

QUICK: Mapping[str, float] = {
    "server.create": 0.04,
    "server.delete": 0.02,
    "server.start": 0.02,
    "server.stop": 0.02,
    "server.reboot": 0.02,
    "server.reboot-hard": 0.02,
    "server.resize": 0.03,
    "server.migrate": 0.03,
    "server.confirm-resize": 0.01,
    "server.revert-resize": 0.02,
    "volume.create": 0.02,
    "volume.delete": 0.02,
    "volume.extend": 0.02,
    "snapshot.create": 0.02,
    "snapshot.delete": 0.02,
    "array": 0.02,
}
"""Seconds that work takes in tests; `array` is one mapping on a storage array."""

LIFELIKE: Mapping[str, float] = {verb: seconds * 200 for verb, seconds in QUICK.items()} | {"array": 2.0}
"""Seconds that work takes for somebody who looks on: a server boots in about eight."""


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """A pool of equal hosts in one zone."""

    name: str
    zone: str
    hosts: int
    vcpus: int = 64
    memory_gib: int = 256
    disk_gib: int = 4096
    cpu_ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class WorldOptions:
    """How large and how fast a data centre is.

    `hosts` and `key_hosts` are the numbers of hosts of the pools `kvm-general` (zone `az-general`) and `kvm-key`
    (zone `az-scale`). `running_servers` are already there and belong to nobody that Jinyun knows. Without a password
    every secret is accepted.
    """

    hosts: int = 8
    key_hosts: int = 4
    running_servers: int = 0
    seed: int = 1
    password: str | None = None
    work_seconds: Mapping[str, float] = field(default_factory=lambda: QUICK)
    call_seconds: float = 0.0
    external_network: bool = False
    """Whether there is a network to the outside, for floating addresses."""

    def pools(self) -> tuple[PoolOptions, ...]:
        """Return the pools with their hosts."""
        return (
            PoolOptions("kvm-general", "az-general", self.hosts, cpu_ratio=4.0),
            PoolOptions("kvm-key", "az-scale", self.key_hosts, cpu_ratio=2.0),
        )


FLAVORS = (("m1.nano", 1, 192, 1), ("m1.small", 1, 256, 2), ("m1.medium", 2, 512, 4), ("m1.large", 4, 8192, 40))
"""Name, vCPUs, memory in MiB, disk in GiB."""

IMAGES = (("jinyun-linux-1", GIB // 8, GIB), ("jinyun-linux-large", GIB // 4, 8 * GIB))
"""Name, size of the file, virtual size of the disk; bytes."""

VOLUME_TYPES = (("high", "san-high"), ("general", "san-general"), ("low", "san-low"))
"""Name, and the storage array behind it."""

NETWORKS = (
    ("prod-vlan-100", 100, "10.20.0.0/20", "10.20.0.1", "10.20.15.1", "10.20.15.254"),
    ("office-vlan-200", 200, "10.21.0.0/20", "10.21.0.1", "10.21.15.1", "10.21.15.254"),
)
EXTERNAL_NETWORK = ("public", 900, "172.24.4.0/24", "172.24.4.1", "172.24.4.10", "172.24.4.250")
"""Name, VLAN, prefix, gateway, first and last address that the region hands out by itself."""


def build_world(path: str | Path, options: WorldOptions | None = None) -> World:
    """Make a data centre in this file where there is none, and return it; an existing one stays as it is."""
    options = options or WorldOptions()
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = connect(path, 60.0, mode="rwc")
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'fact'").fetchone():
            _build(connection, options)
        connection.execute("COMMIT")
    finally:
        connection.close()
    return World(path)


def _build(connection: sqlite3.Connection, options: WorldOptions) -> None:
    for statement in SCHEMA.split(";"):
        connection.execute(statement)
    facts = {"seed": str(options.seed)}
    if options.password is not None:
        facts["password"] = digest(options.password)
    connection.executemany("INSERT INTO fact VALUES (?, ?)", facts.items())
    for pool in options.pools():
        _build_pool(connection, pool)
    _build_catalogue(connection, options)
    _build_networks(connection, external=options.external_network)
    _build_running_servers(connection, options.running_servers)


def _build_pool(connection: sqlite3.Connection, pool: PoolOptions) -> None:
    pool_id = new_id()
    connection.execute("INSERT INTO pool VALUES (?, ?, ?)", (pool_id, pool.name, pool.zone))
    width = len(str(pool.hosts))
    connection.executemany(
        "INSERT INTO host (id, name, pool_id, zone, vcpus, memory_mib, disk_gib, cpu_ratio, memory_ratio)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1.0)",
        (
            (
                new_id(),
                f"{pool.name}-{number:0{width}}",
                pool_id,
                pool.zone,
                pool.vcpus,
                pool.memory_gib * 1024,
                pool.disk_gib,
                pool.cpu_ratio,
            )
            for number in range(1, pool.hosts + 1)
        ),
    )


def _build_catalogue(connection: sqlite3.Connection, options: WorldOptions) -> None:
    connection.executemany("INSERT INTO flavor VALUES (?, ?, ?, ?, ?)", ((new_id(), *flavor) for flavor in FLAVORS))
    connection.executemany(
        "INSERT INTO image VALUES (?, ?, 0, 64, ?, ?, ?)",
        (
            (new_id(), name, size, virtual_size, md5(name.encode(), usedforsecurity=False).hexdigest())
            for name, size, virtual_size in IMAGES
        ),
    )
    connection.executemany(
        "INSERT INTO array (name, seconds) VALUES (?, ?)",
        ((array, options.work_seconds.get("array", 0.0)) for _, array in VOLUME_TYPES),
    )
    connection.executemany("INSERT INTO volume_type VALUES (?, ?, ?)", ((new_id(), *kind) for kind in VOLUME_TYPES))
    connection.executemany(
        "INSERT INTO pace VALUES (?, ?, ?)",
        ((verb, options.call_seconds, seconds) for verb, seconds in options.work_seconds.items()),
    )


def _build_networks(connection: sqlite3.Connection, *, external: bool) -> None:
    for name, vlan, cidr, gateway, first, last in (*NETWORKS, *([EXTERNAL_NETWORK] if external else [])):
        network_id = new_id()
        connection.execute(
            "INSERT INTO network (id, name, shared, external, vlan, physical_network) VALUES (?, ?, 1, ?, ?, ?)",
            (network_id, name, name == EXTERNAL_NETWORK[0], vlan, "physnet1"),
        )
        connection.execute(
            "INSERT INTO subnet VALUES (?, ?, ?, ?, 1, ?, ?, '[]')", (new_id(), network_id, cidr, gateway, first, last)
        )


def _build_running_servers(connection: sqlite3.Connection, count: int) -> None:
    """Spread servers over the hosts that nobody ordered here: what a first discovery finds."""
    now = utc_now().timestamp()
    flavor_id = connection.execute("SELECT id FROM flavor WHERE name = 'm1.small'").fetchone()["id"]
    image_id = connection.execute("SELECT id FROM image WHERE name = 'jinyun-linux-1'").fetchone()["id"]
    places = connection.execute("SELECT name, zone FROM host ORDER BY name").fetchall()
    connection.executemany(
        "INSERT INTO server (id, project_id, name, status, host, zone, flavor_id, image_id, specification,"
        " created_at, changed_at, booted_at) VALUES (?, 'legacy', ?, ?, ?, ?, ?, ?, '{}', ?, ?, ?)",
        (
            (
                new_id(),
                f"legacy-{number:05}",
                ServerStatus.ACTIVE,
                places[number % len(places)]["name"],
                places[number % len(places)]["zone"],
                flavor_id,
                image_id,
                now,
                now,
                now,
            )
            for number in range(1, count + 1)
        ),
    )
    connection.execute(
        "UPDATE host SET used_vcpus = n, used_memory_mib = 256 * n, used_disk_gib = 2 * n"
        " FROM (SELECT host AS name, count(*) AS n FROM server GROUP BY host) AS load WHERE load.name = host.name"
    )
