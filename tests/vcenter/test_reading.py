"""What the provider reads of a vCenter, and what its failures mean."""

from dataclasses import replace
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from jinyun.providers.base import Connection
from jinyun.providers.errors import BackendDown, Refused
from jinyun.providers.registry import open_region
from jinyun.providers.vsphere import collector
from jinyun.providers.vsphere import estate as estates
from jinyun.providers.vsphere.collector import BATCH, read_all, read_batch, refs_of
from jinyun.providers.vsphere.names import unescaped
from jinyun.providers.vsphere.session import VsphereSession
from tests.vcenter.simulator import Simulator


@pytest.fixture(scope="module")
def session(vcenter: Simulator) -> VsphereSession:
    return VsphereSession(vcenter.connection)


def test_it_says_that_it_is_simulated(vcenter: Simulator) -> None:
    facts = open_region(vcenter.connection).facts()
    assert facts.simulated
    assert facts.release.endswith("(vcsim)")


def test_a_wrong_password_is_named_as_such(vcenter: Simulator) -> None:
    with pytest.raises(BackendDown) as caught:
        open_region(replace(vcenter.connection, secret="wrong")).facts()
    assert caught.value.code == "credentials-rejected"


def test_nobody_answers(vcenter: Simulator) -> None:
    with pytest.raises(BackendDown) as caught:
        open_region(replace(vcenter.connection, public=vcenter.public | {"url": "https://127.0.0.1:9"})).facts()
    assert caught.value.code == "backend-down"


def test_whom_nobody_vouches_for_gets_no_password(vcenter: Simulator) -> None:
    public = {key: value for key, value in vcenter.public.items() if key != "cacert"}
    with pytest.raises(BackendDown):
        open_region(Connection("vsphere", public, secret="secret")).facts()


def test_clusters_are_pools_of_esxi_hosts(vcenter: Simulator) -> None:
    inventory = open_region(vcenter.connection).inventory
    hosts = {host.name: host for host in inventory.hosts()}
    pools = {pool.name: pool for pool in inventory.pools()}
    assert pools.keys() == {"DC0_C0", "DC0_C1"}
    assert pools["DC0_C0"].zone == "DC0"
    assert set(pools["DC0_C0"].host_names) == {"DC0_C0_H0", "DC0_C0_H1", "DC0_C0_H2"}
    assert {host.hypervisor for host in hosts.values()} == {"VMware ESXi"}
    assert all(host.up and host.enabled for host in hosts.values())
    assert {(host.vcpus, host.memory_mib) for host in hosts.values()} == {(64, 256 * 1024)}
    assert sum(host.used_vcpus for host in hosts.values()) == 4 * (2 + 4 + 8 + 4 + 2) - 2, "a template takes no CPUs"


def test_shared_datastores_count_once(vcenter: Simulator) -> None:
    inventory = open_region(vcenter.connection).inventory
    size = sum(host.disk_gib for host in inventory.hosts())
    assert 2 * 10 * 1024 - 6 <= size <= 2 * 10 * 1024
    assert {kind.name for kind in inventory.volume_types()} == {"LocalDS_0", "LocalDS_1"}


def test_port_groups_have_their_vlan(vcenter: Simulator) -> None:
    networks = {network.name: network for network in open_region(vcenter.connection).inventory.networks()}
    assert networks.keys() == {"DC0_DVPG0", "DC0_DVPG1", "DC0_DVPG2", "VM Network"}, "uplinks are none of ours"
    assert networks["DC0_DVPG0"].vlan == 301
    assert networks["DC0_DVPG0"].physical_network == "DVS0"
    assert networks["VM Network"].vlan is None


def test_templates_are_images(vcenter: Simulator) -> None:
    (image,) = open_region(vcenter.connection).inventory.images()
    assert (image.name, image.minimum_disk_gib) == ("template-linux-9", 40)


def test_machines_come_with_all_that_adoption_needs(vcenter: Simulator) -> None:
    estate = open_region(vcenter.connection).estate
    assert estate is not None
    with estate.watch() as watch:
        machines = {machine.name: machine for machine in watch.read(watch.keys())}
    assert len(machines) == 20
    machine = machines["网银/前置-02"]
    assert (machine.cluster, machine.power, machine.addresses) == ("DC0_C0", "on", ("10.60.0.3",))
    assert machine.uuid
    facts = machine.document
    assert (facts["vcpus"], facts["memory_mib"], facts["folder"], facts["datacenter"]) == (8, 32768, "vm", "DC0")
    (disk,) = facts["disks"]
    assert (disk["size_gib"], disk["datastore"], disk["thin"]) == (160, "LocalDS_0", True)
    (nic,) = facts["nics"]
    assert (nic["mac"], nic["network"], nic["addresses"]) == ("00:50:56:00:00:02", "DC0_DVPG0", ["10.60.0.3"])


def test_an_expired_session_is_made_anew(vcenter: Simulator, session: VsphereSession) -> None:
    assert len(refs_of(session, vim.VirtualMachine)) == 20
    with vcenter.as_colleague() as colleague:
        colleague.end_all_other_sessions()
    assert len(refs_of(session, vim.VirtualMachine)) == 20


def test_a_machine_that_vanishes_takes_no_other_with_it(session: VsphereSession) -> None:
    refs = refs_of(session, vim.VirtualMachine)
    ghost = vim.VirtualMachine("vm-9999", refs[0]._stub)
    read = read_batch(session, vim.VirtualMachine, [*refs[:3], ghost, *refs[3:]], ["name"])
    assert {each.id for each in read} == {ref._moId for ref in refs}


def test_what_may_not_be_read_is_told_and_the_rest_goes_on() -> None:
    fault = vim.fault.NoPermission(privilegeId="System.Read")
    read = collector._read(
        _content(
            [("name", "secret-vm")], [vmodl.query.PropertyCollector.MissingProperty(path="guest.net", fault=fault)]
        )
    )
    assert read.get("name") == "secret-vm"
    assert read.unreadable == {"guest.net": "NoPermission"}


def test_what_is_missing_for_lack_of_a_session_is_no_lack_of_rights() -> None:
    fault = vim.fault.NotAuthenticated(privilegeId="System.Read")
    with pytest.raises(vim.fault.NotAuthenticated):
        collector._read(_content([], [vmodl.query.PropertyCollector.MissingProperty(path="name", fault=fault)]))


def test_pages_are_followed_to_the_end(
    vcenter: Simulator, session: VsphereSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "BATCH", 3)
    assert len({ref._moId for ref in refs_of(session, vim.VirtualMachine)}) == 20
    monkeypatch.setattr(estates, "BATCH", 3)
    region = open_region(vcenter.connection)
    assert region.estate is not None
    with region.estate.watch() as watch:
        assert len(watch.read(watch.keys())) == 20
        assert not watch.changed(0), "all that there was at the opening has been told"


def test_a_new_machine_is_refused(vcenter: Simulator) -> None:
    with pytest.raises(Refused) as caught:
        open_region(vcenter.connection).project("any")
    assert caught.value.code == "not-offered"


@pytest.mark.parametrize(
    ("escaped", "written"),
    [("a%2fb", "a/b"), ("a%5Cb", "a\\b"), ("100%25", "100%"), ("%2541", "%41"), ("核心", "核心"), ("%41", "%41")],
)
def test_names_are_as_people_wrote_them(escaped: str, written: str) -> None:
    assert unescaped(escaped) == written


def test_all_machines_are_read_in_batches(session: VsphereSession) -> None:
    assert BATCH == 250
    assert len(list(read_all(session, vim.VirtualMachine, ["name"]))) == 20


def _content(properties: list[tuple[str, Any]], missing: list[Any]) -> Any:
    return vmodl.query.PropertyCollector.ObjectContent(
        obj=vim.VirtualMachine("vm-1"),
        propSet=[vmodl.DynamicProperty(name=name, val=value) for name, value in properties],
        missingSet=missing,
    )
