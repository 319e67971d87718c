"""Moving a server to another host of its pool while it runs."""

from datetime import timedelta

from sqlalchemy.orm import Session

from jinyun.capacity import hosts
from jinyun.capacity.errors import NoCapacity
from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Parameters, Step, StepContext, done, wait
from jinyun.providers.base import ServerStatus
from jinyun.providers.errors import Refused
from jinyun.providers.refusals import reason_code
from jinyun.servers import groups
from jinyun.servers.models import Server
from jinyun.servers.steps.facts import facts, region_says

POLL_SECONDS = 1.0


def move_server(step: StepContext) -> Outcome:
    """Have the server moved away from a host; wait until it runs on another one. One that is elsewhere is left there.

    Raises:
        Refused: it is off, no other host of its pool has room, or the region could not move it.
    """
    server = facts(step)
    scope, found = server.observe(step)
    away_from: str = step.parameters["host"]
    if found.task is not None or found.status is ServerStatus.BUSY:
        return wait(POLL_SECONDS, progress=region_says(found), **step.memory)
    if found.host != away_from:
        host = found.host or ""
        step.write(lambda session: _moved(session, server.id, host))
        return done(host=host)
    if found.status is not ServerStatus.ACTIVE:
        raise Refused(f"server {found.id} is {found.status}", code="wrong-state")
    if step.memory.get("asked"):
        words = scope.compute.last_failure(found.id) or f"server {found.id} came to rest on {away_from} again"
        raise Refused(words, code=reason_code(words, "refused"))
    try:
        host = step.write(lambda session: _destination(session, server.id, away_from))
    except NoCapacity as full:
        raise Refused(full.explanation().en, code="no-host-available") from full
    scope.compute.migrate(found.id, host)
    return wait(POLL_SECONDS, progress=region_says(found), asked=True)


def note_where_it_is(step: StepContext) -> Outcome:
    """Wait until the server is at rest, and note where: a move that was begun is not called back."""
    server = facts(step)
    found = server.scope(step).compute.get(server.external_id) if server.external_id else None
    if found is None or found.status is ServerStatus.DELETED:
        return done()
    if found.task is not None or found.status is ServerStatus.BUSY:
        return wait(POLL_SECONDS, progress=region_says(found))
    if found.host is not None:
        host = found.host
        step.write(lambda session: _moved(session, server.id, host))
    return done(host=found.host)


def move_lane(parameters: Parameters, _key: str | None) -> str:
    """Return the lane that admits moves in a region: each takes the hosts' network for itself."""
    return f"move/{parameters['region']}"


def _destination(session: Session, server_id: str, away_from: str) -> str:
    server = session.get_one(Server, server_id)
    group = groups.lock(session, server.group_id)
    return hosts.host_to_move_to(session, server.hold_id, away_from, group)


def _moved(session: Session, server_id: str, host: str) -> None:
    server = session.get_one(Server, server_id)
    server.host = host
    hosts.moved(session, server.hold_id, host)


class MoveServer(Operation):
    """Move a server to another host of its pool while it runs."""

    kind = "move-server"
    title = Text("Move server to another host", "迁移服务器到其他主机")
    steps = (
        Step(
            "move",
            move_server,
            Text("Move it", "迁移"),
            undo=note_where_it_is,
            lane=move_lane,
            timeout=timedelta(hours=2),
        ),
    )
