"""Lists of what is in the regions already: a fixed number of queries a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from jinyun.access.authority import authorise
from jinyun.inventory.models import EstateReading, ObservedAddress, ObservedObject
from jinyun.inventory.observed_schemas import EstateView, ObservedDetail, ObservedView
from jinyun.kit.actor import Actor
from jinyun.kit.database import database_now
from jinyun.kit.errors import NotFound
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.regions.service import find_region


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which things a list is to show; what is None does not matter."""

    region: str | None = None
    kind: str | None = None
    cluster: str | None = None
    name: str | None = None
    """Part of the name, as it is written."""
    address: str | None = None
    power: str | None = None
    gone: bool = False
    """Those that are there no more, instead of those that are."""


def list_observed(session: Session, actor: Actor, page: PageRequest, wanted: Wanted) -> Page[ObservedView]:
    """Return what is in the regions, by name. Raises Forbidden, NotFound."""
    authorise(session, actor, "operation.operate")
    statement = filtered(session, actor, wanted).options(
        joinedload(ObservedObject.region), selectinload(ObservedObject.addresses)
    )
    rows, following = read_page(session, statement, [ObservedObject.name, ObservedObject.id], page)
    ages = _current(session, {row.region_id for row in rows})
    return Page(items=[ObservedView.of(row, ages.get(row.region_id)) for row in rows], next=following)


def show_observed(session: Session, actor: Actor, object_id: str) -> ObservedDetail:
    """Return one thing with all that is known of it. Raises Forbidden, NotFound."""
    authorise(session, actor, "operation.operate")
    loading = [joinedload(ObservedObject.region), selectinload(ObservedObject.addresses)]
    row = session.get(ObservedObject, object_id, options=loading)
    if row is None:
        raise NotFound(kind="observed object", name=object_id)
    return ObservedDetail.of(row, _current(session, [row.region_id]).get(row.region_id))


def list_estates(session: Session, actor: Actor, page: PageRequest) -> Page[EstateView]:
    """Return how it stands with each region that is watched. Raises Forbidden."""
    authorise(session, actor, "operation.operate")
    statement = select(EstateReading).options(joinedload(EstateReading.region))
    rows, following = read_page(session, statement, [EstateReading.region_id], page)
    return Page(items=_estates(session, actor, rows), next=following)


def show_estate(session: Session, actor: Actor, row: EstateReading) -> EstateView:
    """Show how it stands with one region."""
    return _estates(session, actor, [row])[0]


def filtered(session: Session, actor: Actor, wanted: Wanted) -> Select[ObservedObject]:
    """Return the question for what a list is to show. Raises NotFound where there is no such region."""
    statement = select(ObservedObject)
    statement = statement.where(
        ObservedObject.gone_at.is_not(None) if wanted.gone else ObservedObject.gone_at.is_(None)
    )
    if wanted.region is not None:
        statement = statement.where(ObservedObject.region_id == find_region(session, actor, wanted.region).id)
    exact = {
        ObservedObject.kind: wanted.kind,
        ObservedObject.cluster: wanted.cluster,
        ObservedObject.power: wanted.power,
    }
    for column, value in exact.items():
        if value is not None:
            statement = statement.where(column == value)
    if wanted.name is not None:
        statement = statement.where(ObservedObject.name.contains(wanted.name, autoescape=True))
    if wanted.address is not None:
        holders = select(ObservedAddress.object_id).where(ObservedAddress.address == wanted.address)
        statement = statement.where(ObservedObject.id.in_(holders))
    return statement


def _estates(session: Session, actor: Actor, rows: Sequence[EstateReading]) -> list[EstateView]:
    counts = _counts(session, [row.region_id for row in rows])
    now = database_now(session)
    return [EstateView.of(row, counts.get(row.region_id, 0), now, actor.language) for row in rows]


def _current(session: Session, region_ids: Iterable[str]) -> dict[str, datetime | None]:
    of_regions = select(EstateReading.region_id, EstateReading.current_at)
    return {each: at for each, at in session.execute(of_regions.where(EstateReading.region_id.in_(region_ids)))}  # noqa: C416


def _counts(session: Session, region_ids: Iterable[str]) -> dict[str, int]:
    counted = select(ObservedObject.region_id, func.count()).group_by(ObservedObject.region_id)
    living = (ObservedObject.region_id.in_(region_ids), ObservedObject.gone_at.is_(None))
    return {region_id: count for region_id, count in session.execute(counted.where(*living))}  # noqa: C416 - rows are no pairs to the type checker
