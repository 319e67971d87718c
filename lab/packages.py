"""What must be installed: Debian packages and the virtual environment of the OpenStack services."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lab.commands import CommandFailed, output, run
from lab.layout import CHECKOUT, Layout

DEBIAN = (
    # infrastructure
    "mariadb-server", "rabbitmq-server", "memcached", "haproxy",
    # the bank's directory
    "slapd", "ldap-utils", "openssl",
    # switches and wires
    "openvswitch-switch", "ovn-central", "ovn-host", "iproute2", "ethtool",
    # servers
    "libvirt-daemon", "libvirt-daemon-system", "libvirt-daemon-driver-qemu", "libvirt-clients",
    "qemu-system-x86", "qemu-utils", "genisoimage", "novnc",
    # volumes
    "nfs-common", "e2fsprogs",
    # the guest's image
    "busybox-static", "dropbear-bin", "cpio", "kmod", "syslinux", "syslinux-common", "mtools", "dosfstools",
    # the vCenter simulator, which is built here
    "golang-go", "golang-github-vmware-govmomi-dev",
    # building Python packages that come as source
    "gcc", "libc6-dev", "pkg-config", "libvirt-dev", "python3.11", "libpython3.11-dev",
)  # fmt: skip

POLICY = Path("/usr/sbin/policy-rc.d")
FORBID_STARTING = "#!/bin/sh\nexit 101\n"

PYTHON = Path("/usr/bin/python3.11")


def missing_debian_packages(wanted: Sequence[str] = DEBIAN) -> list[str]:
    """Those that are not installed yet."""
    shown = output("dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n")
    installed = {line.split()[0] for line in shown.splitlines() if line.endswith(" installed")}
    return [name for name in wanted if name not in installed]


def install_debian_packages(wanted: Sequence[str] = DEBIAN) -> None:
    """Install what is missing, without letting any package start its service."""
    missing = missing_debian_packages(wanted)
    if not missing:
        return
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with _no_service_starts():
        try:
            _apt_install(missing, quiet)
        except CommandFailed:
            # The package lists are too old, or there are none.
            run("apt-get", "update", "-qq", environment=quiet)
            _apt_install(missing, quiet)


def download_dependency(package: str, prefix: str, folder: Path) -> None:
    """Download into a folder, without installing it, what a package depends on by a name of that prefix."""
    try:
        _download_dependency(package, prefix, folder)
    except CommandFailed:
        run("apt-get", "update", "-qq")
        _download_dependency(package, prefix, folder)


def _download_dependency(package: str, prefix: str, folder: Path) -> None:
    names = output("apt-cache", "depends", "--important", package).split()
    wanted = next((name for name in names if name.startswith(prefix) and name != package), package)
    run("apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", wanted, cwd=folder)


def _apt_install(names: list[str], environment: dict[str, str]) -> None:
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *names, environment=environment)


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Debian asks this policy before a package may start a service; a machine's own policy is left alone."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text(FORBID_STARTING)
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def build_venv(layout: Layout) -> None:
    """Make the virtual environment that the lock file describes, compiled to bytecode once."""
    lock = layout.sources / "requirements.lock"
    version = hashlib.sha256(lock.read_bytes()).hexdigest()
    marker = layout.venv / "lock-version"
    if not marker.exists() or marker.read_text() != version:
        uv = CHECKOUT / ".venv" / "bin" / "uv"
        python = layout.venv / "bin" / "python"
        run(uv, "venv", "--quiet", "--allow-existing", "--python", PYTHON, layout.venv)
        run(uv, "pip", "sync", "--quiet", "--python", python, "--compile-bytecode", lock, environment=_compiling())
        marker.write_text(version)
    _link_drivers(layout)


def _compiling() -> dict[str, str]:
    # Set in some containers; without bytecode every start of every service costs seconds.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return {}


def _link_drivers(layout: Layout) -> None:
    """Nova loads virtualisation drivers from its own package only."""
    link = layout.venv / "lib" / PYTHON.name / "site-packages" / "nova" / "virt" / "jinyun_lab.py"
    target = layout.sources / "drivers" / "jinyun_lab.py"
    if not link.is_symlink() or link.readlink() != target:
        link.unlink(missing_ok=True)
        link.symlink_to(target)
