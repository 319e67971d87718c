"""What can be done with machines of a vCenter.

What vCenter would refuse is refused here as well, before it is asked: its simulator accepts anything.
"""

from collections.abc import Callable
from typing import Any

from pyVmomi import vim

from jinyun.providers.errors import Missing, Refused
from jinyun.providers.estate import Observed, Power, Work
from jinyun.providers.vsphere.collector import Read, read_batch
from jinyun.providers.vsphere.failures import failure_of
from jinyun.providers.vsphere.machines import KIB_IN_GIB, PROPERTIES, observed_machine
from jinyun.providers.vsphere.names import Names
from jinyun.providers.vsphere.session import VsphereSession

AT_ONCE = "at-once"
"""Stands for work that vCenter does without a task: it was asked of the guest."""
TOOLS_RUN = "guestToolsRunning"
NOWHERE = Names({})
"""Whoever acts on a machine needs no names of where it is."""


class VsphereMachines:
    """Machines of a vCenter, by their morefs."""

    def __init__(self, session: VsphereSession) -> None:
        self._session = session

    def get(self, machine_id: str) -> Observed | None:
        """Return the machine as it is now, or None where it does not exist any more."""
        read = self._find(machine_id)
        return None if read is None else observed_machine(read, NOWHERE, {}, {})

    def work(self, work_id: str) -> Work:
        """Return how far some work is. Missing where vCenter has forgotten it: then look at the machine."""
        if work_id == AT_ONCE:
            return Work(ended=True)
        found = read_batch(
            self._session, vim.Task, [self._session.ref(vim.Task, work_id)], ["info.state", "info.error"]
        )
        if not found:
            raise Missing(work_id)
        state, fault = found[0].get("info.state"), found[0].get("info.error")
        failure = failure_of(fault, reads=False) if state == "error" and fault is not None else None
        return Work(ended=state in {"success", "error"}, failure=failure)

    def start(self, machine_id: str) -> str:
        """Ask for power on; Refused (`wrong-state`) where it is on."""
        machine = self._seen(machine_id)
        if machine.power is Power.ON:
            raise Refused(f"{machine.name} is on", code="wrong-state")
        return self._task(machine_id, lambda ref: ref.PowerOnVM_Task())

    def stop(self, machine_id: str, *, hard: bool) -> str:
        """Ask for a shutdown by the guest where its tools run, else by power; Refused where it is off."""
        machine = self._running(machine_id)
        if hard or machine.document["tools"] != TOOLS_RUN:
            return self._task(machine_id, lambda ref: ref.PowerOffVM_Task())
        return self._task(machine_id, lambda ref: ref.ShutdownGuest())

    def reboot(self, machine_id: str, *, hard: bool) -> str:
        """Ask for a reboot by the guest where its tools run, else by power; Refused where it is off."""
        machine = self._running(machine_id)
        if hard or machine.document["tools"] != TOOLS_RUN:
            return self._task(machine_id, lambda ref: ref.ResetVM_Task())
        return self._task(machine_id, lambda ref: ref.RebootGuest())

    def snapshot(self, machine_id: str, name: str) -> str:
        """Ask for a snapshot of the disks, without memory."""
        return self._task(machine_id, lambda ref: ref.CreateSnapshot_Task(name, "Jinyun", False, False))

    def remove_snapshot(self, machine_id: str, name: str) -> str | None:
        """Ask for a snapshot's removal; None where there is none of this name."""
        snapshots = self._seen(machine_id).document["snapshots"]
        snapshot_id = next((each["id"] for each in snapshots if each["name"] == name), None)
        if snapshot_id is None:
            return None
        ref = self._session.ref(vim.vm.Snapshot, snapshot_id)
        task: str = self._session.change(lambda _content: ref.RemoveSnapshot_Task(False)._moId)
        return task

    def resize(self, machine_id: str, *, vcpus: int, memory_mib: int) -> str:
        """Ask for another size; Refused (`wrong-state`) where it runs and cannot be changed while it does."""
        machine = self._seen(machine_id)
        facts = machine.document
        if vcpus < 1 or memory_mib < 4 or memory_mib % 4:
            raise Refused(f"{vcpus} CPUs, {memory_mib} MiB: memory comes in steps of 4 MiB")
        if vcpus % (facts["cores_per_socket"] or 1):
            raise Refused(f"{vcpus} CPUs do not fill sockets of {facts['cores_per_socket']} cores")
        if machine.power is not Power.OFF:
            _check_hot(machine.name, "CPUs", facts["vcpus"], vcpus, allowed=facts["cpu_hot_add"])
            _check_hot(machine.name, "memory", facts["memory_mib"], memory_mib, allowed=facts["memory_hot_add"])
        wanted = vim.vm.ConfigSpec(numCPUs=vcpus, memoryMB=memory_mib)
        return self._task(machine_id, lambda ref: ref.ReconfigVM_Task(wanted))

    def extend_disk(self, machine_id: str, disk_key: int, size_gib: int) -> str:
        """Ask for a larger disk; Refused where it would shrink, or has snapshots."""
        read = self._find(machine_id)
        if read is None:
            raise Missing(machine_id)
        disks = {each.key: each for each in read.get("config.hardware.device", ()) if _is_disk(each)}
        if disk_key not in disks:
            raise Missing(f"disk {disk_key} of {machine_id}")
        disk, wanted = disks[disk_key], size_gib * KIB_IN_GIB
        if wanted < disk.capacityInKB:
            raise Refused(f"disk {disk_key} has {disk.capacityInKB / KIB_IN_GIB:g} GiB and cannot shrink")
        if read.get("snapshot") is not None:
            raise Refused(f"disk {disk_key} cannot grow while there are snapshots", code="wrong-state")
        disk.capacityInKB, disk.capacityInBytes = wanted, wanted * 1024
        edit = vim.vm.device.VirtualDeviceSpec(operation="edit", device=disk)
        return self._task(machine_id, lambda ref: ref.ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=[edit])))

    def migrate(self, machine_id: str, *, host_id: str | None = None, datastore_id: str | None = None) -> str:
        """Ask for a move to another host, to another datastore, or both; on a host of another cluster it joins that."""
        target = vim.vm.RelocateSpec()
        if datastore_id is not None:
            target.datastore = self._session.ref(vim.Datastore, datastore_id)
        if host_id is not None:
            target.host = self._session.ref(vim.HostSystem, host_id)
            target.pool = self._pool_of(target.host)
        return self._task(machine_id, lambda ref: ref.RelocateVM_Task(target))

    def _pool_of(self, host: Any) -> Any:
        """Return the root resource pool of a host's cluster."""
        found = read_batch(self._session, vim.HostSystem, [host], ["parent"])
        if not found:
            raise Missing(host._moId)
        cluster = found[0].get("parent")
        (read,) = read_batch(self._session, vim.ComputeResource, [cluster], ["resourcePool"])
        return read.get("resourcePool")

    def _running(self, machine_id: str) -> Observed:
        machine = self._seen(machine_id)
        if machine.power is not Power.ON:
            raise Refused(f"{machine.name} is not on", code="wrong-state")
        return machine

    def _seen(self, machine_id: str) -> Observed:
        machine = self.get(machine_id)
        if machine is None:
            raise Missing(machine_id)
        return machine

    def _find(self, machine_id: str) -> Read | None:
        ref = self._session.ref(vim.VirtualMachine, machine_id)
        return next(iter(read_batch(self._session, vim.VirtualMachine, [ref], PROPERTIES)), None)

    def _task(self, machine_id: str, verb: Callable[[Any], Any]) -> str:
        """Start work on a machine; return the id of vCenter's task, or AT_ONCE where it makes none."""
        ref = self._session.ref(vim.VirtualMachine, machine_id)
        task = self._session.change(lambda _content: verb(ref))
        return AT_ONCE if task is None else str(task._moId)


def _check_hot(name: str, what: str, now: int, wanted: int, *, allowed: bool) -> None:
    """Refuse what a running machine cannot take: less of something, or more without hot-add."""
    if wanted < now or (wanted > now and not allowed):
        raise Refused(f"{name} must be off to change its {what} from {now} to {wanted}", code="wrong-state")


def _is_disk(device: Any) -> bool:
    return isinstance(device, vim.vm.device.VirtualDisk)
