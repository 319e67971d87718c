"""Which kinds there are; a new one is a file beside these and a line here."""

from typing import Any

from jinyun.orders.kinds.base import ItemKind
from jinyun.orders.kinds.extend import ExtendKind
from jinyun.orders.kinds.lease_extension import LeaseExtensionKind
from jinyun.orders.kinds.network import NetworkKind
from jinyun.orders.kinds.resize import ResizeKind
from jinyun.orders.kinds.routing import FloatingAddressKind, RouterKind
from jinyun.orders.kinds.security_group import SecurityGroupChangeKind, SecurityGroupKind
from jinyun.orders.kinds.server import ServerKind
from jinyun.orders.kinds.server_verbs import DetachKind, ServerVerbKind
from jinyun.orders.kinds.snapshot import SnapshotKind
from jinyun.orders.kinds.volume import VolumeKind

KINDS: dict[str, ItemKind[Any]] = {
    "server": ServerKind(),
    "volume": VolumeKind(),
    "lease-extension": LeaseExtensionKind(),
    "release": ServerVerbKind("delete"),
    "server-start": ServerVerbKind("start"),
    "server-stop": ServerVerbKind("stop"),
    "server-reboot": ServerVerbKind("reboot"),
    "detach": DetachKind(),
    "extend": ExtendKind(),
    "snapshot": SnapshotKind(),
    "resize": ResizeKind(),
    "network": NetworkKind(),
    "router": RouterKind(),
    "floating-address": FloatingAddressKind(),
    "security-group": SecurityGroupKind(),
    "security-group-change": SecurityGroupChangeKind(),
}
