"""Hostnames: two living servers never share one, whatever application system they are of; an order takes its own."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from jinyun.kit.uniqueness import add_or_refuse
from jinyun.servers.errors import HostnameTaken
from jinyun.servers.models import TakenHostname


def take(session: Session, hostname: str, server_id: str) -> None:
    """Take a hostname for a server that lives or is ordered.

    Raises:
        HostnameTaken: another one has it.
    """
    taken = HostnameTaken(field="hostname", hostname=hostname)
    add_or_refuse(session, TakenHostname(hostname=hostname, server_id=server_id), taken)


def give_up(session: Session, server_id: str) -> None:
    """Let others have a server's hostname; what was given up before is fine."""
    session.execute(delete(TakenHostname).where(TakenHostname.server_id == server_id))
