"""What of a machine is compared, and how it is told."""

from collections.abc import Mapping
from typing import Any, Literal

from jinyun.inventory.models import ObservedObject
from jinyun.kit.texts import Text

FieldName = Literal["vcpus", "memory_mib", "disks", "nics", "power", "host", "name", "presence"]
TITLES: Mapping[str, Text] = {
    "vcpus": Text("CPUs", "CPU 数"),
    "memory_mib": Text("memory", "内存"),
    "disks": Text("disks", "磁盘"),
    "nics": Text("network cards", "网卡"),
    "power": Text("power", "电源状态"),
    "host": Text("host", "所在主机"),
    "name": Text("name", "名称"),
    "presence": Text("presence", "是否存在"),
}
PRESENCE, THERE, GONE = "presence", "there", "gone"
HIDDEN_WITH: Mapping[str, str] = {
    "vcpus": "config.hardware.numCPU",
    "memory_mib": "config.hardware.memoryMB",
    "disks": "config.hardware.device",
    "nics": "config.hardware.device",
    "power": "runtime.powerState",
    "host": "runtime.host",
    "name": "name",
}
"""What Jinyun's user may not read says nothing: the property of a vCenter by the field that hangs on it."""


def values_of(machine: ObservedObject) -> dict[str, Any]:
    """Return what is compared of a machine as it is now; of one that is gone only that."""
    if machine.gone_at is not None:
        return {PRESENCE: GONE}
    facts = machine.facts
    values = {
        "vcpus": facts.get("vcpus"),
        "memory_mib": facts.get("memory_mib"),
        "disks": _disks(facts),
        "nics": sorted(({"mac": each["mac"], "network": each["network"]} for each in facts.get("nics", ())), key=str),
        "power": machine.power,
        "host": machine.host,
        "name": machine.name,
        PRESENCE: THERE,
    }
    hidden = {field for field, path in HIDDEN_WITH.items() if path in machine.unreadable}
    return {field: value for field, value in values.items() if field not in hidden}


def _disks(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the disks of a vCenter's machine, or the volumes of an OpenStack server."""
    if "disks" in facts:
        return [{key: each[key] for key in ("key", "label", "size_gib", "datastore")} for each in facts["disks"]]
    return [{"volume_id": each} for each in facts.get("volume_ids", ())]
