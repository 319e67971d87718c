import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jinyun.kit.ids import new_id
from jinyun.providers.base import ServerStatus
from jinyun.providers.errors import BackendDown, Refused, Transient
from jinyun.providers.refusals import refusal_from_fault
from jinyun.providers.simulated.build import PoolOptions, WorldOptions, build_world
from jinyun.providers.simulated.faults import set_host, set_pace
from jinyun.providers.simulated.journal import journal
from jinyun.providers.simulated.world import World
from tests.unit.providers.tenant import Tenant


def test_building_a_world_twice_keeps_the_first(tenant: Tenant) -> None:
    hosts = tenant.region.inventory.hosts()
    build_world(tenant.world.path, WorldOptions(hosts=99))
    assert tenant.region.inventory.hosts() == hosts


def test_the_first_look_has_what_the_house_promises(tenant: Tenant) -> None:
    pools = {pool.name: len(pool.host_names) for pool in tenant.region.inventory.pools()}
    assert pools == {"kvm-general": 8, "kvm-key": 4}
    assert {(host.vcpus, host.memory_mib) for host in tenant.region.inventory.hosts()} == {(64, 256 * 1024)}


def test_a_world_may_be_large(tmp_path: Path) -> None:
    options = WorldOptions(hosts=10_000, running_servers=20_000, work_seconds={})
    large = Tenant(build_world(tmp_path / "large.db", options))
    hosts = large.region.inventory.hosts()
    assert len(hosts) == 10_004
    assert sum(host.used_vcpus for host in hosts) == 20_000
    server = large.scope.compute.create(large.wish(), new_id())
    assert server.host is not None


def test_a_full_zone_has_no_host_and_room_comes_back(tmp_path: Path) -> None:
    small = WorldOptions(hosts=1, key_hosts=1, work_seconds={})
    tenant = Tenant(build_world(tmp_path / "small.db", small))
    host = next(host for host in tenant.region.inventory.hosts() if host.name == "kvm-general-1")
    fitting = host.memory_mib // 8192
    servers = [tenant.scope.compute.create(tenant.wish(flavor="m1.large"), new_id()) for _ in range(fitting)]
    late = tenant.scope.compute.create(tenant.wish(flavor="m1.large"), new_id())
    failed = tenant.scope.compute.get(late.id)
    assert failed is not None
    assert failed.status is ServerStatus.ERROR
    assert refusal_from_fault(failed).code == "no-host-available"
    tenant.scope.compute.delete(servers[0].id)
    again = tenant.scope.compute.create(tenant.wish(flavor="m1.large"), new_id())
    assert again.host == host.name


def test_room_is_given_back_to_the_last_byte(tenant: Tenant) -> None:
    before = tenant.region.inventory.hosts()
    compute = tenant.scope.compute
    medium = next(flavor.id for flavor in tenant.region.inventory.flavors() if flavor.name == "m1.medium")
    kept, reverted, resized = (compute.create(tenant.wish(), new_id()).id for _ in range(3))
    for server_id in (kept, reverted, resized):
        compute.resize(server_id, medium)
    compute.confirm_resize(kept)
    compute.revert_resize(reverted)
    assert tenant.region.inventory.hosts() != before
    for server_id in (kept, reverted, resized):
        compute.delete(server_id)
    assert tenant.region.inventory.hosts() == before


def test_a_resize_without_a_host_leaves_the_server_as_it_was_and_tells_why(tmp_path: Path) -> None:
    tenant = Tenant(build_world(tmp_path / "small.db", WorldOptions(hosts=1, work_seconds={})))
    compute = tenant.scope.compute
    server = compute.create(tenant.wish(), new_id())
    assert compute.last_failure(server.id) is None
    large = next(flavor.id for flavor in tenant.region.inventory.flavors() if flavor.name == "m1.large")
    before = tenant.region.inventory.hosts()
    set_host(tenant.world, "kvm-general-1", enabled=False)
    compute.resize(server.id, large)
    kept = compute.get(server.id)
    assert kept is not None
    assert (kept.status, kept.flavor_id, kept.fault) == (ServerStatus.ACTIVE, server.flavor_id, None)
    assert "No valid host" in (compute.last_failure(server.id) or "")
    set_host(tenant.world, "kvm-general-1")
    assert tenant.region.inventory.hosts() == before
    compute.reboot(server.id, hard=True)
    assert compute.last_failure(server.id) is None


def test_a_resize_is_answered_once(tenant: Tenant) -> None:
    compute = tenant.scope.compute
    medium = next(flavor.id for flavor in tenant.region.inventory.flavors() if flavor.name == "m1.medium")
    server_id = compute.create(tenant.wish(), new_id()).id
    compute.resize(server_id, medium)
    set_pace(tenant.world, "server.confirm-resize", call_seconds=0, work_seconds=60)
    compute.confirm_resize(server_id)
    compute.confirm_resize(server_id)
    with pytest.raises(Transient):
        compute.revert_resize(server_id)
    assert len(journal(tenant.world, verb="server.confirm-resize")) == 1


def test_a_dead_or_disabled_host_takes_no_server(tenant: Tenant) -> None:
    for number in range(1, 9):
        set_host(tenant.world, f"kvm-general-{number}", up=number % 2 == 0, enabled=number == 4)
    assert tenant.scope.compute.create(tenant.wish(), new_id()).host == "kvm-general-4"
    set_host(tenant.world, "kvm-general-4", enabled=False)
    assert tenant.scope.compute.create(tenant.wish(), new_id()).host is None


def test_a_missing_world_is_a_region_that_is_down(tmp_path: Path) -> None:
    with pytest.raises(BackendDown):
        Tenant(World(tmp_path / "nowhere.db")).region.facts()


def test_pools_are_named_after_what_runs_in_them() -> None:
    assert WorldOptions().pools()[0] == PoolOptions("kvm-general", "az-general", 8, cpu_ratio=4.0)


def test_one_address_goes_to_one_of_many_threads(tenant: Tenant) -> None:
    wish = tenant.port_wish()

    def take(token: str) -> bool:
        try:
            tenant.scope.networking.create_port(wish, token)
        except Refused as refusal:
            assert refusal.code == "address-in-use"
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, [new_id() for _ in range(32)]))
    assert sum(taken) == 1
    assert len(journal(tenant.world, verb="port.create")) == 1


FILL = """
import sys
from jinyun.kit.ids import new_id
from jinyun.providers.base import Connection, VolumeSpecification
from jinyun.providers.registry import open_region
storage = open_region(Connection("simulated", {"world": sys.argv[1]})).project("tenant").storage
while True:
    print(storage.create(VolumeSpecification("v", 1, "low"), new_id()).id, flush=True)
"""


def test_processes_share_a_world_and_a_killed_one_loses_nothing(tenant: Tenant) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", FILL, tenant.world.path], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    acknowledged = []
    for writer in writers:
        assert writer.stdout is not None
        acknowledged += [writer.stdout.readline().strip() for _ in range(20)]
    for writer in writers:
        os.kill(writer.pid, signal.SIGKILL)
        remaining, _ = writer.communicate()
        acknowledged += remaining.split()
    whole = [volume_id for volume_id in acknowledged if len(volume_id) == len(new_id())]
    assert len(set(whole)) == len(whole) >= 40
    assert all(tenant.scope.storage.get(volume_id) for volume_id in whole)
    assert {effect.object_id for effect in journal(tenant.world, verb="volume.create")} >= set(whole)
