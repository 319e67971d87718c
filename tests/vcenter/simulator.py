"""A vCenter simulator of our own: on the loopback, on a port nobody has, in a folder that is thrown away."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pyVmomi import vim

from jinyun.providers.base import Connection
from jinyun.providers.vsphere.collector import read_all
from jinyun.providers.vsphere.names import unescaped
from jinyun.providers.vsphere.session import VsphereSession
from lab import vcenter
from lab.layout import Layout
from lab.vcenter import NotBuildable, Size

Answer = TypeVar("Answer")
PASSWORD = "vcenter-secret"
IDENTITY = "0d5c8a3e-5d0f-4c2a-9b57-2f1f6f0a7c11"
PATIENCE_SECONDS = 20.0


class Simulator:
    """One vcsim process; it can be ended and started again on the same port."""

    def __init__(self, folder: Path, size: Size, identity: str = IDENTITY) -> None:
        self.folder, self.size, self.identity = folder, size, identity
        self.port = _free_port()
        self._process: subprocess.Popen[str] | None = None
        vcenter.write_files(folder, PASSWORD)

    @property
    def connection(self) -> Connection:
        return Connection("vsphere", self.public, secret=PASSWORD, call_timeout_seconds=10.0)

    @property
    def public(self) -> dict[str, str]:
        return {
            "url": f"https://127.0.0.1:{self.port}",
            "username": vcenter.USER,
            "cacert": str(self.folder / "ca.crt"),
        }

    def start(self) -> None:
        program = vcenter.ensure_built(Layout.here())
        command = vcenter.command(program, self.folder, f"127.0.0.1:{self.port}", self.identity, self.size)
        with (self.folder / "vcsim.log").open("a") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline().startswith("ready"), (self.folder / "vcsim.log").read_text()[-2000:]

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    @contextmanager
    def as_colleague(self) -> Iterator["Colleague"]:
        """Another client with a session of its own."""
        yield Colleague(VsphereSession(self.connection))


class Colleague:
    """Somebody who works at the vCenter itself."""

    def __init__(self, session: VsphereSession) -> None:
        self.session = session

    def machine(self, name: str) -> Any:
        found = read_all(self.session, vim.VirtualMachine, ["name"])
        return next(each.ref for each in found if unescaped(each.get("name")) == name)

    def do(self, change: Callable[[], Any]) -> None:
        """Start a task and wait for its end."""
        task = change()
        end = time.monotonic() + PATIENCE_SECONDS
        while task.info.state not in {"success", "error"}:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert task.info.state == "success", task.info.error

    def end_all_other_sessions(self) -> None:
        """Have vCenter forget everybody else."""

        def terminate(content: Any) -> None:
            own = content.sessionManager.currentSession.key
            others = [each.key for each in content.sessionManager.sessionList if each.key != own]
            content.sessionManager.TerminateSession(others)

        self.session.change(terminate)


@contextmanager
def running(folder: Path, size: Size = Size(), identity: str = IDENTITY) -> Iterator[Simulator]:  # noqa: B008
    try:
        vcenter.ensure_built(Layout.here())
    except NotBuildable as reason:
        pytest.skip(str(reason))
    simulator = Simulator(folder, size, identity)
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.stop()


def names(things: Sequence[Any]) -> set[str]:
    return {thing.name for thing in things}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])
