"""Lists of networks, addresses, proposals and security groups."""

from collections.abc import Iterable

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from jinyun.access.authority import authorise, authorise_anywhere, visible
from jinyun.kit.actor import Actor
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.networks.models import (
    Address,
    AddressGap,
    AddressRange,
    Network,
    NetworkProposal,
    PrefixBlock,
    PrefixPool,
    Router,
    SecurityGroup,
    Subnet,
)
from jinyun.networks.router_schemas import RouterView
from jinyun.networks.schemas import AddressView, NetworkProposalView, NetworkView, PrefixPoolView, SecurityGroupView
from jinyun.networks.service import find_network
from jinyun.networks.states import RELEASED

_WHOLE = (
    joinedload(Network.region),
    joinedload(Network.project),
    selectinload(Network.subnets).selectinload(Subnet.ranges),
)


def list_networks(
    session: Session, actor: Actor, page: PageRequest, *, project_id: str | None = None
) -> Page[NetworkView]:
    """Return the networks that the actor may use (or that this application system may use), by code.

    Raises:
        Forbidden: he may read networks nowhere.
    """
    authorise_anywhere(actor, "network.read")
    seen = or_(Network.project_id.is_(None), visible(actor, "network.read", Network.project_id))
    statement = select(Network).where(seen, Network.state != RELEASED).options(*_WHOLE)
    if project_id is not None:
        statement = statement.where(or_(Network.project_id.is_(None), Network.project_id == project_id))
    networks, following = read_page(session, statement, [Network.code], page)
    free = _free_addresses(session, [network.id for network in networks])
    return Page(items=[NetworkView.of(network, free) for network in networks], next=following)


def show_network(session: Session, actor: Actor, code: str) -> NetworkView:
    """Return one network. Raises NotFound, Forbidden."""
    network = find_network(session, actor, code)
    return NetworkView.of(network, _free_addresses(session, [network.id]))


def list_prefix_pools(session: Session, actor: Actor, page: PageRequest) -> Page[PrefixPoolView]:
    """Return where ordered networks get their prefixes from. Raises Forbidden."""
    authorise(session, actor, "network.manage")
    statement = select(PrefixPool).options(joinedload(PrefixPool.region))
    pools, following = read_page(session, statement, [PrefixPool.id], page)
    taken = select(PrefixBlock.pool_id, func.count(PrefixBlock.network_id.distinct()), func.count())
    taken = taken.where(PrefixBlock.pool_id.in_([pool.id for pool in pools])).group_by(PrefixBlock.pool_id)
    numbers = {pool_id: (networks, blocks) for pool_id, networks, blocks in session.execute(taken)}
    return Page(items=[PrefixPoolView.of(pool, *numbers.get(pool.id, (0, 0))) for pool in pools], next=following)


def list_routers(session: Session, actor: Actor, page: PageRequest) -> Page[RouterView]:
    """Return the routers of the actor's application systems, by code. Raises Forbidden where he may read none."""
    authorise_anywhere(actor, "network.read")
    whole = (joinedload(Router.region), joinedload(Router.project), joinedload(Router.external_network))
    statement = select(Router).where(visible(actor, "network.read", Router.project_id)).options(*whole)
    statement = statement.options(selectinload(Router.networks))
    routers, following = read_page(session, statement, [Router.code], page)
    return Page(items=[RouterView.of(router) for router in routers], next=following)


def list_addresses(session: Session, actor: Actor, code: str, page: PageRequest) -> Page[AddressView]:
    """Return who has which address of a network, by subnet and in their order. Raises NotFound, Forbidden."""
    network = find_network(session, actor, code, "network.manage")
    subnet_ids = list(session.scalars(select(Subnet.id).where(Subnet.network_id == network.id)))
    statement = select(Address).where(Address.subnet_id.in_(subnet_ids))
    addresses, following = read_page(session, statement, [Address.subnet_id, Address.number], page)
    return Page(items=[AddressView.of(address) for address in addresses], next=following)


def list_proposals(session: Session, actor: Actor, page: PageRequest) -> Page[NetworkProposalView]:
    """Return what the regions show and the plan lacks. Raises Forbidden."""
    authorise(session, actor, "network.manage")
    statement = select(NetworkProposal).options(joinedload(NetworkProposal.region))
    proposals, following = read_page(session, statement, [NetworkProposal.name, NetworkProposal.id], page)
    return Page(items=[NetworkProposalView.of(proposal) for proposal in proposals], next=following)


def list_groups(session: Session, actor: Actor, page: PageRequest) -> Page[SecurityGroupView]:
    """Return the security groups that the actor may use. Raises Forbidden where he may read networks nowhere."""
    authorise_anywhere(actor, "network.read")
    seen = or_(SecurityGroup.project_id.is_(None), visible(actor, "network.read", SecurityGroup.project_id))
    statement = select(SecurityGroup).where(seen).options(joinedload(SecurityGroup.project))
    groups, following = read_page(session, statement, [SecurityGroup.code, SecurityGroup.id], page)
    return Page(items=[SecurityGroupView.of(group) for group in groups], next=following)


def _free_addresses(session: Session, network_ids: Iterable[str]) -> dict[str, int]:
    """Return, of each subnet of these networks, how many addresses are free."""
    counted = (
        select(Subnet.id, func.sum(AddressGap.last - AddressGap.first + 1))
        .join(AddressRange, AddressRange.subnet_id == Subnet.id)
        .join(AddressGap, AddressGap.range_id == AddressRange.id)
        .where(Subnet.network_id.in_(list(network_ids)))
        .group_by(Subnet.id)
    )
    return {subnet_id: int(free) for subnet_id, free in session.execute(counted)}
