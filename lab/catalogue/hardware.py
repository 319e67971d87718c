"""What stands in for machines: a hypervisor's virtualisation daemon and shared storage."""

from lab import mounts
from lab.layout import Layout
from lab.readiness import has_socket, running
from lab.service import Entry, Job, Service

GROUP = "hardware"


def entries(layout: Layout) -> tuple[Entry, ...]:
    """Hypervisor and storage."""
    return (
        Job(name="hypervisor-folders", group=GROUP, run=lambda: mounts.prepare_hypervisor(layout)),
        Job(name="volume-shares", group=GROUP, run=lambda: mounts.mount_shares(layout)),
        Service(
            name="libvirtd",
            group=GROUP,
            command=f"/bin/sh {layout.conf}/libvirt/start.sh",
            # It has mounts of its own: of the machine's it sees only those that were there when it began.
            needs=("hypervisor-folders", "volume-shares"),
            ready=has_socket(layout.run / "libvirt" / "libvirt-sock"),
            config=("libvirt/start.sh", "libvirt/qemu.conf", "libvirt/libvirtd.conf"),
        ),
        Service(
            name="share-keeper",
            group=GROUP,
            command=f"/bin/sh {layout.conf}/cinder/keep-shares.sh",
            needs=("volume-shares",),
            ready=running(),
            config=("cinder/keep-shares.sh",),
        ),
    )
