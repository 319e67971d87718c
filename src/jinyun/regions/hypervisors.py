"""What a pool runs servers on, in our words."""

from typing import Literal

KVM = "kvm"
VMWARE = "vmware"
BARE_METAL = "bare_metal"
Hypervisor = Literal["kvm", "vmware"]
"""What a server can be wanted on."""
MIXED = "mixed"
"""Hosts of several kinds in one pool: it cannot say what a server placed in it would run on."""
NONE = ""
"""A pool without hosts."""

_KNOWN = {
    "qemu": KVM,
    "kvm": KVM,
    "vmware vcenter server": VMWARE,
    "vmware esxi": VMWARE,
    "esxi": VMWARE,
    "vmware": VMWARE,
    "ironic": BARE_METAL,
}


def word(backend_kind: str) -> str:
    """Return our word for a backend's kind of hypervisor; its own, in lower case, where we have none."""
    kind = backend_kind.strip().lower()
    return _KNOWN.get(kind, kind[:64])


def word_of_pool(kinds: set[str]) -> str:
    """Return the word for a pool whose hosts are of these kinds."""
    if len(kinds) > 1:
        return MIXED
    return next(iter(kinds), NONE)
