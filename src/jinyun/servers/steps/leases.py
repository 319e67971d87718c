"""A longer lease: nothing that a region has to know of."""

from datetime import datetime

from sqlalchemy.orm import Session

from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Parameters, Step, StepContext, done
from jinyun.providers.errors import Refused
from jinyun.servers import states
from jinyun.servers.models import Server
from jinyun.volumes import states as volume_states
from jinyun.volumes.models import Volume


def extend(step: StepContext) -> Outcome:
    """Write down until when a server with its volumes, or a volume, is wanted, unless a later day stands there already.

    Raises:
        Refused: it is gone.
    """
    stated = step.parameters["expires_at"]
    expires_at = datetime.fromisoformat(stated) if stated else None
    step.write(lambda session: _extend(session, step.parameters, expires_at))
    return done(expires_at=stated)


def _extend(session: Session, parameters: Parameters, expires_at: datetime | None) -> None:
    if "volume_id" in parameters:
        volume = session.get_one(Volume, parameters["volume_id"], with_for_update=True)
        if volume.state not in volume_states.LIVE:
            raise Refused(f"volume {volume.name} is {volume.state}")
        _lengthen(volume, expires_at)
        return
    server = session.get_one(Server, parameters["server_id"], with_for_update=True)
    if server.state not in states.LIVE:
        raise Refused(f"server {server.hostname} is {server.state}")
    _lengthen(server, expires_at)
    for attachment in server.attachments:
        _lengthen(attachment.volume, expires_at)


def _lengthen(leased: Server | Volume, expires_at: datetime | None) -> None:
    if leased.expires_at is not None and (expires_at is None or expires_at > leased.expires_at):
        leased.expires_at = expires_at


class ExtendLease(Operation):
    """Give a server, with the volumes on it, or a volume a longer lease."""

    kind = "extend-lease"
    title = Text("Extend the lease", "延长租期")
    steps = (Step("extend", extend, Text("Extend the lease", "延长租期"), local=True),)
