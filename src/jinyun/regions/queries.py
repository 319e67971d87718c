"""Lists of regions, pools and hosts: a fixed number of queries a page."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from jinyun.access.authority import allowed, authorise, authorise_anywhere
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.regions.dedication import owner_words
from jinyun.regions.models import Host, Pool, Region, Zone
from jinyun.regions.ownership import answering_for
from jinyun.regions.schemas import HostView, PoolView, RegionView
from jinyun.regions.service import find_region


def list_regions(session: Session, actor: Actor, request: PageRequest) -> Page[RegionView]:
    """Return the regions by code. Raises Forbidden."""
    authorise_anywhere(actor, "region.read")
    rows, following = read_page(session, select(Region), [Region.code], request)
    return Page(items=views(session, actor, rows), next=following)


def show_region(session: Session, actor: Actor, code: str) -> RegionView:
    """Return a region by its code. Raises NotFound, Forbidden."""
    return views(session, actor, [find_region(session, actor, code)])[0]


def views(session: Session, actor: Actor, regions: Sequence[Region]) -> list[RegionView]:
    """Show regions with their zones."""
    managed = allowed(session, actor, "region.manage")
    zones = defaultdict(list)
    ids = [region.id for region in regions]
    for zone in session.scalars(select(Zone).where(Zone.region_id.in_(ids), Zone.present).order_by(Zone.name)):
        zones[zone.region_id].append(zone.name)
    return [RegionView.of(region, zones[region.id], actor.language, managed=managed) for region in regions]


def list_pools(session: Session, actor: Actor, request: PageRequest, *, region: str | None) -> Page[PoolView]:
    """Return the pools, of one region or of all, by name.

    Raises:
        NotFound, Forbidden: there is no region with this code, or he may not see regions.
    """
    authorise_anywhere(actor, "region.read")
    statement = select(Pool).options(joinedload(Pool.region), joinedload(Pool.zone))
    if region is not None:
        statement = statement.where(Pool.region_id == find_region(session, actor, region).id)
    rows, following = read_page(session, statement, [Pool.name, Pool.id], request)
    dedicated = owner_words(session, [row.dedicated_to for row in rows])
    owners = answering_for(session, rows)
    views = [PoolView.of(row, dedicated.get(row.dedicated_to), owners.get(row.id)) for row in rows]
    return Page(items=views, next=following)


def show_pool(session: Session, actor: Actor, pool_id: str) -> PoolView:
    """Return a pool. Raises NotFound, Forbidden."""
    authorise_anywhere(actor, "region.read")
    pool = session.get(Pool, pool_id, options=[joinedload(Pool.region), joinedload(Pool.zone)])
    if pool is None:
        raise NotFound(kind="pool", name=pool_id)
    dedicated = owner_words(session, [pool.dedicated_to])
    return PoolView.of(pool, dedicated.get(pool.dedicated_to), answering_for(session, [pool]).get(pool.id))


def list_hosts(
    session: Session, actor: Actor, request: PageRequest, *, region: str | None, pool_id: str | None
) -> Page[HostView]:
    """Return the hosts, of one region or pool or of all, by name.

    Raises:
        NotFound, Forbidden: there is no region with this code, or he may not see capacity.
    """
    authorise(session, actor, "capacity.read")
    statement = select(Host)
    if region is not None:
        statement = statement.where(Host.region_id == find_region(session, actor, region).id)
    if pool_id is not None:
        statement = statement.where(Host.pool_id == pool_id)
    rows, following = read_page(session, statement, [Host.name, Host.id], request)
    return Page(items=[HostView.of(row, actor.language) for row in rows], next=following)
