"""Hostnames: two living servers never share one, whatever application system they are of; an order takes its own."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from jinyun.kit.uniqueness import add_or_refuse
from jinyun.servers.errors import HostnameTaken
from jinyun.servers.models import TakenHostname

BATCH = 500


def take(session: Session, hostname: str, server_id: str) -> None:
    """Take a hostname for a server that lives or is ordered.

    Raises:
        HostnameTaken: another one has it.
    """
    taken = HostnameTaken(field="hostname", hostname=hostname)
    add_or_refuse(session, TakenHostname(hostname=hostname, server_id=server_id), taken)


def taken_of(session: Session, names: Sequence[str]) -> set[str]:
    """Return which of these hostnames are taken at this moment."""
    taken: set[str] = set()
    for start in range(0, len(names), BATCH):
        these = TakenHostname.hostname.in_(names[start : start + BATCH])
        taken.update(session.scalars(select(TakenHostname.hostname).where(these)))
    return taken


def give_up(session: Session, server_id: str) -> None:
    """Let others have a server's hostname; what was given up before is fine."""
    session.execute(delete(TakenHostname).where(TakenHostname.server_id == server_id))
