"""What a vCenter as a whole has: clusters as pools, hosts, templates, datastores, port groups."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pyVmomi import vim

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
from jinyun.providers.vsphere.collector import Read, read_all
from jinyun.providers.vsphere.names import Names, read_names, unescaped
from jinyun.providers.vsphere.session import VsphereSession

HYPERVISOR = "VMware ESXi"
MIB, GIB = 1024**2, 1024**3
HOST = (
    "name",
    "datastore",
    "runtime.connectionState",
    "runtime.powerState",
    "runtime.inMaintenanceMode",
    "summary.hardware",
)
SIZES = ("runtime.host", "config.template", "config.hardware.numCPU", "config.hardware.memoryMB")
TEMPLATE = ("name", "config.template", "config.hardware.memoryMB", "config.hardware.device")
PORT_GROUP = ("name", "config.defaultPortConfig", "config.distributedVirtualSwitch", "config.uplink")


class VsphereInventory:
    """The vCenter as a whole."""

    def __init__(self, session: VsphereSession) -> None:
        self._session = session

    def zones(self) -> Sequence[str]:
        """Return the names of the datacenters."""
        return sorted(
            unescaped(read.get("name", read.id)) for read in read_all(self._session, vim.Datacenter, ["name"])
        )

    def pools(self) -> Sequence[PoolFacts]:
        """Return the clusters."""
        names = read_names(self._session)
        clusters = read_all(self._session, vim.ClusterComputeResource, ["name", "host"])
        return [
            PoolFacts(
                id=cluster.id,
                name=names.of(cluster.id) or cluster.id,
                zone=names.above(cluster.id, vim.Datacenter),
                host_names=tuple(sorted(names.of(host._moId) or host._moId for host in cluster.get("host", ()))),
            )
            for cluster in clusters
        ]

    def hosts(self) -> Sequence[HostFacts]:
        """Return the hosts with their capacity; all machines on a host count as used, running or not.

        Datastores are shared: each host counts an equal part of those that it reaches.
        """
        hosts = list(read_all(self._session, vim.HostSystem, HOST))
        vcpus, memory = self._used()
        size, used = self._storage(hosts)
        return [
            HostFacts(
                id=host.id,
                name=unescaped(host.get("name", host.id)),
                hypervisor=HYPERVISOR,
                up=host.get("runtime.connectionState") == "connected" and host.get("runtime.powerState") == "poweredOn",
                enabled=not host.get("runtime.inMaintenanceMode", False),
                vcpus=getattr(host.get("summary.hardware"), "numCpuThreads", 0),
                memory_mib=getattr(host.get("summary.hardware"), "memorySize", 0) // MIB,
                disk_gib=int(size[host.id] / GIB),
                used_vcpus=vcpus[host.id],
                used_memory_mib=memory[host.id],
                used_disk_gib=int(used[host.id] / GIB),
            )
            for host in hosts
        ]

    def flavors(self) -> Sequence[FlavorFacts]:
        """Return none: a machine of a vCenter has any size."""
        return []

    def images(self) -> Sequence[ImageFacts]:
        """Return the templates."""
        machines = read_all(self._session, vim.VirtualMachine, ["config.template"])
        templates = [machine.ref for machine in machines if machine.get("config.template")]
        return [_image(read) for read in read_all(self._session, vim.VirtualMachine, TEMPLATE, templates)]

    def volume_types(self) -> Sequence[VolumeTypeFacts]:
        """Return the datastores."""
        stores = read_all(self._session, vim.Datastore, ["name"])
        return [VolumeTypeFacts(store.id, unescaped(store.get("name", store.id))) for store in stores]

    def stores(self) -> Sequence[StoreFacts]:
        """Return the datastores that can be reached."""
        reads = read_all(self._session, vim.Datastore, ["summary"])
        return [_store(read) for read in reads if getattr(read.get("summary"), "accessible", False)]

    def networks(self) -> Sequence[NetworkFacts]:
        """Return the port groups of distributed switches, without those of their uplinks, and the standard networks."""
        names = read_names(self._session)
        groups = list(read_all(self._session, vim.dvs.DistributedVirtualPortgroup, PORT_GROUP))
        switches = read_all(self._session, vim.DistributedVirtualSwitch, ["name"])
        switch_names = {switch.id: unescaped(switch.get("name", switch.id)) for switch in switches}
        of_switches = {group.id for group in groups}
        standard = [read for read in read_all(self._session, vim.Network, ["name"]) if read.id not in of_switches]
        return [
            *(_port_group(group, names, switch_names) for group in groups if not _is_uplink(group)),
            *(_network(read, names) for read in standard),
        ]

    def servers_changed_since(self, moment: datetime) -> Sequence[Server]:
        """Return none: vCenter keeps no such list; its estate is watched instead."""
        return []

    def marked(self, prefix: str) -> Sequence[Marked]:
        """Return none: nothing is made in a vCenter yet."""
        return []

    def _used(self) -> tuple[Counter[str], Counter[str]]:
        """Return virtual CPUs and MiB of memory that the machines of each host have."""
        vcpus: Counter[str] = Counter()
        memory: Counter[str] = Counter()
        for machine in read_all(self._session, vim.VirtualMachine, SIZES):
            host = machine.get("runtime.host")
            if host is not None and not machine.get("config.template"):
                vcpus[host._moId] += machine.get("config.hardware.numCPU", 0)
                memory[host._moId] += machine.get("config.hardware.memoryMB", 0)
        return vcpus, memory

    def _storage(self, hosts: Sequence[Read]) -> tuple[dict[str, float], dict[str, float]]:
        """Return bytes of each host: its part of the datastores, and of what is taken in them."""
        reached_by: Counter[str] = Counter(store._moId for host in hosts for store in host.get("datastore", ()))
        size: dict[str, float] = defaultdict(float)
        used: dict[str, float] = defaultdict(float)
        stores = {store.id: store for store in read_all(self._session, vim.Datastore, ["summary"])}
        for host in hosts:
            for store_id in (store._moId for store in host.get("datastore", ()) if store._moId in stores):
                summary = stores[store_id].get("summary")
                if summary is not None:
                    size[host.id] += summary.capacity / reached_by[store_id]
                    used[host.id] += (summary.capacity - summary.freeSpace) / reached_by[store_id]
        return size, used


def _image(read: Read) -> ImageFacts:
    disks = [each for each in read.get("config.hardware.device", ()) if isinstance(each, vim.vm.device.VirtualDisk)]
    size = sum(disk.capacityInKB for disk in disks) * 1024
    return ImageFacts(
        id=read.id,
        name=unescaped(read.get("name", read.id)),
        active=True,
        minimum_disk_gib=-(-size // GIB),
        minimum_memory_mib=0,
        size_bytes=size,
        virtual_size_bytes=size,
        checksum=None,
    )


def _store(read: Read) -> StoreFacts:
    summary = read.get("summary")
    used = summary.capacity - summary.freeSpace
    return StoreFacts(
        id=read.id,
        name=unescaped(summary.name),
        capacity_gib=summary.capacity // GIB,
        free_gib=summary.freeSpace // GIB,
        provisioned_gib=None if summary.uncommitted is None else (used + summary.uncommitted) // GIB,
    )


def _is_uplink(group: Read) -> bool:
    """vCenter tells since 6.0; older ones, and the simulator, by the name alone."""
    return bool(group.get("config.uplink")) or "-DVUplinks-" in group.get("name", "")


def _port_group(group: Read, names: Names, switches: dict[str, str]) -> NetworkFacts:
    switch = group.get("config.distributedVirtualSwitch")
    return NetworkFacts(
        id=group.id,
        name=names.of(group.id) or group.id,
        shared=True,
        external=False,
        vlan=_vlan(group.get("config.defaultPortConfig")),
        physical_network=switches.get(switch._moId, switch._moId) if switch is not None else None,
        subnets=(),
    )


def _vlan(setting: Any) -> int | None:
    """Return the VLAN of a port group that has exactly one."""
    vlan = getattr(setting, "vlan", None)
    if isinstance(vlan, vim.dvs.VmwareDistributedVirtualSwitch.VlanIdSpec) and vlan.vlanId:
        return int(vlan.vlanId)
    return None


def _network(read: Read, names: Names) -> NetworkFacts:
    return NetworkFacts(
        id=read.id,
        name=names.of(read.id) or read.id,
        shared=True,
        external=False,
        vlan=None,
        physical_network=None,
        subnets=(),
    )
