"""Prefixes of the bank's plan: each network that is ordered gets the lowest free one of the size that it wants."""

from ipaddress import IPv4Network

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import AlreadyExists, NotFound
from jinyun.kit.uniqueness import add_unique
from jinyun.networks.errors import NoFreePrefix, PrefixPoolInUse, PrefixPoolOverlaps
from jinyun.networks.models import Network, PrefixBlock, PrefixPool, Subnet
from jinyun.networks.plan import (
    BLOCK_LENGTH,
    blocks_of,
    default_backend_pool,
    first_free,
    hosts_of,
    intervals_to_hand_out,
    text_of,
)
from jinyun.networks.schemas import NewPrefixPool
from jinyun.networks.service import enter_network, lock_pools
from jinyun.networks.states import ORDERED, TENANT
from jinyun.providers.base import NetworkSpecification
from jinyun.regions.models import Region, Zone


def add_pool(session: Session, actor: Actor, wanted: NewPrefixPool) -> PrefixPool:
    """Say from where a region's networks get their prefixes.

    Raises:
        Forbidden: the actor may not manage networks.
        NotFound: no such region, or no such zone in it.
        PrefixPoolOverlaps: another pool of the region has some of it.
    """
    authorise(session, actor, "network.manage")
    region = session.scalar(select(Region).where(Region.code == wanted.region).with_for_update())
    if region is None:
        raise NotFound(field="region", kind="region", name=wanted.region)
    if (
        wanted.zone is not None
        and session.scalar(select(Zone.id).filter_by(region_id=region.id, name=wanted.zone)) is None
    ):
        raise NotFound(field="zone", kind="zone", name=wanted.zone)
    for other in session.scalars(select(PrefixPool.cidr).filter_by(region_id=region.id)):
        if IPv4Network(other).overlaps(IPv4Network(wanted.cidr)):
            raise PrefixPoolOverlaps(field="cidr", cidr=wanted.cidr, other=other)
    pool = PrefixPool(region_id=region.id, zone=wanted.zone, cidr=wanted.cidr, dns=list(wanted.dns))
    add_unique(session, pool, AlreadyExists(field="cidr", kind="prefix pool", name=wanted.cidr))
    subject = ("prefix_pool", pool.id, pool.cidr)
    audit.record(session, actor, "prefix-pool.create", subject, after=wanted.model_dump())
    return pool


def remove_pool(session: Session, actor: Actor, pool_id: str) -> None:
    """Hand nothing out of a pool any more. Raises Forbidden, NotFound, PrefixPoolInUse."""
    authorise(session, actor, "network.manage")
    pool = session.get(PrefixPool, pool_id, with_for_update=True)
    if pool is None:
        raise NotFound(kind="prefix pool", name=pool_id)
    taken = select(func.count(PrefixBlock.network_id.distinct())).filter_by(pool_id=pool.id)
    count = session.scalar(taken) or 0
    if count:
        raise PrefixPoolInUse(cidr=pool.cidr, count=count)
    session.delete(pool)
    audit.record(session, actor, "prefix-pool.delete", ("prefix_pool", pool.id, pool.cidr))


def hold_network(
    session: Session, region: Region, project_id: str, code: str, name: str, length: int, zone: str | None
) -> tuple[Network, NetworkSpecification]:
    """Enter a network into the plan that has the lowest free prefix of this length; return what is to be made of it.

    It is its order's until it is made or `drop_network`. The pools are locked until the transaction ends, so that each
    prefix goes to one network; that no two have a block in common is a constraint, too.

    Raises:
        NoFreePrefix: the region's pools have none of this length.
        AlreadyExists: the code is taken.
    """
    pool, prefix = _lowest_free(session, region, length, zone)
    specification = NetworkSpecification(
        name=code,
        cidr=str(prefix),
        gateway=text_of(hosts_of(str(prefix))[0]),
        backend_pool=default_backend_pool(str(prefix)),
        dns=tuple(pool.dns),
    )
    network = Network(
        region_id=region.id, code=code, name=name, kind=TENANT, vlan=None, project_id=project_id, state=ORDERED
    )
    subnet = Subnet(cidr=specification.cidr, gateway=specification.gateway)
    intervals = intervals_to_hand_out(specification.cidr, specification.gateway, [specification.backend_pool])
    enter_network(session, network, [(subnet, intervals)])
    first, last = blocks_of(pool.cidr, prefix)
    session.add_all(
        PrefixBlock(pool_id=pool.id, number=number, network_id=network.id) for number in range(first, last + 1)
    )
    session.flush()
    return network, specification


def free_prefix(session: Session, network_id: str) -> None:
    """Let the prefix of a network be handed out again; its addresses are given back already."""
    session.execute(delete(PrefixBlock).where(PrefixBlock.network_id == network_id))
    for subnet in session.scalars(select(Subnet).where(Subnet.network_id == network_id)):
        session.delete(subnet)
    session.flush()


def drop_network(session: Session, network_id: str) -> None:
    """Take a network out of the plan that never was; one that is gone is fine."""
    network = session.get(Network, network_id, with_for_update=True, populate_existing=True)
    if network is not None:
        session.execute(delete(PrefixBlock).where(PrefixBlock.network_id == network_id))
        session.delete(network)
        session.flush()


def _lowest_free(session: Session, region: Region, length: int, zone: str | None) -> tuple[PrefixPool, IPv4Network]:
    """Return the lowest free prefix, out of the zone's own pools first."""
    pools = [
        pool
        for pool in lock_pools(session, region.id)
        if pool.zone in {None, zone} and IPv4Network(pool.cidr).prefixlen <= length <= BLOCK_LENGTH
    ]
    in_region = select(Subnet.cidr).join(Network).where(Network.region_id == region.id)
    taken = [IPv4Network(cidr) for cidr in session.scalars(in_region)]
    for pool in sorted(pools, key=lambda each: (each.zone is None, IPv4Network(each.cidr))):
        prefix = first_free(pool.cidr, length, taken)
        if prefix is not None:
            return pool, prefix
    raise NoFreePrefix(field="prefix_length", region=region.code, length=length)
