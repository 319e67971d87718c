"""The vCenter simulator: building it from Debian's Go packages, its files, and how it is run."""

import hashlib
import os
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab import passwords
from lab.certificates import make_certificate
from lab.facts import LOOPBACK
from lab.layout import Layout

SOURCES = Path(__file__).parent / "vcsim"
GO = Path("/usr/bin/go")
LIBRARIES = Path("/usr/share/gocode")
DEBIAN = ("golang-go", "golang-github-vmware-govmomi-dev")
USER = "jinyun@vsphere.local"
STOP_SECONDS = 20.0
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
    delay_ms: int = 0
    """How long each call takes at least."""


def program(layout: Layout) -> Path:
    """Return where the simulator lies that is built from these sources."""
    version = hashlib.sha256(b"".join(source.read_bytes() for source in _sources())).hexdigest()[:16]
    return layout.artefacts / f"vcsim-{version}"


def ensure_built(layout: Layout) -> Path:
    """Build the simulator unless it was built from these sources before; return the program.

    Raises:
        NotBuildable: Debian's Go packages are not installed, or they do not build it.
    """
    built = program(layout)
    if not built.exists():
        _build(layout, built)
    return built


def _build(layout: Layout, built: Path) -> None:
    if not GO.exists() or not (LIBRARIES / "src/github.com/vmware/govmomi/simulator").is_dir():
        raise NotBuildable(f"vcsim is built with Debian's packages {' and '.join(DEBIAN)}: install them")
    layout.artefacts.mkdir(parents=True, exist_ok=True)
    draft = built.with_suffix(f".{os.getpid()}")
    environment = {
        "GO111MODULE": "off",
        "GOPATH": str(LIBRARIES),
        "GOCACHE": str(layout.artefacts / "go-cache"),
        "CGO_ENABLED": "0",
        "PATH": "/usr/bin:/bin",
    }
    command = [str(GO), "build", "-o", str(draft), *(source.name for source in _sources())]
    result = subprocess.run(command, cwd=SOURCES, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise NotBuildable(f"vcsim could not be built: {result.stderr[-2000:]}")
    draft.rename(built)


def _sources() -> list[Path]:
    return sorted(SOURCES.glob("*.go"))


def write_files(folder: Path, password: str) -> None:
    """Write the authority, the certificate and the password's file, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "server.crt").exists():
        make_certificate(folder, CERTIFICATE_NAME)
    passwords.write_private(folder / "password", password)


def command(built: Path, folder: Path, listen: str, identity: str, size: Size = Size()) -> list[str]:
    """Return how a vCenter is run, in the foreground; its files lie in the folder.

    Args:
        listen: address and port; port 0 takes a free one, which the first line of the output tells.
        identity: the vCenter's instance UUID.
    """
    return [
        str(built),
        *("-listen", listen, "-identity", identity, "-user", USER),
        *("-password-file", str(folder / "password")),
        *("-certificate", str(folder / "server.crt"), "-key", str(folder / "server.key")),
        *("-clusters", str(size.clusters), "-hosts", str(size.hosts), "-machines", str(size.machines)),
        *("-datastores", str(size.datastores), "-portgroups", str(size.portgroups)),
        *("-delay", str(size.delay_ms)),
    ]


class Simulator:
    """One vCenter of our own on the loopback, on a port that nobody has; it can be ended and started again there."""

    def __init__(self, folder: Path, size: Size, identity: str, password: str) -> None:
        self.folder, self.size, self.identity, self.password = folder, size, identity, password
        self.port = _free_port()
        self._process: subprocess.Popen[str] | None = None
        write_files(folder, password)

    @property
    def public(self) -> dict[str, str]:
        """How it is reached, without the password."""
        return {"url": f"https://{LOOPBACK}:{self.port}", "username": USER, "cacert": str(self.folder / "ca.crt")}

    def start(self) -> None:
        """Start it and wait until it listens. Raises NotBuildable; RuntimeError where it does not start."""
        built = ensure_built(Layout.here())
        line = command(built, self.folder, f"{LOOPBACK}:{self.port}", self.identity, self.size)
        with (self.folder / "vcsim.log").open("a") as log:
            environment = {"TMPDIR": str(self.folder)}
            self._process = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        if self._process.stdout is None or not self._process.stdout.readline().startswith("ready"):
            raise RuntimeError((self.folder / "vcsim.log").read_text()[-2000:])

    def freeze(self) -> None:
        """Have it answer nothing, and hold every connection."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def stop(self) -> None:
        """End it; it forgets what was done to it."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:  # it clears up after ten thousand machines; its folder is thrown away
                self._process.kill()
                self._process.wait()
            self._process = None


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as one:
        return int(one.getsockname()[1])
