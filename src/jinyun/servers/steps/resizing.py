"""Resizing: the region moves or restarts the server with the new size, then the old size is given up."""

from datetime import timedelta

from sqlalchemy.orm import Session

from jinyun.capacity import hosts
from jinyun.capacity import service as capacity
from jinyun.catalog.models import Flavor
from jinyun.catalog.service import external_flavor_id
from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Parameters, Step, StepContext, done, wait
from jinyun.providers.base import ServerStatus
from jinyun.providers.errors import Refused
from jinyun.providers.refusals import refusal_from_fault
from jinyun.servers import states
from jinyun.servers.models import Server
from jinyun.servers.sizes import request_for
from jinyun.servers.steps.facts import facts, region_says

POLL_SECONDS = 1.0


def resize_server(step: StepContext) -> Outcome:
    """Ask for the new flavor; wait until the region has it done on its side.

    Raises:
        Refused: no host has room, or the flavor does not fit.
    """
    server = facts(step)
    wanted = _external_flavor(step, server.region_id)
    scope, found = server.observe(step)
    if found.status is ServerStatus.ERROR:
        raise refusal_from_fault(found)
    if found.status is ServerStatus.RESIZED:
        return done(flavor=wanted)
    if found.task is not None or found.status is ServerStatus.BUSY:
        return wait(POLL_SECONDS, progress=region_says(found), **step.memory)
    if found.flavor_id == wanted:
        return done(flavor=wanted)
    if step.memory.get("asked"):
        raise Refused(f"the region went back to flavor {found.flavor_id}", code="no-host-available")
    scope.compute.resize(found.id, wanted)
    return wait(POLL_SECONDS, progress=region_says(found), asked=True)


def revert_resize(step: StepContext) -> Outcome:
    """Go back to the old flavor, and give the difference back; a server that is gone has nothing to go back to."""
    server = facts(step)
    compute = server.scope(step).compute
    found = compute.get(server.external_id) if server.external_id else None
    if found is not None and found.status is ServerStatus.RESIZED and found.task is None:
        compute.revert_resize(found.id)
        return wait(POLL_SECONDS, progress=region_says(found))
    if found is not None and (found.task is not None or found.status is ServerStatus.BUSY):
        return wait(POLL_SECONDS, progress=region_says(found))
    step.write(lambda session: _give_back(session, server.id))
    return done()


def confirm_resize(step: StepContext) -> Outcome:
    """Give up the old size; wait until the region is at rest."""
    server = facts(step)
    scope, found = server.observe(step)
    if found.status is ServerStatus.ERROR:
        raise refusal_from_fault(found)
    if found.status is ServerStatus.RESIZED and found.task is None:
        scope.compute.confirm_resize(found.id)
    if found.task is not None or found.status not in {ServerStatus.ACTIVE, ServerStatus.STOPPED}:
        return wait(POLL_SECONDS, progress=region_says(found))
    state = states.ACTIVE if found.status is ServerStatus.ACTIVE else states.STOPPED
    step.write(lambda session: _resized(session, step.parameters, state, found.host))
    return done(state=state)


def _external_flavor(step: StepContext, region_id: str) -> str:
    return step.read(lambda session: external_flavor_id(session, step.parameters["flavor_id"], region_id))


def _resized(session: Session, parameters: Parameters, state: str, host: str | None) -> None:
    server = session.get_one(Server, parameters["server_id"])
    server.flavor_id, server.state, server.host = parameters["flavor_id"], state, host
    if host is not None:
        hosts.moved(session, server.hold_id, host)
    account(session, server)


def _give_back(session: Session, server_id: str) -> None:
    account(session, session.get_one(Server, server_id))


def account(session: Session, server: Server) -> None:
    """Have the server's hold say what its flavor takes, no more and no less."""
    flavor = session.get_one(Flavor, server.flavor_id)
    capacity.change(session, server.hold_id, request_for(server.project, flavor))


class ResizeServer(Operation):
    """Give a server another flavor; what the larger one takes was held when the operation was started."""

    kind = "resize-server"
    title = Text("Resize server", "变更规格")
    steps = (
        Step(
            "resize",
            resize_server,
            Text("Resize it", "变更规格"),
            undo=revert_resize,
            timeout=timedelta(minutes=60),
        ),
        Step(
            "confirm",
            confirm_resize,
            Text("Give up the old size", "确认新规格"),
            timeout=timedelta(minutes=30),
            point_of_no_return=True,
        ),
    )
