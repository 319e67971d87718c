"""A longer lease: nothing that a region has to know of."""

from datetime import datetime

from sqlalchemy.orm import Session

from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done
from jinyun.providers.errors import Refused
from jinyun.servers import states
from jinyun.servers.models import Server


def extend(step: StepContext) -> Outcome:
    """Write down until when the server is wanted, unless a later day stands there already.

    Raises:
        Refused: the server is gone.
    """
    stated = step.parameters["expires_at"]
    expires_at = datetime.fromisoformat(stated) if stated else None
    step.write(lambda session: _extend(session, step.parameters["server_id"], expires_at))
    return done(expires_at=stated)


def _extend(session: Session, server_id: str, expires_at: datetime | None) -> None:
    server = session.get_one(Server, server_id, with_for_update=True)
    if server.state not in states.LIVE:
        raise Refused(f"server {server.hostname} is {server.state}")
    if server.expires_at is not None and (expires_at is None or expires_at > server.expires_at):
        server.expires_at = expires_at


class ExtendLease(Operation):
    """Give a server a longer lease."""

    kind = "extend-lease"
    title = Text("Extend the lease", "延长租期")
    steps = (Step("extend", extend, Text("Extend the lease", "延长租期"), local=True),)
