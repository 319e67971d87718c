"""A vCenter simulator of our own: on the loopback, on a port nobody has, in a folder that is thrown away."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyVmomi import vim

from jinyun.providers.base import Connection
from jinyun.providers.vsphere.collector import read_all
from jinyun.providers.vsphere.names import unescaped
from jinyun.providers.vsphere.session import VsphereSession
from lab import vcenter
from lab.layout import Layout
from lab.vcenter import NotBuildable, Size

PASSWORD = "vcenter-secret"
IDENTITY = "0d5c8a3e-5d0f-4c2a-9b57-2f1f6f0a7c11"
PATIENCE_SECONDS = 20.0


class Simulator(vcenter.Simulator):
    """A vCenter, and how Jinyun and others sign in to it."""

    @property
    def connection(self) -> Connection:
        return Connection("vsphere", self.public, secret=self.password, call_timeout_seconds=10.0)

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

    def tag(self, machine: Any, category: str, name: str) -> None:
        """Make a category and a tag in it, and attach that to a machine."""
        connection = self.session.connection
        context = ssl.create_default_context(cafile=connection.public["cacert"])
        address = f"{connection.public['url']}/rest/com/vmware/cis"
        with httpx.Client(base_url=address, verify=context, trust_env=False) as client:
            opened = client.post("/session", auth=(connection.public["username"], PASSWORD))
            client.headers["vmware-api-session-id"] = opened.json()["value"]
            spec = {"name": category, "cardinality": "MULTIPLE", "associable_types": []}
            category_id = client.post("/tagging/category", json={"create_spec": spec}).json()["value"]
            tag = {"name": name, "category_id": category_id}
            tag_id = client.post("/tagging/tag", json={"create_spec": tag}).json()["value"]
            target = {"object_id": {"id": machine._moId, "type": "VirtualMachine"}}
            client.post(f"/tagging/tag-association/id:{tag_id}?~action=attach", json=target).raise_for_status()

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
    simulator = Simulator(folder, size, identity, PASSWORD)
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.stop()
