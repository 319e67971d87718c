"""Floating addresses: addresses of an external network that answer for a server."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise_found
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.operations.subjects import Subject
from jinyun.servers import states
from jinyun.servers.errors import FloatingNotReady, ServerElsewhere
from jinyun.servers.models import FloatingAddress, Server
from jinyun.servers.steps.floating import DeliverFloating, MoveFloating, ReleaseFloating

KIND = "floating_address"
Recipe = type[DeliverFloating | MoveFloating | ReleaseFloating]


def find(session: Session, actor: Actor, floating_id: str) -> FloatingAddress:
    """Return a floating address, locked, that the actor may work with, when it is at rest.

    Raises NotFound, Forbidden, FloatingNotReady.
    """
    floating = session.get(FloatingAddress, floating_id, with_for_update=True, populate_existing=True)
    if floating is None:
        raise NotFound(kind="floating address", name=floating_id)
    actions = ("network.read", "network.operate")
    authorise_found(session, actor, actions, floating.project_id, "floating address", floating_id)
    if floating.state != states.ACTIVE:
        raise FloatingNotReady(address=floating.address, state=floating.state)
    return floating


def server_for(session: Session, project_id: str, region_id: str, hostname: str) -> Server:
    """Return the application system's living server, made by Jinyun, that an address of this region shall answer for.

    Raises NotFound, ServerElsewhere.
    """
    own = (Server.state.in_(states.LIVE), Server.ladder == states.DELIVERED)
    living = select(Server).where(Server.hostname == hostname, *own)
    server = session.scalar(living.where(Server.project_id == project_id))
    if server is None:
        raise NotFound(field="server", kind="server", name=hostname)
    if server.region_id != region_id:
        raise ServerElsewhere(field="server", hostname=hostname)
    return server


def move(session: Session, actor: Actor, floating_id: str, hostname: str | None) -> OperationRow:
    """Have an address answer for another server, or for none. Raises as `find` and `server_for`, and SubjectBusy."""
    floating = find(session, actor, floating_id)
    server = server_for(session, floating.project_id, floating.region_id, hostname) if hostname else None
    after = {"server": hostname}
    subject = (KIND, floating.id, floating.address)
    audit.record(session, actor, "floating-address.move", subject, project_id=floating.project_id, after=after)
    return start(session, actor, MoveFloating, floating, server.id if server else None)


def release(session: Session, actor: Actor, floating_id: str) -> OperationRow:
    """Give an address back for good. Raises as `find`, and SubjectBusy."""
    floating = find(session, actor, floating_id)
    subject = (KIND, floating.id, floating.address)
    audit.record(session, actor, "floating-address.release", subject, project_id=floating.project_id)
    return start(session, actor, ReleaseFloating, floating, None)


def start(
    session: Session, actor: Actor, recipe: Recipe, floating: FloatingAddress, server_id: str | None
) -> OperationRow:
    """Start an operation on an address; the server that it shall answer for is reserved, too. Raises SubjectBusy."""
    subjects: list[Subject] = [(KIND, floating.id)]
    if server_id is not None:
        subjects.append(("server", server_id))
    return operations.start(
        session,
        actor,
        recipe,
        parameters={
            "floating_id": floating.id,
            "region_id": floating.region_id,
            "project_id": floating.project_id,
            "server_id": server_id,
            "former_id": floating.server_id,
        },
        subjects=subjects,
        project_id=floating.project_id,
        subject_name=floating.address,
        backend=floating.region.code,
    )
