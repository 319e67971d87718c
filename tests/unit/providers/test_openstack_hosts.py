from collections.abc import Iterator
from typing import Any

import pytest

from jinyun.providers.base import Connection
from jinyun.providers.openstack.api import COMPUTE, PLACEMENT, Api
from jinyun.providers.openstack.hosts import Hosts
from jinyun.providers.openstack.region import sign_in
from tests.unit.providers.cloud import Cloud, running_cloud

HYPERVISOR: dict[str, Any] = {"hypervisor_type": "QEMU", "state": "up", "status": "enabled", "service": {"host": "kvm"}}
INVENTORIES = {
    "VCPU": {"total": 64, "reserved": 0, "allocation_ratio": 4.0},
    "MEMORY_MB": {"total": 262144, "reserved": 4096, "allocation_ratio": 1.0},
    "DISK_GB": {"total": 4000, "reserved": 0, "allocation_ratio": 1.0},
}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running_cloud() as cloud:
        names = ("one", "two")
        hypervisors = [{**HYPERVISOR, "id": name, "hypervisor_hostname": f"kvm-{name}"} for name in names]
        cloud.script["/os-hypervisors/detail"] = [(200, {"hypervisors": hypervisors})]
        providers = [{"uuid": name, "generation": 1} for name in names]
        cloud.script["/placement/resource_providers"] = [(200, {"resource_providers": providers})]
        for name in names:
            path = f"/placement/resource_providers/{name}"
            cloud.script[f"{path}/inventories"] = [(200, {"inventories": INVENTORIES})]
            cloud.script[f"{path}/usages"] = [(200, {"usages": {"VCPU": 3, "MEMORY_MB": 512, "DISK_GB": 10}})]
        yield cloud


def hosts_of(cloud: Cloud) -> Hosts:
    public = {"auth_url": f"{cloud.url}/v3", "username": "jinyun", "project_name": "admin"}
    signed_in = sign_in(Connection("openstack", public, cloud.password))
    return Hosts(Api(signed_in, COMPUTE), Api(signed_in, PLACEMENT))


def test_a_host_has_what_servers_may_use_and_what_they_took(cloud: Cloud) -> None:
    one, two = hosts_of(cloud).read()
    assert (one.name, two.name, one.hypervisor, one.up, one.enabled) == ("kvm-one", "kvm-two", "QEMU", True, True)
    assert (one.vcpus, one.cpu_ratio, one.used_vcpus) == (64, 4.0, 3)
    assert (one.memory_mib, one.memory_ratio, one.used_memory_mib) == (258048, 1.0, 512)
    assert (one.disk_gib, one.used_disk_gib) == (4000, 10)


def test_only_a_host_that_changed_is_asked_again(cloud: Cloud) -> None:
    hosts = hosts_of(cloud)
    before = hosts.read()
    cloud.asked.clear()
    assert hosts.read() == before
    assert cloud.asked == ["GET /placement/resource_providers", "GET /os-hypervisors/detail"]
    changed = [{"uuid": "one", "generation": 1}, {"uuid": "two", "generation": 2}]
    cloud.script["/placement/resource_providers"] = [(200, {"resource_providers": changed})]
    cloud.script["/placement/resource_providers/two/usages"] = [(200, {"usages": {"VCPU": 9}})]
    cloud.asked.clear()
    assert [host.used_vcpus for host in hosts.read()] == [3, 9]
    assert len(cloud.asked) == 4


def test_a_host_that_placement_forgot_has_no_room(cloud: Cloud) -> None:
    cloud.script["/placement/resource_providers/two/inventories"] = [(404, {})]
    assert [host.vcpus for host in hosts_of(cloud).read()] == [64, 0]
