"""Folders and file systems that stand in for shared storage and for a hypervisor's own disks."""

import contextlib
import hashlib
import uuid
from pathlib import Path

from lab.commands import run, succeeds
from lab.facts import GIB, LOOPBACK, NODES_IN_NAME, VOLUME_BACKEND_GIB, VOLUME_TYPES
from lab.layout import Layout

# Comes and goes with a libvirtd; the others that it needs belong to Debian's package.
SYSTEM_LIBVIRT = Path("/run/libvirt")

STATE_FOLDERS = (
    "ovs",
    "shares",
    "keystone",
    "glance/images",
    "glance/staging",
    "glance/tasks",
    "glance/lock",
    "nova/lock",
    "nova/instances",
    *(f"nova-{host}/lock" for host in NODES_IN_NAME),
    "neutron/lock",
    "cinder/lock",
    "cinder/coordination",
    "cinder/conversion",
    "slow-array",
)


def share_folder(layout: Layout, tier: str) -> Path:
    """Where Cinder and Nova expect a share to be mounted: both name the folder by the share's hash."""
    share = f"{LOOPBACK}:/{tier}"
    return layout.state / "shares" / hashlib.md5(share.encode(), usedforsecurity=False).hexdigest()


def create_folders(layout: Layout) -> None:
    """Make the folders that services expect."""
    layout.data.mkdir(parents=True, exist_ok=True)
    for folder in (layout.conf, layout.logs, layout.home, layout.home / "rabbitmq", layout.artefacts):
        folder.mkdir(parents=True, exist_ok=True)
    for name in STATE_FOLDERS:
        (layout.state / name).mkdir(parents=True, exist_ok=True)
    layout.conf.chmod(0o700)


def mount_shares(layout: Layout) -> None:
    """Mount one file system a storage tier where an NFS share of that name would be.

    Each is a file system of its own, so that tiers fill up separately and Nova takes the folder for a mount.
    """
    for tier in VOLUME_TYPES:
        backing = layout.state / f"share-{tier}.img"
        if not backing.exists():
            draft = backing.with_suffix(".new")
            with draft.open("wb") as file:
                file.truncate(VOLUME_BACKEND_GIB * GIB)
            run("mkfs.ext4", "-q", "-m", "0", "-L", tier, draft)
            draft.rename(backing)
        folder = share_folder(layout, tier)
        folder.mkdir(exist_ok=True)
        if not folder.is_mount():
            run("mount", "-o", "loop,noatime", backing, folder)


def below(folder: Path) -> list[Path]:
    """Mount points inside a folder, deepest first."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    inside = {Path(point.encode().decode("unicode_escape")) for point in points}
    return sorted((point for point in inside if folder in point.parents), reverse=True)


def unmount_all(layout: Layout) -> None:
    """Unmount whatever is mounted inside the data folder."""
    for point in below(layout.data):
        if not succeeds("umount", point):
            run("umount", "--lazy", point)


def prepare_hypervisor(layout: Layout) -> None:
    """Make the folders that libvirt sees as its own, also those of the system that it lays them over."""
    (layout.run / "libvirt").mkdir(parents=True, exist_ok=True)
    for name in ("lib/qemu", "etc", "cache"):
        (layout.state / "libvirt" / name).mkdir(parents=True, exist_ok=True)
    SYSTEM_LIBVIRT.mkdir(exist_ok=True)


def remove_mount_points() -> None:
    """Remove the system folder that was made to lay libvirt's over, if nobody else uses it."""
    with contextlib.suppress(OSError):
        SYSTEM_LIBVIRT.rmdir()


def identify_hosts_in_name(layout: Layout) -> None:
    """Give each compute that pretends its hypervisors the identity that Nova demands of a host it has seen before."""
    for host in NODES_IN_NAME:
        file = layout.state / f"nova-{host}" / "compute_id"
        if not file.exists():
            file.write_text(str(uuid.uuid5(uuid.NAMESPACE_DNS, host)))
