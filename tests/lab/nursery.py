"""Workers that die on time: `python -m tests.lab.nursery PLAN MARKS` runs them, and another one for each that died.

The plan says of a server's id in which step of its delivery its worker is to be killed, and when: `before` the step,
right `after` it, or upon the `call` to the cloud: then the cloud has done what was asked, and nobody has noted it. Each
worker has one thread, so that it takes nobody else's delivery along. A mark in MARKS tells who has been killed. Beside
the plan, a file `at-work` appears once everything has been read.
"""

import ctypes
import dataclasses
import json
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from jinyun.kit.settings import settings
from jinyun.operations.definition import Outcome, Step, StepContext
from jinyun.processes import work
from jinyun.providers.openstack.compute import OpenStackCompute
from jinyun.providers.openstack.networking import OpenStackNetworking
from jinyun.providers.openstack.storage import OpenStackBlockStorage
from jinyun.providers.openstack.tenancy import OpenStackTenancy
from jinyun.servers.steps.delivery import DeliverServer

WORKERS = 6
CALLS = (
    (OpenStackTenancy, "ensure_project"),
    (OpenStackNetworking, "create_port"),
    (OpenStackBlockStorage, "create"),
    (OpenStackCompute, "create"),
    (OpenStackCompute, "attach_volume"),
)
"""What the steps have done in the cloud, each with one call."""
PR_SET_PDEATHSIG = 1
Plan = dict[str, tuple[str, str]]


class Fate:
    """Knows whose worker dies where."""

    def __init__(self, plan: Plan, marks: Path) -> None:
        self._plan, self._marks = plan, marks
        self._due_upon_call: str | None = None

    def deadly(self, step: Step) -> Step:
        """Return the step with its deadly moments."""

        def do(context: StepContext) -> Outcome:
            server_id = context.parameters["server_id"]
            planned, moment = self._plan.get(server_id, ("", ""))
            here = moment if planned == step.name else ""
            if here == "before":
                self._die_once(server_id)
            self._due_upon_call = server_id if here == "call" else None
            outcome = step.do(context)
            self._due_upon_call = None
            if here == "after":
                self._die_once(server_id)
            return outcome

        return dataclasses.replace(step, do=do)

    def watch(self, owner: type, name: str) -> None:
        """Make the end of a call to the cloud a deadly moment, whether or not its answer came."""
        call: Callable[..., Any] = getattr(owner, name)

        @wraps(call)
        def watched(*arguments: Any, **more: Any) -> Any:
            try:
                return call(*arguments, **more)
            finally:
                if self._due_upon_call is not None:
                    self._die_once(self._due_upon_call)

        setattr(owner, name, watched)

    def _die_once(self, server_id: str) -> None:
        try:
            (self._marks / server_id).touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Keep the workers going until SIGTERM."""
    plan, marks = (Path(argument) for argument in sys.argv[1:])
    fate = Fate(json.loads(plan.read_text()), marks)
    setattr(DeliverServer, "steps", tuple(fate.deadly(step) for step in DeliverServer.steps))  # noqa: B010
    for owner, name in CALLS:
        fate.watch(owner, name)
    plan.with_name("at-work").touch()
    _keep_going()


def _keep_going() -> None:
    workers: set[int] = set()
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True
        for pid in workers:
            os.kill(pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    _end_with_parent()
    while workers or not stopping:
        while len(workers) < WORKERS and not stopping:
            workers.add(_born())
        pid, _ = os.wait()
        workers.discard(pid)


def _born() -> int:
    """Fork a worker: everything is imported already, and no thread has been started."""
    pid = os.fork()
    if pid:
        return pid
    _end_with_parent()
    work(settings())
    os._exit(0)


def _end_with_parent() -> None:
    """Have the kernel send SIGTERM when the parent dies, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    main()
