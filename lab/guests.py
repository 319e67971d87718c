"""The real servers on this machine, asked to end before the machine's own services do."""

import time

from lab.commands import output, succeeds
from lab.layout import Layout

PATIENCE_SECONDS = 10


def running(layout: Layout) -> list[str]:
    """Names of the servers that run under QEMU."""
    if not (layout.run / "libvirt" / "libvirt-sock").exists():
        return []
    return output("virsh", "--connect", _address(layout), "list", "--name").split()


def shut_down(layout: Layout) -> None:
    """Press every server's power button; pull the plug of those that do not listen."""
    for name in running(layout):
        succeeds("virsh", "--connect", _address(layout), "shutdown", "--mode", "acpi", name)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (names := running(layout)) and time.monotonic() < deadline:
        time.sleep(0.3)
    for name in names:
        succeeds("virsh", "--connect", _address(layout), "destroy", name)


def _address(layout: Layout) -> str:
    return f"qemu+unix:///system?socket={layout.run}/libvirt/libvirt-sock"
