"""Removing what nobody uses any more."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.networks import groups
from jinyun.networks.delivery import DeleteNetwork
from jinyun.networks.errors import NetworkInUse, NetworkNotOurs
from jinyun.networks.group_steps import DeleteSecurityGroup
from jinyun.networks.models import Address, RouterNetwork, Subnet
from jinyun.networks.service import find_network, locked_ranges
from jinyun.networks.states import DELETING, READY, TENANT
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow


def delete_network(session: Session, actor: Actor, code: str) -> OperationRow:
    """Delete a network of an application system; from now on it hands out no address.

    Raises:
        NotFound, Forbidden: there is none, or it is not the actor's.
        NetworkNotOurs: it is one of the data centre.
        NetworkInUse: somebody has an address there, or it is being made or deleted.
        SubjectBusy: an operation is at it.
    """
    network = find_network(session, actor, code, "network.operate")
    if network.kind != TENANT or network.project_id is None:
        raise NetworkNotOurs(network=network.code)
    ranges = locked_ranges(session, network.id)
    count = session.scalar(select(func.count(Address.id)).join(Subnet).where(Subnet.network_id == network.id)) or 0
    count += session.scalar(select(func.count()).select_from(RouterNetwork).filter_by(network_id=network.id)) or 0
    if count or network.state != READY:
        raise NetworkInUse(network=network.code, state=network.state, count=count)
    audit.record(session, actor, "network.delete", ("network", network.id, code), project_id=network.project_id)
    network.state = DELETING
    kept: dict[str, list[tuple[int, int]]] = {}
    for each in ranges:
        kept.setdefault(each.subnet_id, []).append((each.first, each.last))
        session.delete(each)
    return operations.start(
        session,
        actor,
        DeleteNetwork,
        parameters={
            "network_id": network.id,
            "region_id": network.region_id,
            "project_id": network.project_id,
            "ranges": kept,
        },
        subjects=[("network", network.id)],
        project_id=network.project_id,
        subject_name=network.code,
        backend=network.region.code,
    )


def delete_group(session: Session, actor: Actor, group_id: str) -> OperationRow:
    """Delete a security group, everywhere. Raises NotFound, Forbidden, SecurityGroupInUse, SubjectBusy."""
    group = groups.find_doomed(session, actor, group_id)
    audit.record(session, actor, "security-group.delete", groups.subject(group), project_id=group.project_id)
    return operations.start(
        session,
        actor,
        DeleteSecurityGroup,
        parameters={"group_id": group.id},
        subjects=[(groups.GROUP, group.id)],
        project_id=group.project_id,
        subject_name=group.code,
    )
