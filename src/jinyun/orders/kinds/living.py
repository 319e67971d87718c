"""The things that are there and that an order asks something of, found by what people call them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.kit.errors import NotFound
from jinyun.servers import states
from jinyun.servers.models import Server


def find_server(session: Session, project_id: str, hostname: str) -> Server | None:
    """Return an application system's living server of this name: there is one at most."""
    living = select(Server).where(Server.hostname == hostname, Server.state.in_(states.LIVE))
    return session.scalar(living.where(Server.project_id == project_id))


def require_server(session: Session, project_id: str, hostname: str) -> Server:
    """Return an application system's living server of this name. Raises NotFound."""
    server = find_server(session, project_id, hostname)
    if server is None:
        raise NotFound(field="hostname", kind="server", name=hostname)
    return server
