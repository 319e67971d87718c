"""The catalogue, and what could be added to it, over HTTP."""

from typing import Literal

from fastapi import APIRouter
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.catalog import proposals, queries
from jinyun.catalog import service as catalog
from jinyun.catalog.entries import BoundAlready, Choice, SizesDiffer
from jinyun.catalog.proposals import ProposalDecided
from jinyun.catalog.schemas import Acceptance, AcceptedView, FlavorView, ImageView, ProposalView, StorageTierView
from jinyun.catalog.service import UnknownTier
from jinyun.kit.actor import Actor
from jinyun.kit.bodies import Named
from jinyun.kit.errors import AlreadyExists
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.regions.service import find_region

router = APIRouter(prefix="/v1", tags=["catalog"])
ProposalState = Literal["proposed", "accepted", "dismissed"]


@router.get("/flavors", responses=reading())
def list_flavors(call: CurrentCall, page: PageQuery) -> Page[FlavorView]:
    """List the flavors, and which regions offer them."""
    return call.read(lambda session, actor: queries.list_flavors(session, actor, page))


@router.post("/flavors/{code}/offer", responses=writing())
def offer_flavor(call: CurrentCall, code: Named) -> FlavorView:
    """Let a flavor be ordered again."""
    return call.write(lambda session, actor: _set_flavor(session, actor, code, offered=True))


@router.post("/flavors/{code}/withdraw", responses=writing())
def withdraw_flavor(call: CurrentCall, code: Named) -> FlavorView:
    """Let a flavor be ordered no longer; servers that have it keep it."""
    return call.write(lambda session, actor: _set_flavor(session, actor, code, offered=False))


@router.get("/images", responses=reading())
def list_images(call: CurrentCall, page: PageQuery) -> Page[ImageView]:
    """List the images with their versions, and which regions offer them."""
    return call.read(lambda session, actor: queries.list_images(session, actor, page))


@router.post("/images/{code}/versions/{version}/offer", responses=writing())
def offer_image_version(call: CurrentCall, code: Named, version: Named) -> ImageView:
    """Let a version of an image be ordered again."""
    return call.write(lambda session, actor: _set_image_version(session, actor, code, version, offered=True))


@router.post("/images/{code}/versions/{version}/withdraw", responses=writing())
def withdraw_image_version(call: CurrentCall, code: Named, version: Named) -> ImageView:
    """Let a version of an image be ordered no longer; servers that run it keep it."""
    return call.write(lambda session, actor: _set_image_version(session, actor, code, version, offered=False))


@router.get("/storage-tiers", responses=reading())
def list_tiers(call: CurrentCall, page: PageQuery) -> Page[StorageTierView]:
    """List the storage tiers, and which regions offer them."""
    return call.read(lambda session, actor: queries.list_tiers(session, actor, page))


@router.get("/binding-proposals", responses=reading_one())
def list_proposals(
    call: CurrentCall, page: PageQuery, region: Named | None = None, state: ProposalState | None = None
) -> Page[ProposalView]:
    """List what regions have and could be offered, with what accepting would make of it."""
    return call.read(lambda session, actor: queries.list_proposals(session, actor, page, region=region, state=state))


@router.post(
    "/binding-proposals/{proposal_id}/accept",
    responses=writing(ProposalDecided, BoundAlready, SizesDiffer, AlreadyExists, UnknownTier),
)
def accept_proposal(call: CurrentCall, proposal_id: Id, body: Acceptance | None = None) -> ProposalView:
    """Offer it: bind the entry that is chosen, or else suggested; the entry is made where the catalogue lacks it."""
    choice = Choice(**body.model_dump()) if body else Choice()

    def work(session: Session, actor: Actor) -> ProposalView:
        accepted = proposals.accept(session, actor, proposal_id, choice)
        return queries.show_proposals(session, actor, [accepted])[0]

    return call.write(work)


@router.post("/binding-proposals/{proposal_id}/dismiss", responses=writing(ProposalDecided))
def dismiss_proposal(call: CurrentCall, proposal_id: Id) -> ProposalView:
    """Decide that it shall not be offered."""

    def work(session: Session, actor: Actor) -> ProposalView:
        dismissed = proposals.dismiss(session, actor, proposal_id)
        return queries.show_proposals(session, actor, [dismissed])[0]

    return call.write(work)


@router.post("/regions/{code}/accept-proposals", responses=writing(AlreadyExists, BoundAlready))
def accept_proposals(call: CurrentCall, code: Named) -> AcceptedView:
    """Accept every proposal of a region that a suggestion can be made for."""

    def work(session: Session, actor: Actor) -> AcceptedView:
        accepted, left = proposals.accept_all(session, actor, find_region(session, actor, code))
        return AcceptedView(
            accepted=queries.show_proposals(session, actor, accepted),
            left=queries.show_proposals(session, actor, left),
        )

    return call.write(work)


def _set_flavor(session: Session, actor: Actor, code: str, *, offered: bool) -> FlavorView:
    return queries.show_flavors(session, [catalog.offer_flavor(session, actor, code, offered=offered)])[0]


def _set_image_version(session: Session, actor: Actor, code: str, version: str, *, offered: bool) -> ImageView:
    changed = catalog.offer_image_version(session, actor, code, version, offered=offered)
    return queries.show_images(session, [changed.image])[0]
