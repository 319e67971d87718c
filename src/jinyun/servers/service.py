"""What an owner may do with a server. Each slow verb is an operation; the server is its subject."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise_found
from jinyun.audit import service as audit
from jinyun.capacity import service as capacity
from jinyun.catalog import service as catalog
from jinyun.catalog.models import Flavor
from jinyun.kit.actor import PLATFORM, Actor
from jinyun.kit.database import Database, database_now
from jinyun.kit.errors import NotFound
from jinyun.operations import service as operations
from jinyun.operations.definition import Operation
from jinyun.operations.models import OperationRow
from jinyun.operations.service import SubjectBusy
from jinyun.operations.subjects import Subject
from jinyun.servers import sizes, states
from jinyun.servers.errors import (
    LeaseOver,
    NotAttached,
    SameFlavor,
    SmallerDisk,
    VerbNotOffered,
    VolumeElsewhere,
    WrongServerState,
)
from jinyun.servers.models import Attachment, ConsoleOutput, Server
from jinyun.servers.steps.attachments import AttachVolume, DeliverAttachedVolume, DetachVolume
from jinyun.servers.steps.facts import array_of
from jinyun.servers.steps.machines import RebootMachine, ResizeMachine, StartMachine, StopMachine
from jinyun.servers.steps.power import RebootServer, StartServer, StopServer
from jinyun.servers.steps.resizing import ResizeServer
from jinyun.servers.steps.retirement import PurgeServer, RecycleServer, RestoreServer
from jinyun.servers.steps.screens import ReadConsole
from jinyun.volumes import service as volumes
from jinyun.volumes.models import Volume

OPERATE = "server.operate"
SIMPLE: dict[str, type[Operation]] = {
    "start": StartServer,
    "stop": StopServer,
    "reboot": RebootServer,
    "delete": RecycleServer,
}
"""The verbs that need nothing but the server."""
OF_MACHINES: dict[str, type[Operation]] = {"start": StartMachine, "stop": StopMachine, "reboot": RebootMachine}
"""The same of those that were there before."""


def find(session: Session, actor: Actor, server_id: str, action: str = "server.read") -> Server:
    """Return a server that `actor` may see and do `action` to. Raises NotFound, Forbidden."""
    server = session.get(Server, server_id)
    if server is None:
        raise NotFound(kind="server", name=server_id)
    authorise_found(session, actor, ("server.read", action), server.project_id, "server", server_id)
    return server


def begin(session: Session, actor: Actor, server: Server, verb: str, **parameters: Any) -> OperationRow:
    """Do what was approved, or what the actor may do. Raises WrongServerState, SubjectBusy.

    Args:
        verb: one of `SIMPLE`.
        parameters: what its recipe takes besides the server.
    """
    require_state(server, verb)
    if server.ladder == states.DELIVERED:
        return _begin(session, actor, server, SIMPLE[verb], **parameters)
    return _begin(session, actor, server, OF_MACHINES[verb], region=server.region.code, **parameters)


def start(session: Session, actor: Actor, server_id: str) -> OperationRow:
    """Power a server on. Raises NotFound, Forbidden, WrongServerState, SubjectBusy."""
    return begin(session, actor, find(session, actor, server_id, OPERATE), "start")


def stop(session: Session, actor: Actor, server_id: str) -> OperationRow:
    """Shut a server down, guest first. Raises as `start`."""
    return begin(session, actor, find(session, actor, server_id, OPERATE), "stop")


def reboot(session: Session, actor: Actor, server_id: str, *, hard: bool) -> OperationRow:
    """Reboot a server through the guest, or by power. Raises as `start`."""
    return begin(session, actor, find(session, actor, server_id, OPERATE), "reboot", hard=hard)


def read_console(session: Session, actor: Actor, server_id: str, lines: int) -> OperationRow:
    """Have the serial console's last lines read; looking disturbs nobody, so the server is not reserved for it."""
    server = _ready_for(session, actor, server_id, "log", "server.console")
    return _begin(session, actor, server, ReadConsole, reserve=False, lines=lines)


def console_output(session: Session, actor: Actor, server_id: str, operation_id: str) -> ConsoleOutput | None:
    """Return what `read_console` read, or None where it has not yet. Raises NotFound, Forbidden."""
    find(session, actor, server_id, "server.console")
    output = session.get(ConsoleOutput, operation_id)
    return output if output is not None and output.server_id == server_id else None


def recycle(session: Session, actor: Actor, server_id: str) -> OperationRow:
    """Shut a server down and put it into the recycle bin. Raises as `start`."""
    return begin(session, actor, find(session, actor, server_id, OPERATE), "delete")


def restore(session: Session, actor: Actor, server_id: str) -> OperationRow:
    """Take a server out of the recycle bin. Raises as `start`, and LeaseOver."""
    server = _ready_for(session, actor, server_id, "restore")
    if lease_is_over(server, database_now(session)):
        raise LeaseOver(hostname=server.hostname)
    return _begin(session, actor, server, RestoreServer)


def purge(session: Session, actor: Actor, server_id: str, *, with_volumes: bool) -> OperationRow:
    """Delete a recycled server for good, its data volumes too where they are given up.

    Raises as `start`, and VolumeHasSnapshots.
    """
    server = _ready_for(session, actor, server_id, "purge")
    attached = [attachment.volume for attachment in server.attachments]
    ids = [volume.id for volume in attached]
    for volume in attached if with_volumes else ():
        volumes.require_no_snapshots(session, volume)
    return _begin(
        session,
        actor,
        server,
        PurgeServer,
        extra_subjects=[("volume", volume_id) for volume_id in ids],
        volumes=ids,
        doomed_volumes=ids if with_volumes else [],
        arrays={volume.id: array_of(volume) for volume in attached},
    )


def resize(session: Session, actor: Actor, server_id: str, flavor_code: str) -> OperationRow:
    """Give a server another flavor; what a larger one takes is held at once.

    Raises:
        NotFound, Forbidden, WrongServerState, SubjectBusy; UnknownFlavor, NotOfferedInRegion, SameFlavor, SmallerDisk;
        QuotaExceeded, NoCapacity.
    """
    server = find(session, actor, server_id, OPERATE)
    return begin_resize(session, actor, server, flavor_to_be(session, server, flavor_code))


def flavor_to_be(session: Session, server: Server, flavor_code: str) -> Flavor:
    """Return a flavor that a server can be given now. Raises what `resize` raises of server and flavor."""
    require_state(server, "resize")
    if server.ladder == states.DELIVERED:
        flavor = catalog.flavor_in_region(session, flavor_code, server.region_id)
    else:
        flavor = catalog.flavor_by_code(session, flavor_code)
    if flavor.id == server.flavor_id:
        raise SameFlavor(field="flavor", hostname=server.hostname, flavor=flavor.code)
    if server.ladder == states.DELIVERED and flavor.disk_gib < server.size.disk_gib:
        present = server.size.disk_gib
        raise SmallerDisk(field="flavor", flavor=flavor.code, wanted=flavor.disk_gib, present=present)
    return flavor


def begin_resize(
    session: Session, actor: Actor, server: Server, flavor: Flavor, *, growth: str | None = None
) -> OperationRow:
    """Have a server given a flavor of `flavor_to_be`; `growth` is the hold of what it takes in addition, if any.

    Raises:
        SubjectBusy; QuotaExceeded, NoCapacity: never where the growth was held.
    """
    about: dict[str, Any] = {"flavor_id": flavor.id, "flavor": flavor.code}
    if server.ladder == states.DELIVERED:
        operation = _begin(session, actor, server, ResizeServer, **about)
    else:
        about |= {"vcpus": flavor.vcpus, "memory_mib": flavor.memory_mib, "region": server.region.code}
        operation = _begin(session, actor, server, ResizeMachine, **about)
    if growth is not None:
        capacity.release(session, growth)
    capacity.change(
        session, server.hold_id, sizes.as_counted(session, server, server.size, sizes.wanted(server, flavor))
    )
    return operation


def attach(session: Session, actor: Actor, server_id: str, volume_id: str) -> OperationRow:
    """Put a volume on a server.

    Raises:
        NotFound, Forbidden, WrongServerState, SubjectBusy; VolumeInUse, VolumeElsewhere.
    """
    server = _ready_for(session, actor, server_id, "attach")
    volume = volumes.find(session, actor, volume_id, "volume.operate")
    if (volume.project_id, volume.region_id) != (server.project_id, server.region_id):
        raise VolumeElsewhere(field="volume_id", volume=volume.name, hostname=server.hostname)
    volumes.require_available(volume)
    return _begin(
        session,
        actor,
        server,
        AttachVolume,
        share=True,
        extra_subjects=[("volume", volume.id)],
        volume_id=volume.id,
        arrays={volume.id: array_of(volume)},
    )


def deliver_volume(session: Session, actor: Actor, server: Server, volume: Volume) -> OperationRow:
    """Have a volume made that was ordered for a server, and put on it; the order's room has checked all else.

    Raises:
        SubjectBusy.
    """
    return _begin(
        session,
        actor,
        server,
        DeliverAttachedVolume,
        share=True,
        extra_subjects=[("volume", volume.id)],
        volume_id=volume.id,
        arrays={volume.id: array_of(volume)},
    )


def detach(session: Session, actor: Actor, server_id: str, volume_id: str) -> OperationRow:
    """Take a volume off a server. Raises NotFound, Forbidden, WrongServerState, SubjectBusy, NotAttached."""
    server = find(session, actor, server_id, OPERATE)
    return begin_detach(session, actor, server, volumes.find(session, actor, volume_id, "volume.operate"))


def require_attached(session: Session, server: Server, volume: Volume) -> None:
    """Raise WrongServerState, NotAttached where a volume cannot be taken off a server."""
    require_state(server, "detach")
    if session.scalar(select(Attachment.id).filter_by(server_id=server.id, volume_id=volume.id)) is None:
        raise NotAttached(field="volume_id", volume=volume.name, hostname=server.hostname)


def begin_detach(session: Session, actor: Actor, server: Server, volume: Volume) -> OperationRow:
    """Have a volume taken off a server, as was approved. Raises WrongServerState, SubjectBusy, NotAttached."""
    require_attached(session, server, volume)
    return _begin(
        session,
        actor,
        server,
        DetachVolume,
        share=True,
        extra_subjects=[("volume", volume.id)],
        volume_id=volume.id,
        arrays={volume.id: array_of(volume)},
    )


def purge_due(database: Database, now: datetime) -> int:
    """Start the purge of every recycled server whose time is over; return how many were started."""
    due = select(Server.id).where(Server.state == states.RECYCLED, Server.purge_at <= now).limit(100)
    started = 0
    for server_id in database.read(lambda session: list(session.scalars(due))):
        started += database.write(partial(_purge_unless_busy, server_id))
    return started


def lease_is_over(server: Server, now: datetime) -> bool:
    """Tell whether a server's lease is over."""
    return server.expires_at is not None and server.expires_at <= now


def require_state(server: Server, verb: str) -> None:
    """Raise VerbNotOffered, WrongServerState where the verb is not possible at all, or not now."""
    offered = states.RUNGS[server.ladder]
    if verb not in offered:
        verbs = ", ".join(sorted(offered))
        raise VerbNotOffered(hostname=server.hostname, ladder=server.ladder, verb=verb, verbs=verbs)
    if server.state not in states.VERBS[verb]:
        possible = ", ".join(sorted(states.VERBS[verb]))
        raise WrongServerState(hostname=server.hostname, state=server.state, verb=verb, possible=possible)


def _ready_for(session: Session, actor: Actor, server_id: str, verb: str, action: str = OPERATE) -> Server:
    server = find(session, actor, server_id, action)
    require_state(server, verb)
    return server


def begin_of_machine(
    session: Session, actor: Actor, server: Server, recipe: type[Operation], **parameters: Any
) -> OperationRow:
    """Start what only a machine that was there before has; the caller has checked all else. Raises SubjectBusy."""
    return _begin(session, actor, server, recipe, region=server.region.code, **parameters)


def _begin(
    session: Session,
    actor: Actor,
    server: Server,
    recipe: type[Operation],
    *,
    reserve: bool = True,
    share: bool = False,
    extra_subjects: Iterable[Subject] = (),
    **parameters: Any,
) -> OperationRow:
    mine = [("server", server.id)] if reserve else []
    operation = operations.start(
        session,
        actor,
        recipe,
        parameters={"server_id": server.id, **parameters},
        subjects=[*extra_subjects, *([] if share else mine)],
        shared=mine if share else [],
        project_id=server.project_id,
        subject_name=server.hostname,
        backend=server.region.code,
        weight=sizes.weight_of(server.project),
    )
    after = {"operation_id": operation.id, **parameters}
    subject = ("server", server.id, server.hostname)
    audit.record(session, actor, recipe.kind, subject, project_id=server.project_id, after=after)
    return operation


def _purge_unless_busy(server_id: str, session: Session) -> int:
    try:
        with session.begin_nested():
            purge(session, PLATFORM, server_id, with_volumes=False)
    except (SubjectBusy, WrongServerState):
        return 0
    return 1
