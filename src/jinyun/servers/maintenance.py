"""Maintenance of hosts: an operator has one emptied, and opened again afterwards."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.capacity import hosts
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import NotFound, Problem
from jinyun.kit.texts import Text
from jinyun.operations import service as operations
from jinyun.operations.definition import Operation
from jinyun.operations.models import OperationRow
from jinyun.regions.models import Host, Region
from jinyun.servers import states
from jinyun.servers.models import Server
from jinyun.servers.steps.maintenance import EmptyHost, ReopenHost

SUBJECT = "host"


class NotInMaintenance(Problem):
    """The host takes servers."""

    status = 409
    detail = Text("Host {host} is not in maintenance.", "主机 {host} 不在维护中。")
    hint = Text("There is nothing to end.", "无需结束。")


def find_host(session: Session, actor: Actor, host_id: str, action: str = "capacity.read") -> Host:
    """Return a host, locked where something is to be done with it. Raises Forbidden, NotFound."""
    authorise(session, actor, action)
    host = session.get(Host, host_id, with_for_update=action != "capacity.read")
    if host is None:
        raise NotFound(kind="host", name=host_id)
    return host


def begin(session: Session, actor: Actor, host_id: str, reason: str, *, force: bool) -> OperationRow:
    """Put a host into maintenance: from now on nothing is placed on it, and an operation moves away what runs there.

    A second time it moves what stayed, or came, since.

    Args:
        force: also where its pool is too small without it.

    Raises:
        Forbidden, NotFound; SubjectBusy: it is being emptied or opened.
        NoCapacity: what runs in its pool and is promised there does not fit, or not safely, without it.
    """
    host = find_host(session, actor, host_id, "operation.operate")
    if host.pool_id is not None and host.maintenance is None and not force:
        hosts.require_room_without(session, host.pool_id, host.name)
    on_it = select(Server.id).where(
        Server.region_id == host.region_id,
        Server.host == host.name,
        Server.state.in_(states.LIVE),
        Server.ladder == states.DELIVERED,
    )
    servers = list(session.scalars(on_it.order_by(Server.id)))
    operation = _start(session, actor, EmptyHost, host, reason=reason, servers=servers)
    host.maintenance = {
        "since": (host.maintenance or {}).get("since", utc_now().isoformat()),
        "by": actor.login,
        "reason": reason,
        "operation_id": operation.id,
        "staying": None,
    }
    if host.pool is not None:
        host.pool.figures += 1
    after = {"reason": reason, "servers": len(servers), "force": force, "operation_id": operation.id}
    audit.record(session, actor, "host.maintain", _subject(host), after=after)
    return operation


def end(session: Session, actor: Actor, host_id: str) -> OperationRow:
    """End a host's maintenance: its room counts again once the region has opened it.

    Raises:
        Forbidden, NotFound, NotInMaintenance; SubjectBusy: it is being emptied or opened.
    """
    host = find_host(session, actor, host_id, "operation.operate")
    if host.maintenance is None:
        raise NotInMaintenance(host=host.name)
    operation = _start(session, actor, ReopenHost, host)
    audit.record(session, actor, "host.end-maintenance", _subject(host), after={"operation_id": operation.id})
    return operation


def _start(session: Session, actor: Actor, recipe: type[Operation], host: Host, **parameters: object) -> OperationRow:
    region = session.get_one(Region, host.region_id)
    about = {"host_id": host.id, "host": host.name, "region_id": region.id, "region": region.code}
    return operations.start(
        session,
        actor,
        recipe,
        parameters={**about, **parameters},
        subjects=[(SUBJECT, host.id)],
        subject_name=host.name,
        backend=region.code,
    )


def _subject(host: Host) -> tuple[str, str, str]:
    return ("host", host.id, host.name)
