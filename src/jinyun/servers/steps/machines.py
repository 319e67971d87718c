"""Verbs of machines that were there before: each turn looks first, asks where need be, and reads until it is so.

What was asked for is known by the backend's own name for the work. Where that is lost, or its outcome is unknown, the
machine itself tells: no verb here is asked for again that shows as done.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Parameters, Step, StepContext, done, wait
from jinyun.providers.errors import Missing, Refused
from jinyun.providers.estate import Machines, Observed, Power
from jinyun.providers.facts import HostFacts, VolumeTypeFacts
from jinyun.regions.connections import open_region
from jinyun.servers import states
from jinyun.servers.models import Server
from jinyun.servers.sizes import as_counted

POLL_SECONDS = 1.0
GUEST_SECONDS = 180.0
"""How long a guest that was asked to shut down may take; afterwards its power is cut."""
AT_WORK = Text("The region is at it", "区域正在处理")
STATE_OF = {Power.ON: states.ACTIVE, Power.OFF: states.STOPPED, Power.SUSPENDED: states.STOPPED}


@dataclass(frozen=True, slots=True)
class Seen:
    """A machine as its region shows it now."""

    machines: Machines
    id: str
    now: Observed


def look(step: StepContext) -> Seen:
    """Return the operation's machine as it is now.

    Raises:
        Missing: it is there no more, or another one has its id.
        Refused: the region's machines can only be looked at.
    """
    region_id, external_id, uuid = step.read(lambda session: _ids(session, step.parameters["server_id"]))
    estate = open_region(step, region_id).estate
    if estate is None or estate.machines is None:
        raise Refused("the machines of this region can only be looked at", code="not-offered")
    found = estate.machines.get(external_id)
    if found is None or (uuid is not None and found.uuid != uuid):
        raise Missing(f"machine {external_id}")
    return Seen(estate.machines, external_id, found)


def start_machine(step: StepContext) -> Outcome:
    """Power the machine on; wait until it runs."""
    return _carry_out(step, lambda now: now.power is Power.ON, lambda seen: seen.machines.start(seen.id))


def stop_machine(step: StepContext) -> Outcome:
    """Shut the machine down, guest first, by power where the guest takes too long; wait until it is off."""
    hard = bool(step.parameters.get("hard")) or _waited(step) >= GUEST_SECONDS
    return _carry_out(
        step,
        lambda now: now.power is Power.OFF,
        lambda seen: seen.machines.stop(seen.id, hard=hard),
        again=hard and not step.memory.get("hard"),
        hard=hard,
    )


def resize_machine(step: StepContext) -> Outcome:
    """Give the machine its new size, while it runs where it can be had so; wait until it has it.

    Raises:
        Refused: it has to be off for this (`wrong-state`).
    """
    wanted = {name: int(step.parameters[name]) for name in ("vcpus", "memory_mib")}
    return _carry_out(
        step,
        lambda now: all(now.document[name] == wanted[name] for name in wanted),
        lambda seen: seen.machines.resize(seen.id, **wanted),
    )


def note_size(step: StepContext) -> Outcome:
    """Write down the new size, and count it."""
    step.write(lambda session: _resized(session, step.parameters))
    return done()


def give_growth_back(step: StepContext) -> Outcome:
    """Count what the machine really has: it did not get its new size."""
    seen = _look_if_there(step)
    facts = seen.now.document if seen else {}
    step.write(lambda session: _account(session, step.parameters["server_id"], facts))
    return done()


def extend_disk(step: StepContext) -> Outcome:
    """Make one disk of the machine larger; wait until it is. Raises Refused where it has snapshots (`wrong-state`)."""
    key, size_gib = int(step.parameters["disk"]), int(step.parameters["size_gib"])
    return _carry_out(
        step,
        lambda now: any(disk["key"] == key and disk["size_gib"] >= size_gib for disk in now.document["disks"]),
        lambda seen: seen.machines.extend_disk(seen.id, key, size_gib),
    )


def count_as_before(step: StepContext) -> Outcome:
    """Count the disks as they were: the one did not grow."""
    before = step.parameters["before"]
    step.write(lambda session: count_disks(session, session.get_one(Server, step.parameters["server_id"]), before))
    return done()


def migrate_machine(step: StepContext) -> Outcome:
    """Move the machine to a host, to a datastore, or both; asked twice, it stays where it came to the first time.

    Raises:
        Missing: the region has no host or datastore of this name.
    """
    seen = look(step)
    work = step.memory.get("work")
    if work is None:
        return wait(POLL_SECONDS, progress=AT_WORK, work=seen.machines.migrate(seen.id, **_target(step)))
    if not _ended(seen.machines, str(work)):
        return wait(POLL_SECONDS, progress=AT_WORK, **step.memory)
    if step.parameters["host"]:
        step.write(lambda session: _moved(session, step.parameters))
    return done()


def come_to_rest(step: StepContext) -> Outcome:
    """Take no change of power back: write down what the machine is by now; one that is gone is for others to find."""
    seen = _look_if_there(step)
    if seen is not None:
        _note_power(step, seen.now)
    return done()


def machine_lane(parameters: Parameters, _key: str | None) -> str:
    """Return the lane of a region's machines: a vCenter has all that is asked of it in one queue."""
    return f"machines/{parameters['region']}"


def _carry_out(
    step: StepContext,
    is_so: Callable[[Observed], bool],
    ask: Callable[[Seen], str],
    *,
    again: bool = False,
    **memory: Any,
) -> Outcome:
    """Ask for something that a machine shows once it is done; a work that failed tells why.

    Args:
        again: ask once more, in another way, although it was asked for.
        memory: what to remember of how it was asked for.
    """
    seen = look(step)
    if is_so(seen.now):
        _note_power(step, seen.now)
        return done(power=seen.now.power.value if seen.now.power else None)
    work = step.memory.get("work")
    if work is not None and not again:
        _ended(seen.machines, str(work))
        return wait(POLL_SECONDS, progress=AT_WORK, **step.memory)
    since = step.memory.get("since", step.now.timestamp())
    return wait(POLL_SECONDS, progress=AT_WORK, work=ask(seen), since=since, **memory)


def _look_if_there(step: StepContext) -> Seen | None:
    try:
        return look(step)
    except Missing:
        return None


def _ended(machines: Machines, work_id: str) -> bool:
    """Tell whether a work has ended, as one has that the backend has forgotten. Raises why it failed."""
    try:
        work = machines.work(work_id)
    except Missing:
        return True
    if work.failure is not None:
        raise work.failure
    return work.ended


def _target(step: StepContext) -> dict[str, str]:
    """Return where a machine is to go, by the region's ids."""
    region_id, _external_id, _uuid = step.read(lambda session: _ids(session, step.parameters["server_id"]))
    inventory = open_region(step, region_id).inventory
    target = {}
    if step.parameters["host"]:
        target["host_id"] = _id_of(step.parameters["host"], inventory.hosts())
    if step.parameters["datastore"]:
        target["datastore_id"] = _id_of(step.parameters["datastore"], inventory.volume_types())
    return target


def _id_of(name: str, things: Iterable[HostFacts | VolumeTypeFacts]) -> str:
    found = next((thing.id for thing in things if thing.name == name), None)
    if found is None:
        raise Missing(name)
    return found


def _waited(step: StepContext) -> float:
    since = step.memory.get("since")
    return 0.0 if since is None else max(0.0, step.now.timestamp() - float(since))


def _note_power(step: StepContext, now: Observed) -> None:
    power = now.power

    def work(session: Session) -> None:
        if power is not None:
            session.get_one(Server, step.parameters["server_id"]).state = STATE_OF[power]

    step.write(work)


def _ids(session: Session, server_id: str) -> tuple[str, str, str | None]:
    server = session.get_one(Server, server_id)
    return server.region_id, server.external_id or "", server.external_uuid


def _resized(session: Session, parameters: Parameters) -> None:
    server = session.get_one(Server, parameters["server_id"])
    server.flavor_id = parameters["flavor_id"]
    _account(session, server.id, parameters)


def _account(session: Session, server_id: str, has: Mapping[str, Any]) -> None:
    """Have a server and its hold say what its machine has; of one that is gone, what it had."""
    server = session.get_one(Server, server_id)
    server.own_vcpus = has.get("vcpus", server.own_vcpus)
    server.own_memory_mib = has.get("memory_mib", server.own_memory_mib)
    capacity.change(session, server.hold_id, as_counted(session, server, server.size))


def count_disks(session: Session, server: Server, has: Mapping[str, Any]) -> None:
    """Have a server and its hold say what its disks take: `disk_gib` in all, `tier_gib` of a storage `tier`, if any.

    Raises:
        QuotaExceeded, NoCapacity: it is more than before, and not there.
    """
    server.own_disk_gib = has["disk_gib"]
    request = as_counted(session, server, server.size)
    if has["tier"]:
        request = replace(request, tiers={**request.tiers, has["tier"]: has["tier_gib"]})
    capacity.change(session, server.hold_id, request)


def _moved(session: Session, parameters: Parameters) -> None:
    session.get_one(Server, parameters["server_id"]).host = parameters["host"]


def _power(name: str, act: Callable[[StepContext], Outcome], title: Text) -> Step:
    return Step(name, act, title, undo=come_to_rest, lane=machine_lane, timeout=timedelta(minutes=15))


class StartMachine(Operation):
    """Power a machine on."""

    kind = "start-machine"
    title = Text("Start server", "启动服务器")
    steps = (_power("start", start_machine, title),)


class StopMachine(Operation):
    """Shut a machine down."""

    kind = "stop-machine"
    title = Text("Stop server", "停止服务器")
    steps = (_power("stop", stop_machine, title),)


class RebootMachine(Operation):
    """Shut a machine down and power it on again: a reboot shows nowhere, these two do."""

    kind = "reboot-machine"
    title = Text("Reboot server", "重启服务器")
    steps = (
        _power("stop", stop_machine, Text("Shut it down", "关机")),
        _power("start", start_machine, Text("Start it", "启动")),
    )


class ResizeMachine(Operation):
    """Give a machine another size; its disks stay."""

    kind = "resize-machine"
    title = Text("Resize server", "变更规格")
    steps = (
        Step(
            "resize",
            resize_machine,
            Text("Resize it", "变更规格"),
            undo=give_growth_back,
            lane=machine_lane,
            timeout=timedelta(minutes=15),
        ),
        Step("note", note_size, Text("Write the new size down", "记录新规格"), local=True),
    )


class ExtendMachineDisk(Operation):
    """Give a disk of a machine a larger size; what it takes was counted when the operation was started."""

    kind = "extend-machine-disk"
    title = Text("Extend disk", "扩容磁盘")
    steps = (
        Step(
            "extend",
            extend_disk,
            Text("Extend the disk", "扩容磁盘"),
            undo=count_as_before,
            lane=machine_lane,
            timeout=timedelta(minutes=30),
        ),
    )


class MigrateMachine(Operation):
    """Move a machine to another host or datastore."""

    kind = "migrate-machine"
    title = Text("Migrate server", "迁移服务器")
    steps = (
        Step(
            "migrate",
            migrate_machine,
            Text("Move it", "迁移"),
            lane=machine_lane,
            timeout=timedelta(hours=4),
        ),
    )


RECIPES = (StartMachine, StopMachine, RebootMachine, ResizeMachine, ExtendMachineDisk, MigrateMachine)
