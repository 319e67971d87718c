"""Tickets: given to whoever may see the screen, good for one connection within half a minute."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.consoles.models import ConsoleTicket
from jinyun.consoles.steps import OpenConsole
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.operations.states import ENDED, NEEDS_OPERATOR
from jinyun.servers import service as servers
from jinyun.servers.models import Server

LIFETIME = timedelta(seconds=30)
MEMORY = timedelta(hours=1)


class TicketRefused(Exception):
    """Unknown, used, or too old; or the region would not open the screen."""


def issue(session: Session, actor: Actor, server_id: str) -> tuple[str, ConsoleTicket]:
    """Give a ticket for a server's screen, in clear and as its row.

    Raises:
        NotFound, Forbidden, WrongServerState.
    """
    server = servers.find(session, actor, server_id, "server.console")
    servers.require_state(server, "console")
    operation = operations.start(
        session,
        actor,
        OpenConsole,
        parameters={"server_id": server.id},
        subjects=[],
        project_id=server.project_id,
        subject_name=server.hostname,
        backend=server.region.code,
    )
    clear = secrets.token_urlsafe(32)
    ticket = ConsoleTicket(
        digest=_digest(clear),
        server_id=server.id,
        person_id=actor.person_id,
        operation_id=operation.id,
        expires_at=utc_now() + LIFETIME,
    )
    session.add(ticket)
    session.flush()
    audit.record(session, actor, "console.ticket", ("server", server.id, server.hostname), project_id=server.project_id)
    return clear, ticket


def take(session: Session, clear: str) -> str:
    """Use a ticket up and return its id. Raises TicketRefused."""
    ticket = session.scalar(select(ConsoleTicket).where(ConsoleTicket.digest == _digest(clear)).with_for_update())
    if ticket is None or ticket.used_at is not None or ticket.expires_at <= utc_now():
        raise TicketRefused
    ticket.used_at = utc_now()
    server = session.get_one(Server, ticket.server_id)
    actor = Actor(ticket.person_id, ticket.person_id, "")
    subject = ("server", ticket.server_id, server.hostname)
    audit.record(session, actor, "console.open", subject, project_id=server.project_id)
    return ticket.id


def endpoint(session: Session, ticket_id: str) -> dict[str, str] | None:
    """Return where the screen is, or None while the region has not said. Raises TicketRefused where it will not."""
    ticket = session.get_one(ConsoleTicket, ticket_id)
    if ticket.endpoint is not None:
        return ticket.endpoint
    operation = session.get_one(OperationRow, ticket.operation_id)
    if operation.state in ENDED or operation.state == NEEDS_OPERATOR:
        raise TicketRefused
    return None


def forget_old_tickets(session: Session, now: datetime) -> None:
    """Delete tickets that are of no use any more."""
    session.execute(delete(ConsoleTicket).where(ConsoleTicket.created_at < now - MEMORY))


def _digest(clear: str) -> str:
    return hashlib.sha256(clear.encode()).hexdigest()
