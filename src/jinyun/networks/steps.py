"""Steps that make networks in a region."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.kit.texts import Text
from jinyun.networks.models import Network
from jinyun.networks.states import READY
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done
from jinyun.providers.base import NetworkFacts, NetworkSpecification, ProjectScope
from jinyun.providers.errors import Refused
from jinyun.regions.connections import project_scope
from jinyun.regions.steps import bind_project


def bind(step: StepContext) -> Outcome:
    """See that the application system has a project in the region."""
    external_id = bind_project(step, step.parameters["region_id"], step.parameters["project_id"])
    return done(external_id=external_id)


def make_network(step: StepContext) -> Outcome:
    """Make the network with its subnet, or find it, and note its ids: from now on addresses are handed out.

    Raises:
        Refused: the region will not make it (VLAN in use, prefix not possible).
    """
    facts = scope_of(step).networking.create_network(_specification(step), step.token)
    step.write(lambda session: _note_made(session, step.parameters["network_id"], facts))
    return done(external_id=facts.id)


def unmake_network(step: StepContext) -> Outcome:
    """Delete the network in the region and take it out of the plan."""
    external_id = find_made(step)
    if external_id is not None:
        step.check()
        scope_of(step).networking.delete_network(external_id)
    step.write(lambda session: _forget(session, step.parameters["network_id"]))
    return done()


def find_made(step: StepContext) -> str | None:
    """Return the region's id of the network that this step made, if it did.

    Where nobody noted its id, the region finds it by token only through the call that makes it; what it refuses to
    make is not there.
    """
    external_id = step.read(lambda session: _external_id(session, step.parameters["network_id"]))
    try:
        return external_id or scope_of(step).networking.create_network(_specification(step), step.token).id
    except Refused:
        return None


class CreateNetwork(Operation):
    """Make a network of an application system in its region."""

    kind = "create-network"
    title = Text("Make a network", "创建网络")
    steps = (
        Step(
            "bind", bind, Text("Prepare the application system's project in the region", "准备应用系统在区域中的项目")
        ),
        Step("make", make_network, Text("Make the network and its subnet", "创建网络及子网"), undo=unmake_network),
    )


def scope_of(step: StepContext) -> ProjectScope:
    """Return the region's scope of the network's application system."""
    return project_scope(step, step.parameters["region_id"], step.parameters["project_id"])


def _specification(step: StepContext) -> NetworkSpecification:
    plan: dict[str, Any] = dict(step.parameters["specification"])
    first, last = plan.pop("backend_pool")
    dns = tuple(plan.pop("dns", ()))
    return NetworkSpecification(**plan, backend_pool=(first, last), dns=dns)


def _note_made(session: Session, network_id: str, facts: NetworkFacts) -> None:
    network = session.get_one(Network, network_id, with_for_update=True)
    network.external_id, network.state = facts.id, READY
    by_cidr = {subnet.cidr: subnet.id for subnet in facts.subnets}
    for subnet in network.subnets:
        subnet.external_id = by_cidr[subnet.cidr]


def _external_id(session: Session, network_id: str) -> str | None:
    return session.scalar(select(Network.external_id).where(Network.id == network_id))


def _forget(session: Session, network_id: str) -> None:
    network = session.get(Network, network_id, with_for_update=True)
    if network is not None:
        session.delete(network)
