"""What can be done with machines: each verb, looked at afterwards by somebody else."""

import time
from collections.abc import Iterator

import pytest
from pyVmomi import vim

from jinyun.providers.base import Region
from jinyun.providers.errors import Missing, Refused
from jinyun.providers.estate import Machines, Observed, Power
from jinyun.providers.registry import open_region
from jinyun.providers.vsphere.collector import refs_of
from jinyun.providers.vsphere.session import VsphereSession
from tests.vcenter.simulator import PATIENCE_SECONDS, Simulator


@pytest.fixture(scope="module")
def region(vcenter: Simulator) -> Region:
    return open_region(vcenter.connection)


@pytest.fixture(scope="module")
def machines(region: Region) -> Machines:
    assert region.estate is not None
    assert region.estate.machines is not None
    return region.estate.machines


@pytest.fixture(scope="module")
def ids(vcenter: Simulator) -> Iterator[str]:
    return (ref._moId for ref in refs_of(VsphereSession(vcenter.connection), vim.VirtualMachine))


@pytest.fixture
def machine(ids: Iterator[str]) -> str:
    """A machine that runs and that no other test has touched."""
    return next(ids)


def done(machines: Machines, work_id: str | None) -> None:
    assert work_id is not None
    end = time.monotonic() + PATIENCE_SECONDS
    while not (work := machines.work(work_id)).ended:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert work.failure is None


def seen(machines: Machines, machine: str) -> Observed:
    found = machines.get(machine)
    assert found is not None
    return found


def refused(caught: pytest.ExceptionInfo[Refused]) -> str:
    return caught.value.code


def test_power_goes_off_and_on(machines: Machines, machine: str) -> None:
    with pytest.raises(Refused) as caught:
        machines.start(machine)
    assert refused(caught) == "wrong-state"
    done(machines, machines.stop(machine, hard=False))
    assert seen(machines, machine).power is Power.OFF
    for verb in (machines.stop, machines.reboot):
        with pytest.raises(Refused) as caught:
            verb(machine, hard=True)
        assert refused(caught) == "wrong-state"
    done(machines, machines.start(machine))
    assert seen(machines, machine).power is Power.ON


def test_a_reboot_ends_running(machines: Machines, machine: str) -> None:
    done(machines, machines.reboot(machine, hard=True))
    assert seen(machines, machine).power is Power.ON


def test_a_running_machine_without_hot_add_keeps_its_size(machines: Machines, machine: str) -> None:
    now = seen(machines, machine).document
    with pytest.raises(Refused) as caught:
        machines.resize(machine, vcpus=now["vcpus"] * 2, memory_mib=now["memory_mib"])
    assert refused(caught) == "wrong-state"
    done(machines, machines.stop(machine, hard=True))
    done(machines, machines.resize(machine, vcpus=3, memory_mib=12288))
    after = seen(machines, machine).document
    assert (after["vcpus"], after["memory_mib"]) == (3, 12288)


@pytest.mark.parametrize(("vcpus", "memory_mib"), [(0, 4096), (-1, 4096), (2, 0), (2, 1023)])
def test_an_impossible_size_is_refused(machines: Machines, ids: Iterator[str], vcpus: int, memory_mib: int) -> None:
    with pytest.raises(Refused):
        machines.resize("vm-85", vcpus=vcpus, memory_mib=memory_mib)


def test_a_snapshot_is_made_and_removed(machines: Machines, machine: str) -> None:
    done(machines, machines.snapshot(machine, "before patching"))
    assert [each["name"] for each in seen(machines, machine).document["snapshots"]] == ["before patching"]
    (disk,) = seen(machines, machine).document["disks"]
    with pytest.raises(Refused) as caught:
        machines.extend_disk(machine, disk["key"], 1000)
    assert refused(caught) == "wrong-state"
    done(machines, machines.remove_snapshot(machine, "before patching"))
    assert seen(machines, machine).document["snapshots"] == []
    assert machines.remove_snapshot(machine, "before patching") is None


def test_a_disk_grows_and_never_shrinks(machines: Machines, machine: str) -> None:
    (disk,) = seen(machines, machine).document["disks"]
    done(machines, machines.extend_disk(machine, disk["key"], 500))
    assert seen(machines, machine).document["disks"][0]["size_gib"] == 500
    with pytest.raises(Refused):
        machines.extend_disk(machine, disk["key"], 499)
    with pytest.raises(Missing):
        machines.extend_disk(machine, 1, 500)


def test_a_machine_moves_to_another_host_cluster_and_datastore(
    region: Region, machines: Machines, machine: str
) -> None:
    pools = {pool.name: pool for pool in region.inventory.pools()}
    host = next(host for host in region.inventory.hosts() if host.name in pools["DC0_C1"].host_names)
    store = next(store for store in region.inventory.volume_types() if store.name == "LocalDS_1")
    done(machines, machines.migrate(machine, host_id=host.id))
    done(machines, machines.migrate(machine, datastore_id=store.id))
    assert region.estate is not None
    with region.estate.watch() as watch:
        (moved,) = [each for each in watch.read(watch.keys()) if each.key.id == machine]
    assert (moved.host, moved.cluster) == (host.name, "DC0_C1")


def test_what_is_not_there_is_missing(machines: Machines) -> None:
    assert machines.get("vm-9999") is None
    for verb in (machines.start, lambda machine: machines.stop(machine, hard=True)):
        with pytest.raises(Missing):
            verb("vm-9999")
    with pytest.raises(Missing):
        machines.work("task-9999")
