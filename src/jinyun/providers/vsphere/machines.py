"""A virtual machine as vCenter shows it, as one observed thing."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from pyVmomi import vim

from jinyun.providers.estate import Key, Observed, ObservedKind, Power
from jinyun.providers.vsphere.collector import Read
from jinyun.providers.vsphere.names import Names, unescaped
from jinyun.providers.vsphere.tags import Tags

PROPERTIES = (
    "name",
    "parent",
    "resourcePool",
    "runtime.host",
    "runtime.powerState",
    "runtime.connectionState",
    "config.instanceUuid",
    "config.uuid",
    "config.template",
    "config.guestFullName",
    "config.annotation",
    "config.cpuHotAddEnabled",
    "config.memoryHotAddEnabled",
    "config.hardware.numCPU",
    "config.hardware.numCoresPerSocket",
    "config.hardware.memoryMB",
    "config.hardware.device",
    "guest.hostName",
    "guest.ipAddress",
    "guest.net",
    "guest.toolsRunningStatus",
    "snapshot",
    "customValue",
)
"""Exactly what is read of each machine."""
POWER = {"poweredOn": Power.ON, "poweredOff": Power.OFF, "suspended": Power.SUSPENDED}
KIB_IN_GIB = 1024 * 1024


def observed_machine(read: Read, names: Names, fields: Mapping[int, str], tags: Tags | None) -> Observed:
    """Return a machine.

    Args:
        read: it with `PROPERTIES`.
        names: the names of the places that it is in.
        fields: the names of custom fields by their keys.
        tags: the tags of all machines; None where they may not be read.
    """
    host, folder, pool = (_moid(read.get(path)) for path in ("runtime.host", "parent", "resourcePool"))
    nics = _nics(read, names)
    return Observed(
        key=Key(ObservedKind.SERVER, read.id),
        uuid=read.get("config.instanceUuid"),
        name=unescaped(read.get("name", read.id)),
        cluster=names.above(host or pool, vim.ComputeResource),
        host=names.of(host),
        power=POWER.get(read.get("runtime.powerState", "")),
        addresses=_addresses(read.get("guest.ipAddress"), nics),
        unreadable=tuple(sorted([*read.unreadable, *(["tags"] if tags is None else [])])),
        document={
            "vcpus": read.get("config.hardware.numCPU"),
            "cores_per_socket": read.get("config.hardware.numCoresPerSocket"),
            "memory_mib": read.get("config.hardware.memoryMB"),
            "cpu_hot_add": bool(read.get("config.cpuHotAddEnabled")),
            "memory_hot_add": bool(read.get("config.memoryHotAddEnabled")),
            "template": bool(read.get("config.template")),
            "bios_uuid": read.get("config.uuid"),
            "connection": read.get("runtime.connectionState"),
            "datacenter": names.above(folder, vim.Datacenter),
            "folder": names.path(folder, vim.Folder),
            "resource_pool": names.path(pool, vim.ResourcePool),
            "guest_os": read.get("config.guestFullName"),
            "guest_hostname": read.get("guest.hostName"),
            "tools": read.get("guest.toolsRunningStatus"),
            "annotation": read.get("config.annotation"),
            "disks": [_disk(device) for device in _devices(read, vim.vm.device.VirtualDisk)],
            "nics": nics,
            "tags": list((tags or {}).get(read.id, ())),
            "custom_fields": _custom_fields(read.get("customValue", ()), fields),
            "snapshots": list(_snapshots(getattr(read.get("snapshot"), "rootSnapshotList", ()), None)),
        },
    )


def _devices(read: Read, kind: type) -> Iterator[Any]:
    devices: Sequence[Any] = read.get("config.hardware.device", ())
    return (device for device in devices if isinstance(device, kind))


def _disk(device: Any) -> dict[str, Any]:
    file: str = getattr(device.backing, "fileName", None) or ""
    return {
        "key": device.key,
        "label": device.deviceInfo.label if device.deviceInfo else None,
        "size_gib": round(device.capacityInKB / KIB_IN_GIB, 3),
        "datastore": file[1:].partition("]")[0] if file.startswith("[") else None,
        "file": file or None,
        "thin": bool(getattr(device.backing, "thinProvisioned", False)),
        "mode": getattr(device.backing, "diskMode", None),
    }


def _nics(read: Read, names: Names) -> list[dict[str, Any]]:
    told = {each.macAddress: each for each in read.get("guest.net", ()) if each.macAddress}
    return [
        {
            "key": card.key,
            "label": card.deviceInfo.label if card.deviceInfo else None,
            "mac": card.macAddress,
            "network": _network(card.backing, names),
            "connected": bool(card.connectable and card.connectable.connected),
            "addresses": sorted(_worth_telling(told[card.macAddress].ipAddress)) if card.macAddress in told else [],
        }
        for card in _devices(read, vim.vm.device.VirtualEthernetCard)
    ]


def _network(backing: Any, names: Names) -> str | None:
    if isinstance(backing, vim.vm.device.VirtualEthernetCard.DistributedVirtualPortBackingInfo):
        return names.of(backing.port.portgroupKey)
    if isinstance(backing, vim.vm.device.VirtualEthernetCard.OpaqueNetworkBackingInfo):
        return str(backing.opaqueNetworkId)
    named = getattr(backing, "deviceName", None)
    return unescaped(named) if named else None


def _addresses(first: str | None, nics: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The guest's own main address comes first."""
    others = {address for nic in nics for address in nic["addresses"]}
    main = list(_worth_telling([first] if first else []))
    return (*main, *sorted(others.difference(main)))


def _worth_telling(addresses: Sequence[str]) -> Iterator[str]:
    for address in addresses:
        try:
            parsed = ip_address(address)
        except ValueError:
            continue
        if not (parsed.is_link_local or parsed.is_loopback):
            yield str(parsed)


def _custom_fields(values: Sequence[Any], fields: Mapping[int, str]) -> dict[str, str]:
    return {fields.get(each.key, str(each.key)): each.value for each in values if each.value}


def _snapshots(trees: Sequence[Any], parent: str | None) -> Iterator[dict[str, Any]]:
    for tree in trees or ():
        moref = _moid(tree.snapshot)
        yield {"id": moref, "name": unescaped(tree.name), "created_at": _moment(tree.createTime), "parent": parent}
        yield from _snapshots(tree.childSnapshotList, moref)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _moid(ref: Any) -> str | None:
    return None if ref is None else ref._moId
