"""Hostnames: two living servers never share one, whatever application system they are of."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.servers.models import Server


def hostname_taken(session: Session, hostname: str) -> bool:
    """Tell whether a living server has this hostname; the constraint on `live_hostname` has the last word."""
    return session.scalar(select(Server.id).where(Server.live_hostname == hostname)) is not None
