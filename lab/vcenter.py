"""The vCenter simulator: building it from Debian's Go packages, its files, and how it is run."""

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab import passwords
from lab.certificates import make_certificate
from lab.layout import Layout

SOURCES = Path(__file__).parent / "vcsim"
GO = Path("/usr/bin/go")
LIBRARIES = Path("/usr/share/gocode")
DEBIAN = ("golang-go", "golang-github-vmware-govmomi-dev")
USER = "jinyun@vsphere.local"
CERTIFICATE_NAME = "vcenter.bank.example"


class NotBuildable(Exception):
    """The simulator cannot be built here; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a vCenter is: small enough to start in a moment unless told otherwise."""

    clusters: int = 2
    hosts: int = 3
    machines: int = 10
    """Of each cluster."""
    datastores: int = 2
    portgroups: int = 3


def ensure_built(layout: Layout) -> Path:
    """Build the simulator unless it was built from these sources before; return the program.

    Raises:
        NotBuildable: Debian's Go packages are not installed, or they do not build it.
    """
    sources = sorted(SOURCES.glob("*.go"))
    version = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    program = layout.artefacts / f"vcsim-{version}"
    if program.exists():
        return program
    if not GO.exists() or not (LIBRARIES / "src/github.com/vmware/govmomi/simulator").is_dir():
        raise NotBuildable(f"vcsim is built with Debian's packages {' and '.join(DEBIAN)}: install them")
    layout.artefacts.mkdir(parents=True, exist_ok=True)
    draft = program.with_suffix(f".{os.getpid()}")
    environment = {
        "GO111MODULE": "off",
        "GOPATH": str(LIBRARIES),
        "GOCACHE": str(layout.artefacts / "go-cache"),
        "CGO_ENABLED": "0",
        "PATH": "/usr/bin:/bin",
    }
    command = [str(GO), "build", "-o", str(draft), *(source.name for source in sources)]
    built = subprocess.run(command, cwd=SOURCES, env=environment, capture_output=True, text=True, check=False)
    if built.returncode != 0:
        raise NotBuildable(f"vcsim could not be built: {built.stderr[-2000:]}")
    draft.rename(program)
    return program


def write_files(folder: Path, password: str) -> None:
    """Write the authority, the certificate and the password's file, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "server.crt").exists():
        make_certificate(folder, CERTIFICATE_NAME)
    passwords.write_private(folder / "password", password)


def command(program: Path, folder: Path, listen: str, identity: str, size: Size = Size()) -> list[str]:
    """Return how a vCenter is run, in the foreground; its files lie in the folder.

    Args:
        listen: address and port; port 0 takes a free one, which the first line of the output tells.
        identity: the vCenter's instance UUID.
    """
    return [
        str(program),
        *("-listen", listen, "-identity", identity, "-user", USER),
        *("-password-file", str(folder / "password")),
        *("-certificate", str(folder / "server.crt"), "-key", str(folder / "server.key")),
        *("-clusters", str(size.clusters), "-hosts", str(size.hosts), "-machines", str(size.machines)),
        *("-datastores", str(size.datastores), "-portgroups", str(size.portgroups)),
    ]
