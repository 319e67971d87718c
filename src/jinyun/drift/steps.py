"""Reverting: a machine is made again as it is expected to be. Looks first; a verb is asked for once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.drift.models import Drift
from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done, wait
from jinyun.providers.errors import Missing
from jinyun.providers.estate import Machines, Observed
from jinyun.regions.connections import open_region
from jinyun.regions.models import Host
from jinyun.servers.models import Server
from jinyun.servers.steps.machines import STATE_OF

POLL_SECONDS = 2.0
AT_WORK = Text("The region is at work", "区域正在处理")


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be made how."""

    region_id: str
    machine_id: str
    uuid: str | None
    field: str
    expected: Any
    host_id: str | None


def revert(step: StepContext) -> Outcome:
    """Look at the machine; ask for what is missing, once; wait until it is so.

    Raises:
        Missing: the machine is gone, or another one has its id by now.
        Refused: the region will not do it, as taking CPUs from a machine that runs.
    """
    target = step.read(lambda session: _target(session, step.parameters["drift_id"]))
    machines = open_region(step, target.region_id).estate.machines  # type: ignore[union-attr]
    assert machines is not None  # noqa: S101 - whoever started this looked
    machine = machines.get(target.machine_id)
    if machine is None or (target.uuid is not None and machine.uuid != target.uuid):
        raise Missing(target.machine_id)
    if IS_SO[target.field](machine, target):
        step.write(lambda session: _note(session, step.parameters["server_id"], machine, target))
        return done()
    asked = step.memory.get("work")
    if asked is None:
        step.check()
        return wait(POLL_SECONDS, progress=AT_WORK, work=DO[target.field](machines, machine, target))
    work = machines.work(asked)
    if work.failure is not None:
        raise work.failure
    return wait(POLL_SECONDS, progress=AT_WORK, work=asked)


def _note(session: Session, server_id: str, machine: Observed, target: Target) -> None:
    """Write down what the machine is by now: what was seen while this operation had the server was not."""
    server = session.get_one(Server, server_id)
    if target.field == "host":
        server.host = target.expected
    if machine.power is not None:
        server.state = STATE_OF[machine.power]


def _target(session: Session, drift_id: str) -> Target:
    drift = session.get_one(Drift, drift_id)
    host_id = None
    if drift.field == "host":
        of_name = select(Host.external_id).filter_by(region_id=drift.machine.region_id, name=drift.expected)
        host_id = session.scalar(of_name)
    machine = drift.machine
    return Target(machine.region_id, machine.external_id, machine.uuid, drift.field, drift.expected, host_id)


def _power(machines: Machines, machine: Observed, target: Target) -> str:
    if target.expected == "on":
        return machines.start(machine.key.id)
    return machines.stop(machine.key.id, hard=False)


def _size(machines: Machines, machine: Observed, target: Target) -> str:
    size = {name: machine.document[name] for name in ("vcpus", "memory_mib")} | {target.field: target.expected}
    return machines.resize(machine.key.id, **size)


def _host(machines: Machines, machine: Observed, target: Target) -> str:
    if target.host_id is None:
        raise Missing(f"host {target.expected}")
    return machines.migrate(machine.key.id, host_id=target.host_id)


DO: dict[str, Callable[[Machines, Observed, Target], str]] = {
    "power": _power,
    "vcpus": _size,
    "memory_mib": _size,
    "host": _host,
}
"""What can be reverted, and by which verb."""
IS_SO: dict[str, Callable[[Observed, Target], bool]] = {
    "power": lambda machine, target: machine.power == target.expected,
    "vcpus": lambda machine, target: bool(machine.document["vcpus"] == target.expected),
    "memory_mib": lambda machine, target: bool(machine.document["memory_mib"] == target.expected),
    "host": lambda machine, target: machine.host in {target.expected, target.host_id},
}


class RevertDrift(Operation):
    """Make one field of a machine as it is expected to be."""

    kind = "revert-drift"
    title = Text("Make a machine as it was", "将虚拟机还原为预期状态")
    steps = (
        Step(
            "revert",
            revert,
            Text("Ask the region, and wait until it is so", "请求区域还原"),
            timeout=timedelta(hours=1),
        ),
    )


RECIPES = (RevertDrift,)
