"""Lists of the catalogue and of proposals: a fixed number of queries a page."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from jinyun.access.authority import authorise, authorise_anywhere
from jinyun.catalog.entries import read_catalogue
from jinyun.catalog.matching import suggest
from jinyun.catalog.models import (
    BindingProposal,
    Flavor,
    FlavorBinding,
    Image,
    ImageBinding,
    ImageVersion,
    Price,
    StorageTier,
    TierBinding,
)
from jinyun.catalog.prices import in_effect
from jinyun.catalog.schemas import FlavorView, ImageVersionView, ImageView, PriceView, ProposalView, StorageTierView
from jinyun.catalog.service import version_order
from jinyun.catalog.states import ACCEPTED
from jinyun.kit.actor import Actor
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.regions.models import Region
from jinyun.regions.service import find_region


def list_flavors(session: Session, actor: Actor, request: PageRequest) -> Page[FlavorView]:
    """Return the flavors by code. Raises Forbidden."""
    authorise_anywhere(actor, "catalog.read")
    rows, following = read_page(session, select(Flavor), [Flavor.code], request)
    return Page(items=show_flavors(session, rows), next=following)


def show_flavors(session: Session, flavors: Sequence[Flavor]) -> list[FlavorView]:
    """Show flavors with the regions that offer them."""
    statement = select(FlavorBinding.flavor_id, Region.code).join(Region, Region.id == FlavorBinding.region_id)
    regions = _regions(session, statement.where(FlavorBinding.present), FlavorBinding.flavor_id, flavors)
    return [FlavorView.of(flavor, regions[flavor.id]) for flavor in flavors]


def list_images(session: Session, actor: Actor, request: PageRequest) -> Page[ImageView]:
    """Return the images by code, with all their versions. Raises Forbidden."""
    authorise_anywhere(actor, "catalog.read")
    statement = select(Image).options(selectinload(Image.versions))
    rows, following = read_page(session, statement, [Image.code], request)
    return Page(items=show_images(session, rows), next=following)


def show_images(session: Session, images: Sequence[Image]) -> list[ImageView]:
    """Show images with their versions, the latest first, and the regions that offer them."""
    versions = [version for image in images for version in image.versions]
    statement = select(ImageBinding.image_version_id, Region.code).join(Region, Region.id == ImageBinding.region_id)
    regions = _regions(session, statement.where(ImageBinding.present), ImageBinding.image_version_id, versions)

    def shown(image: Image) -> list[ImageVersionView]:
        latest_first = sorted(image.versions, key=lambda row: version_order(row.version), reverse=True)
        return [ImageVersionView.of(row, regions[row.id]) for row in latest_first]

    return [ImageView.of(image, shown(image)) for image in images]


def list_tiers(session: Session, actor: Actor, request: PageRequest) -> Page[StorageTierView]:
    """Return the storage tiers by code. Raises Forbidden."""
    authorise_anywhere(actor, "catalog.read")
    rows, following = read_page(session, select(StorageTier), [StorageTier.code], request)
    statement = select(TierBinding.tier_id, Region.code).join(Region, Region.id == TierBinding.region_id)
    regions = _regions(session, statement.where(TierBinding.present), TierBinding.tier_id, rows)
    return Page(items=[StorageTierView.of(tier, regions[tier.id]) for tier in rows], next=following)


def list_prices(session: Session, actor: Actor, request: PageRequest, currency: str, day: date) -> Page[PriceView]:
    """Return the prices in effect on a day, by kind and code. Raises Forbidden."""
    authorise_anywhere(actor, "catalog.read")
    rows, following = read_page(session, in_effect(day), [Price.kind, Price.code, Price.id], request)
    return Page(items=[PriceView.of(price, currency) for price in rows], next=following)


def list_price_history(session: Session, actor: Actor, request: PageRequest, currency: str) -> Page[PriceView]:
    """Return every price that was ever written down, the newest first. Raises Forbidden."""
    authorise_anywhere(actor, "catalog.read")
    rows, following = read_page(session, select(Price), [Price.id], request, descending=True)
    return Page(items=[PriceView.of(price, currency) for price in rows], next=following)


def list_proposals(
    session: Session, actor: Actor, request: PageRequest, *, region: str | None, state: str | None
) -> Page[ProposalView]:
    """Return proposals in the order they came up, of one region or of all, in one state or in any.

    Raises:
        NotFound, Forbidden: there is no region with this code, or he does not manage the catalogue.
    """
    authorise(session, actor, "catalog.manage")
    statement = select(BindingProposal)
    if region is not None:
        statement = statement.where(BindingProposal.region_id == find_region(session, actor, region).id)
    if state is not None:
        statement = statement.where(BindingProposal.state == state)
    rows, following = read_page(session, statement, [BindingProposal.id], request)
    return Page(items=show_proposals(session, actor, rows), next=following)


def show_proposals(session: Session, actor: Actor, proposals: Sequence[BindingProposal]) -> list[ProposalView]:
    """Show proposals with what they could become."""
    catalogue = read_catalogue(session)
    codes = dict(session.execute(select(Region.id, Region.code)).all())
    return [
        ProposalView.of(
            proposal,
            codes[proposal.region_id],
            None if proposal.state == ACCEPTED else suggest(catalogue, proposal),
            actor.language,
        )
        for proposal in proposals
    ]


def _regions(
    session: Session,
    statement: Select[str, str],
    entry_id: InstrumentedAttribute[str],
    entries: Sequence[Flavor] | Sequence[ImageVersion] | Sequence[StorageTier],
) -> Mapping[str, list[str]]:
    """Return the codes of the regions in which each entry is bound."""
    regions: defaultdict[str, list[str]] = defaultdict(list)
    of_page = statement.where(entry_id.in_([entry.id for entry in entries])).order_by(Region.code)
    for bound_id, code in session.execute(of_page):
        regions[bound_id].append(code)
    return regions
