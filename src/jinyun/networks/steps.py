"""Steps that make networks and security groups in a region."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.kit.errors import AlreadyExists
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique
from jinyun.networks.models import Network, SecurityGroup, SecurityGroupBinding
from jinyun.networks.schemas import Rule
from jinyun.networks.states import READY
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done
from jinyun.organisation.models import Project
from jinyun.providers.base import NetworkFacts, NetworkSpecification, ProjectScope
from jinyun.providers.errors import Refused
from jinyun.regions.connections import project_scope
from jinyun.regions.steps import bind_project

MAKING_LIMIT = timedelta(minutes=1)
"""How long a step that died or gave up keeps others from making a security group."""


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


def ensure_security_group(
    step: StepContext, scope: ProjectScope, region_id: str, group: SecurityGroup, project: Project
) -> str | None:
    """Give the application system's project in the region this group with exactly its rules; return the region's id.

    None while another delivery is making the group.
    """
    here = {"group_id": group.id, "region_id": region_id, "project_id": project.id}
    known = step.read(lambda session: session.scalar(select(SecurityGroupBinding.external_id).filter_by(**here)))
    if known is None and not step.write(lambda session: _is_ours_to_make(session, step, here)):
        return None
    rules = [Rule.model_validate(rule).for_region() for rule in group.rules]
    external_id = scope.networking.ensure_security_group(f"jinyun-{group.code}", f"jy-{group.id}", rules)
    if external_id != known:
        step.write(lambda session: _note_group(session, here, external_id))
    return external_id


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


def _is_ours_to_make(session: Session, step: StepContext, here: dict[str, str]) -> bool:
    """Tell whether this step makes the group: it came first, or who came first has not come to an end."""
    binding = SecurityGroupBinding(**here, external_id=None, maker=step.token, made_since=step.now)
    try:
        add_unique(session, binding, AlreadyExists(kind="security group binding", name=here["group_id"]))
    except AlreadyExists:
        binding = session.scalars(select(SecurityGroupBinding).filter_by(**here).with_for_update()).one()
    if binding.external_id is None and step.now - binding.made_since > MAKING_LIMIT:
        binding.maker, binding.made_since = step.token, step.now
    return binding.external_id is not None or binding.maker == step.token


def _note_group(session: Session, here: dict[str, str], external_id: str) -> None:
    session.scalars(select(SecurityGroupBinding).filter_by(**here)).one().external_id = external_id
