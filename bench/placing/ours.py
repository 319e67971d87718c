"""Jinyun with the hosts: API processes on MariaDB, and applicants who submit orders of one server each."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.engines.mariadb import make_database
from bench.installation import found, serving, signed_in
from bench.placing.clients import Asked, Door, repeat
from bench.placing.hosts import CPU_RATIO, DISK_GIB, MEMORY_MIB, POOLS, SIZES, VCPUS, hosts
from jinyun.capacity.measure import measure
from jinyun.capacity.models import Hold, PoolLoad
from jinyun.capacity.states import HELD
from jinyun.catalog.models import Flavor, FlavorBinding, Image, ImageBinding, ImageVersion
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.ids import new_id
from jinyun.kit.settings import Settings
from jinyun.networks.models import AddressGap, AddressRange, Network, Subnet
from jinyun.networks.states import READY
from jinyun.regions import states as region_states
from jinyun.regions.models import Host, Pool, Region, Zone

PROCESSES = 2
APPLICANT, PROJECT = "li.wei", "mobile-banking"
REGION, NETWORK, IMAGE = "bench", "bench", "bench-linux"
FIRST_ADDRESS, LAST_ADDRESS = 10 << 24 | 16, (11 << 24) - 16


class WrongSums(Exception):
    """Something was given twice, or lost."""


@contextmanager
def installation(server: str, folder: Path) -> Iterator[tuple[Database, list[int]]]:
    """Run the API with all hosts in its database; yields the database and the ports."""
    settings = Settings(database_url=make_database(server, "jinyun"), key_directory=folder / "keys")
    database = found(settings, APPLICANT)
    database.write(open_region)
    try:
        with serving(settings, folder / "api.log", PROCESSES) as ports:
            yield database, ports
    finally:
        database.dispose()


def decide(ports: list[int], client: int, seconds: float) -> Asked:
    """Submit orders of one server: each is placed, and held when the answer comes."""
    port = ports[client % len(ports)]
    door = Door(port, signed_in(port, APPLICANT))
    return repeat(partial(_submit, door, random.Random(client)), seconds)


def check_sums(database: Database) -> int:
    """Return how many holds there are. Raises WrongSums where the pools' loads are not their sum, or too much."""

    def work(session: Session) -> int:
        held = dict.fromkeys(session.scalars(select(Pool.id)), 0)
        count = 0
        for hold in session.scalars(select(Hold).where(Hold.state == HELD)):
            held[str(hold.pool_id)] += hold.memory_mib
            count += 1
        for load in session.scalars(select(PoolLoad)):
            if load.held_memory_mib != held.pop(load.pool_id):
                raise WrongSums(f"pool {load.pool_id} holds {load.held_memory_mib} MiB")
        if any(held.values()) or any(min(room.free.parts()) < 0 for room in measure(session)):
            raise WrongSums("a pool holds more than it has")
        return count

    return database.read(work)


def _submit(door: Door, dice: random.Random, _number: int) -> None:
    item = {
        "kind": "server",
        "hostname": f"bench-{new_id()}",
        "flavor": dice.choice(list(SIZES)),
        "image": IMAGE,
        "network": NETWORK,
        "security_group": None,
    }
    door.ask("POST", "/v1/orders", {"project": PROJECT, "purpose": "benchmark", "items": [item]}, expected=201)


def open_region(session: Session) -> None:
    """Enter what an operator would have: a region with its hosts, something to order, a network."""
    region = Region(code=REGION, name=REGION, provider="simulated", public={}, state=region_states.READY)
    image = Image(code=IMAGE, name=IMAGE)
    session.add_all([region, image])
    session.flush()
    version = ImageVersion(image_id=image.id, version="1", minimum_disk_gib=1, minimum_memory_mib=1, login_user="bench")
    flavors = [Flavor(code=code, name=code, vcpus=v, memory_mib=m, disk_gib=d) for code, (v, m, d) in SIZES.items()]
    session.add_all([version, *flavors])
    session.flush()
    bound = {"region_id": region.id, "external_id": "x", "external_name": "x"}
    session.add(ImageBinding(image_version_id=version.id, **bound))
    session.add_all(FlavorBinding(flavor_id=flavor.id, **bound) for flavor in flavors)
    _add_network(session, region)
    _add_hosts(session, region)


def _add_network(session: Session, region: Region) -> None:
    network = Network(region_id=region.id, external_id="x", code=NETWORK, name=NETWORK, kind="provider", state=READY)
    subnet = Subnet(network=network, external_id="x", cidr="10.0.0.0/8", gateway="10.0.0.1")
    addresses = AddressRange(subnet=subnet, first=FIRST_ADDRESS, last=LAST_ADDRESS)
    addresses.gaps = [AddressGap(first=FIRST_ADDRESS, last=LAST_ADDRESS)]
    session.add(network)


def _add_hosts(session: Session, region: Region) -> None:
    zone = Zone(region_id=region.id, name="bench")
    session.add(zone)
    session.flush()
    pools = [
        Pool(
            region_id=region.id,
            external_id=f"pool-{number:03d}",
            name=f"pool-{number:03d}",
            zone_id=zone.id,
            hypervisor="kvm",
            cpu_ratio=CPU_RATIO,
            orderable=True,
        )
        for number in range(POOLS)
    ]
    session.add_all(pools)
    session.flush()
    for host in hosts():
        session.add(
            Host(
                region_id=region.id,
                pool_id=pools[host.pool].id,
                external_id=host.name,
                name=host.name,
                hypervisor="kvm",
                up=True,
                enabled=True,
                vcpus=VCPUS,
                memory_mib=MEMORY_MIB,
                disk_gib=DISK_GIB,
                cpu_ratio=CPU_RATIO,
                memory_ratio=1.0,
                used_vcpus=host.vcpus,
                used_memory_mib=host.memory_mib,
                used_disk_gib=host.disk_gib,
                seen_at=utc_now(),
            )
        )
