"""Building the guest: Debian's cloud kernel, busybox and dropbear on a disk that boots in seconds."""

import gzip
import hashlib
import shutil
import stat
import struct
import tempfile
from pathlib import Path

from lab import facts, packages
from lab.commands import output, run
from lab.image import build_marker, images
from lab.layout import Layout

GUEST = Path(__file__).parent / "guest"
KERNEL_PACKAGE = "linux-image-cloud-amd64"

SECTOR = 512
MIB = 1024**2
BOOT_OFFSET = 1 * MIB
BOOT_SIZE = 24 * MIB
ROOT_OFFSET = BOOT_OFFSET + BOOT_SIZE
ROOT_SIZE = 64 * MIB

# What the kernel needs before there is a disk, and what it needs after.
EARLY_MODULES = ("virtio_pci", "virtio_blk")
LATE_MODULES = ("evdev", "button", "virtio_rng", "virtio_net", "ata_piix", "sr_mod", "isofs")
# The userspace switch passes packets on as they come: checksums must be the guest's own work.
MODULE_OPTIONS = {"virtio_net": "csum=0 gso=0"}

PROGRAMS = {
    "/usr/sbin/dropbear": "dropbear",
    "/usr/bin/dropbearkey": "dropbearkey",
    "/usr/sbin/resize2fs": "resize2fs",
    "/usr/sbin/mke2fs": "mkfs.ext4",
}

FOLDERS = ("bin", "sbin", "dev", "proc", "sys", "run", "tmp", "mnt", "root/.ssh", "etc/dropbear", "var/lib/jinyun-lab")


def ensure(layout: Layout) -> None:
    """Build the images unless those at hand stem from these very sources."""
    wanted = images(layout)
    marker = build_marker(layout)
    version = _version()
    if marker.exists() and marker.read_text() == version and all(image.file.exists() for image in wanted):
        return
    layout.artefacts.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=layout.artefacts) as folder:
        disk = _build_disk(Path(folder), layout.artefacts)
        small, large = wanted
        run("qemu-img", "convert", "-O", "qcow2", disk, small.file)
        shutil.copyfile(small.file, large.file)
        run("qemu-img", "resize", "-q", large.file, f"{facts.LARGE_IMAGE_GIB}G")
    marker.write_text(version)


def _version() -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for file in sorted(GUEST.rglob("*")):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _build_disk(work: Path, cache: Path) -> Path:
    kernel_tree = _unpack_kernel(work, cache)
    version = next((kernel_tree / "lib" / "modules").iterdir()).name
    run("depmod", "-b", kernel_tree, version)
    boot = _boot_partition(work, kernel_tree, version)
    root = _root_partition(work, kernel_tree, version)
    disk = work / "disk.raw"
    with disk.open("wb") as file:
        file.write(_master_boot_record())
        for offset, partition in ((BOOT_OFFSET, boot), (ROOT_OFFSET, root)):
            file.seek(offset)
            file.write(partition.read_bytes())
    return disk


def _unpack_kernel(work: Path, cache: Path) -> Path:
    found = sorted(cache.glob("linux-image-[0-9]*.deb"))
    if not found:
        packages.download_dependency(KERNEL_PACKAGE, "linux-image-", cache)
        found = sorted(cache.glob("linux-image-[0-9]*.deb"))
    tree = work / "kernel"
    run("dpkg-deb", "-x", found[-1], tree)
    return tree


def _module_files(tree: Path, version: str, names: tuple[str, ...]) -> list[tuple[Path, str]]:
    """Files to load in order, each with its options."""
    files: dict[Path, str] = {}
    for name in names:
        shown = output("modprobe", "-d", tree, "-S", version, "--show-depends", name)
        for line in shown.splitlines():
            if line.startswith("insmod"):
                file = Path(line.split()[1])
                files.setdefault(file, MODULE_OPTIONS.get(file.stem, ""))
    return list(files.items())


def _install_modules(tree: Path, version: str, names: tuple[str, ...], root: Path) -> None:
    folder = root / "modules"
    folder.mkdir(parents=True)
    loaded = () if names is EARLY_MODULES else _module_files(tree, version, EARLY_MODULES)
    lines = []
    for file, options in _module_files(tree, version, names):
        if (file, options) in loaded:
            continue
        shutil.copyfile(file, folder / file.name)
        lines.append(f"{file.name} {options}".strip())
    (folder / "order").write_text("\n".join(lines) + "\n")


def _boot_partition(work: Path, kernel_tree: Path, version: str) -> Path:
    early = work / "early"
    for folder in ("bin", "dev", "proc", "sys", "newroot"):
        (early / folder).mkdir(parents=True)
    shutil.copy("/bin/busybox", early / "bin" / "busybox")
    _install_executable(GUEST / "early-init", early / "init")
    _install_modules(kernel_tree, version, EARLY_MODULES, early)
    archive = work / "early.cpio"
    names = "\n".join(sorted(str(path.relative_to(early)) for path in early.rglob("*")))
    _archive(early, names, archive)
    (work / "initrd.gz").write_bytes(gzip.compress(archive.read_bytes(), 6))
    shutil.copyfile(kernel_tree / "boot" / f"vmlinuz-{version}", work / "vmlinuz")
    partition = work / "boot.fat"
    with partition.open("wb") as file:
        file.truncate(BOOT_SIZE)
    run("mkfs.vfat", "-F", "16", "-h", str(BOOT_OFFSET // SECTOR), partition)
    run("mcopy", "-i", partition, work / "vmlinuz", work / "initrd.gz", GUEST / "syslinux.cfg", "::")
    run("syslinux", "--install", partition)
    return partition


def _archive(folder: Path, names: str, archive: Path) -> None:
    listing = archive.with_suffix(".list")
    listing.write_text(names + "\n")
    run("sh", "-c", 'cd "$1" && exec cpio --quiet -o -H newc -O "$3" < "$2"', "sh", folder, listing, archive)


def _root_partition(work: Path, kernel_tree: Path, version: str) -> Path:
    root = work / "root"
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    (root / "root").chmod(0o700)
    (root / "root" / ".ssh").chmod(0o700)
    shutil.copy("/bin/busybox", root / "bin" / "busybox")
    for applet in output("/bin/busybox", "--list").split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    (root / "sbin" / "init").symlink_to("../bin/busybox")
    for program, name in PROGRAMS.items():
        _install_program(Path(program), root, name)
    shutil.copy("/etc/mke2fs.conf", root / "etc" / "mke2fs.conf")
    shutil.copytree(GUEST / "root", root, dirs_exist_ok=True)
    for script in ("etc/init.d/boot", "usr/lib/jinyun-lab/*", "etc/acpi/PWRF/*"):
        for file in root.glob(script):
            file.chmod(file.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    _install_modules(kernel_tree, version, LATE_MODULES, root)
    partition = work / "root.ext4"
    with partition.open("wb") as empty:
        empty.truncate(ROOT_SIZE)
    run("mkfs.ext4", "-q", "-b", "4096", "-m", "0", "-J", "size=4", "-L", "jinyun-lab", "-d", root, partition)
    return partition


def _install_program(program: Path, root: Path, name: str) -> None:
    shutil.copy(program, root / "sbin" / name)
    for word in output("ldd", program).split():
        if word.startswith("/"):
            target = root / word.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(word, target)


def _install_executable(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o755)


def _master_boot_record() -> bytes:
    """Partition table whose last partition is longer than any disk.

    The kernel cuts it to the disk's end, so that a server's root can fill whatever disk its flavor gives it.
    """
    code = Path("/usr/lib/syslinux/mbr/mbr.bin").read_bytes().ljust(446, b"\0")
    first, second = BOOT_OFFSET // SECTOR, ROOT_OFFSET // SECTOR
    table = _partition(0x80, 0x0E, first, BOOT_SIZE // SECTOR) + _partition(0x00, 0x83, second, 0xFFFFFFFF - second)
    return code + table.ljust(64, b"\0") + b"\x55\xaa"


def _partition(status: int, kind: int, start: int, sectors: int) -> bytes:
    unused_geometry = b"\xfe\xff\xff"
    return struct.pack("<B3sB3sII", status, unused_geometry, kind, unused_geometry, start, sectors)
