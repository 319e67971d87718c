"""Making a network: entered into the plan at once, made in the region by an operation."""

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.directory.queries import find_project
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.networks.models import Network, Subnet
from jinyun.networks.plan import default_backend_pool, hosts_of, intervals_to_hand_out, text_of
from jinyun.networks.schemas import NewNetwork
from jinyun.networks.service import add_network
from jinyun.networks.states import PROVIDER, TENANT
from jinyun.networks.steps import CreateNetwork
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.providers.base import NetworkSpecification
from jinyun.regions.models import Region


def create_network(session: Session, actor: Actor, wanted: NewNetwork) -> OperationRow:
    """Enter a network into the plan and start the operation that makes it.

    Raises:
        NotFound: no such region or application system.
        Forbidden: the actor may not manage networks there.
        AlreadyExists, SubnetOverlaps: code or prefix are taken.
    """
    project = find_project(session, actor, wanted.project)
    authorise(session, actor, "network.manage", project.id)
    region = session.scalar(select(Region).where(Region.code == wanted.region))
    if region is None:
        raise NotFound(field="region", kind="region", name=wanted.region)
    specification = _specification(wanted)
    network = Network(
        region_id=region.id,
        code=wanted.code,
        name=wanted.name,
        kind=TENANT if wanted.vlan is None else PROVIDER,
        vlan=wanted.vlan,
        project_id=project.id,
    )
    intervals = intervals_to_hand_out(specification.cidr, specification.gateway, [specification.backend_pool])
    subnet = Subnet(cidr=specification.cidr, gateway=specification.gateway)
    add_network(session, network, [(subnet, intervals)])
    subject = ("network", network.id, network.code)
    plan = asdict(specification)
    audit.record(session, actor, "network.create", subject, project_id=project.id, after=plan)
    parameters = {"network_id": network.id, "region_id": region.id, "project_id": project.id, "specification": plan}
    return operations.start(
        session,
        actor,
        CreateNetwork,
        parameters=parameters,
        subjects=[("network", network.id)],
        project_id=project.id,
        subject_name=network.code,
        backend=network.region.code,
    )


def _specification(wanted: NewNetwork) -> NetworkSpecification:
    pool = wanted.backend_pool
    return NetworkSpecification(
        name=wanted.code,
        cidr=wanted.cidr,
        gateway=wanted.gateway or text_of(hosts_of(wanted.cidr)[0]),
        backend_pool=(pool.first, pool.last) if pool else default_backend_pool(wanted.cidr),
        vlan=wanted.vlan,
        physical_network=wanted.physical_network,
    )
