"""Taking a floating address, having it answer for a server, and giving it back."""

from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.kit.texts import Text
from jinyun.networks import service as networks
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done
from jinyun.providers.base import Routing
from jinyun.providers.errors import Missing, Refused
from jinyun.regions.connections import project_scope
from jinyun.regions.steps import bind_project
from jinyun.servers import states
from jinyun.servers.models import FloatingAddress, Server


@dataclass(frozen=True, slots=True)
class Facts:
    """What steps know of a floating address; ids named `external` are the region's."""

    id: str
    address: str
    external_network_id: str
    external_id: str | None


def bind(step: StepContext) -> Outcome:
    """Make the application system's own project in the region, or find it."""
    return done(project=bind_project(step, step.parameters["region_id"], step.parameters["project_id"]))


def take_address(step: StepContext) -> Outcome:
    """Take exactly the address that the plan allotted.

    Raises:
        Refused: somebody took it in the region (`address-in-use`).
    """
    floating, routing = _facts(step), _routing(step)
    # begun for the first time, it cannot be ours: who else has the address shows when it is asked for
    found = routing.find_floating(floating.external_network_id, floating.address) if step.attempt > 1 else None
    if found is None:
        found = routing.create_floating(floating.external_network_id, floating.address, step.token)
    elif found.token != step.token:
        raise Refused(f"floating address {found.id} has {floating.address}", code="address-in-use")
    external_id = found.id
    step.write(lambda session: _note_external(session, floating.id, external_id))
    return done(external_id=external_id)


def give_address_back(step: StepContext) -> Outcome:
    """Delete the address in the region if it is ours."""
    floating, routing = _facts(step), _routing(step)
    found = routing.find_floating(floating.external_network_id, floating.address)
    if found is not None and found.token == step.token:
        routing.delete_floating(found.id)
    step.write(lambda session: _note_external(session, floating.id, None))
    return done()


def answer_for_server(step: StepContext) -> Outcome:
    """Have the address answer for the server, or for none.

    Raises:
        Refused: no router joins the server's network with the external one.
    """
    _associate(step, step.parameters["server_id"])
    return done()


def answer_as_before(step: StepContext) -> Outcome:
    """Have the address answer for whom it answered before."""
    _associate(step, step.parameters["former_id"])
    return done()


def hand_over(step: StepContext) -> Outcome:
    """Turn what was held into what is used."""

    def work(session: Session) -> None:
        floating = session.get_one(FloatingAddress, step.parameters["floating_id"], with_for_update=True)
        capacity.to_usage(session, floating.hold_id)
        networks.mark_used(session, floating.address_id, ("floating_address", floating.id))
        floating.state = states.ACTIVE

    step.write(work)
    return done()


def remove_address(step: StepContext) -> Outcome:
    """Delete the address in the region."""
    floating = _facts(step)
    if floating.external_id is not None:
        _routing(step).delete_floating(floating.external_id)
    return done()


def forget(step: StepContext) -> Outcome:
    """Give address and quota back."""
    step.write(lambda session: drop(session, step.parameters["floating_id"]))
    return done()


def forget_server(session: Session, server_id: str) -> None:
    """Note that addresses answer for nobody: their server is gone, and with its port the region let them loose."""
    of_server = update(FloatingAddress).where(FloatingAddress.server_id == server_id)
    session.execute(of_server.values(server_id=None))


def drop(session: Session, floating_id: str) -> None:
    """Give back what a floating address takes, and forget it; a second time is fine."""
    floating = session.get(FloatingAddress, floating_id, with_for_update=True, populate_existing=True)
    if floating is not None:
        capacity.release(session, floating.hold_id)
        networks.release(session, floating.address_id)
        session.delete(floating)
        session.flush()


class DeliverFloating(Operation):
    """Take a floating address that was approved, and have it answer for its server."""

    kind = "deliver-floating-address"
    title = Text("Deliver floating address", "交付浮动地址")
    steps = (
        Step("bind", bind, Text("Find the project in the region", "确认区域内的项目")),
        Step("take", take_address, Text("Take the address", "占用地址"), undo=give_address_back),
        Step("answer", answer_for_server, Text("Let it answer for the server", "绑定服务器"), undo=answer_as_before),
        Step("hand-over", hand_over, Text("Hand it over", "交付"), local=True),
    )


class MoveFloating(Operation):
    """Have a floating address answer for another server, or for none."""

    kind = "move-floating-address"
    title = Text("Move floating address", "变更浮动地址绑定")
    steps = (
        Step("answer", answer_for_server, Text("Let it answer for the server", "绑定服务器"), undo=answer_as_before),
    )


class ReleaseFloating(Operation):
    """Give a floating address back."""

    kind = "release-floating-address"
    title = Text("Release floating address", "释放浮动地址")
    steps = (
        Step("remove", remove_address, Text("Give it back in the region", "在区域中释放"), point_of_no_return=True),
        Step("forget", forget, Text("Give address and quota back", "释放地址与配额"), local=True),
    )


RECIPES = (DeliverFloating, MoveFloating, ReleaseFloating)


def _associate(step: StepContext, server_id: str | None) -> None:
    """Have the address answer for a server that is still there, or for none."""
    floating = _facts(step)
    port_id = step.read(lambda session: _port_of(session, server_id)) if server_id else None
    if server_id is not None and port_id is None:
        raise Missing(f"server {server_id} has no port")
    if floating.external_id is not None:
        _routing(step).associate_floating(floating.external_id, port_id)
    step.write(lambda session: _note_server(session, floating.id, server_id))


def _routing(step: StepContext) -> Routing:
    return project_scope(step, step.parameters["region_id"], step.parameters["project_id"]).routing


def _facts(step: StepContext) -> Facts:
    def read(session: Session) -> Facts:
        floating = session.get_one(FloatingAddress, step.parameters["floating_id"])
        network_id = floating.network.external_id or ""
        return Facts(floating.id, floating.address, network_id, floating.external_id)

    return step.read(read)


def _port_of(session: Session, server_id: str) -> str | None:
    return session.get_one(Server, server_id).port_external_id


def _note_external(session: Session, floating_id: str, external_id: str | None) -> None:
    session.get_one(FloatingAddress, floating_id).external_id = external_id


def _note_server(session: Session, floating_id: str, server_id: str | None) -> None:
    session.get_one(FloatingAddress, floating_id).server_id = server_id
