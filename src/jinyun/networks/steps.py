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
    facts = _scope(step).networking.create_network(_specification(step), step.token)
    step.write(lambda session: _note_made(session, step.parameters["network_id"], facts))
    return done(external_id=facts.id)


def unmake_network(step: StepContext) -> Outcome:
    """Delete the network in the region and take it out of the plan.

    Where nobody noted its id, the region finds it by token only through the call that makes it; what it refuses to
    make is not there.
    """
    networking = _scope(step).networking
    external_id = step.read(lambda session: _external_id(session, step.parameters["network_id"]))
    try:
        external_id = external_id or networking.create_network(_specification(step), step.token).id
    except Refused:
        external_id = None
    if external_id is not None:
        step.check()
        networking.delete_network(external_id)
    step.write(lambda session: _forget(session, step.parameters["network_id"]))
    return done()


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


def _scope(step: StepContext) -> ProjectScope:
    return project_scope(step, step.parameters["region_id"], step.parameters["project_id"])


def _specification(step: StepContext) -> NetworkSpecification:
    plan: dict[str, Any] = dict(step.parameters["specification"])
    first, last = plan.pop("backend_pool")
    return NetworkSpecification(**plan, backend_pool=(first, last))


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
