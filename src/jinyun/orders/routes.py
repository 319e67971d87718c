"""Orders over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.capacity.errors import NoCapacity, QuotaExceeded
from jinyun.catalog.service import NotOfferedInRegion, UnknownFlavor, UnknownImage, UnknownTier
from jinyun.kit.errors import AlreadyExists, Problem
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.networks.errors import (
    AddressOutsideRange,
    AddressTaken,
    NetworkHasRouter,
    NetworkIsExternal,
    NetworkNotExternal,
    NetworkNotReady,
    NoFreeAddress,
    NoFreePrefix,
    NothingChanges,
    OpenToTheWorld,
    RuleWithinAnother,
)
from jinyun.operations.service import SubjectBusy
from jinyun.orders import amending, changing, placing, queries
from jinyun.orders import service as orders
from jinyun.orders.errors import (
    FieldNotEditable,
    ImageDoesNotFit,
    LeaseNotLonger,
    NotAsked,
    NothingToStrike,
    NotTheApplicant,
    OrderNotPending,
    OrderNotReturned,
    PastDate,
)
from jinyun.orders.preview import PreviewView, preview
from jinyun.orders.queries import OrderFilter
from jinyun.orders.schemas import Amendment, EstimateView, NewOrder, OrderView, Placing, Strike
from jinyun.servers.errors import (
    HostnameTaken,
    NotAttached,
    SameFlavor,
    ServerElsewhere,
    SmallerDisk,
    VolumeElsewhere,
    WrongServerState,
)
from jinyun.volumes.errors import NotLarger, SnapshotDoesNotFit, SnapshotNotReady, VolumeNotReady

router = APIRouter(prefix="/v1/orders", tags=["orders"])
State = Literal[
    "pending_approval",
    "returned",
    "delivering",
    "delivered",
    "partly_delivered",
    "failed",
    "rejected",
    "withdrawn",
    "expired",
]
ITEMS: tuple[type[Problem], ...] = (
    PastDate,
    UnknownFlavor,
    UnknownImage,
    UnknownTier,
    NotOfferedInRegion,
    ImageDoesNotFit,
    HostnameTaken,
    VolumeElsewhere,
    WrongServerState,
    SubjectBusy,
    SameFlavor,
    SmallerDisk,
    NotAttached,
    VolumeNotReady,
    NotLarger,
    SnapshotNotReady,
    SnapshotDoesNotFit,
    LeaseNotLonger,
    QuotaExceeded,
    NoCapacity,
    NoFreeAddress,
    NoFreePrefix,
    NetworkHasRouter,
    NetworkIsExternal,
    NetworkNotExternal,
    NetworkNotReady,
    ServerElsewhere,
    AddressTaken,
    AddressOutsideRange,
    AlreadyExists,
    OpenToTheWorld,
    RuleWithinAnother,
    NothingChanges,
)
"""What can be wrong with what is ordered."""
SUBMITTING = writing(*ITEMS)
AMENDING = writing(*ITEMS, NotAsked, OrderNotPending, FieldNotEditable)
CHANGING = writing(*ITEMS, NotTheApplicant, OrderNotReturned)


@router.post("", status_code=201, responses=SUBMITTING)
def submit_order(call: CurrentCall, body: NewOrder) -> OrderView:
    """Submit an order: it is checked, what it needs is held, and its approvers are asked."""
    number = call.write_first(lambda session: orders.draw_number(session, call.settings))
    return call.write(
        lambda session, actor: OrderView.of(orders.submit(session, actor, call.settings, body, number), actor.language)
    )


@router.post("/estimate", responses=reading_one(UnknownFlavor, UnknownTier))
def estimate_order(call: CurrentCall, body: NewOrder) -> EstimateView:
    """Say what an order would cost a month if it were submitted today; nothing is held."""
    return call.read(lambda session, actor: queries.estimate(session, actor, call.settings, body))


@router.post("/preview", responses=SUBMITTING)
def preview_order(call: CurrentCall, body: NewOrder) -> PreviewView:
    """Show what would come of an order: its cost, its place, who would be asked and why. Nothing is held."""
    return call.try_out(lambda session, actor: preview(session, actor, call.settings, body))


@router.get("", responses=reading())
def list_orders(
    call: CurrentCall,
    page: PageQuery,
    project: Annotated[str | None, Query(max_length=64)] = None,
    state: Annotated[State | None, Query()] = None,
    number: Annotated[str | None, Query(max_length=32)] = None,
    mine: Annotated[bool, Query(description="Only your own")] = False,
) -> Page[OrderView]:
    """List orders, newest first."""
    wanted = OrderFilter(project, state, number, mine)
    return call.read(lambda session, actor: queries.list_orders(session, actor, page, wanted))


@router.get("/{order_id}", responses=reading_one())
def show_order(call: CurrentCall, order_id: Id) -> OrderView:
    """Show an order with its items."""
    return call.read(lambda session, actor: queries.show_order(session, actor, order_id))


@router.get("/{order_id}/draft", responses=reading_one())
def draft_order(call: CurrentCall, order_id: Id) -> NewOrder:
    """Show what an order asked for as one that could be submitted anew, once its things have other names."""
    return call.read(lambda session, actor: queries.draft(session, actor, call.settings, order_id))


@router.post("/{order_id}/withdraw", responses=writing(NotTheApplicant, OrderNotPending))
def withdraw_order(call: CurrentCall, order_id: Id) -> OrderView:
    """Take an undecided order back."""
    return call.write(lambda session, actor: OrderView.of(orders.withdraw(session, actor, order_id), actor.language))


@router.post("/{order_id}/resubmit", responses=writing(NotTheApplicant, OrderNotReturned))
def resubmit_order(call: CurrentCall, order_id: Id) -> OrderView:
    """Hand an order in again that was returned to you; its approval goes on where it stopped."""
    return call.write(lambda session, actor: OrderView.of(orders.resubmit(session, actor, order_id), actor.language))


@router.put("/{order_id}", responses=CHANGING)
def change_order(call: CurrentCall, order_id: Id, body: NewOrder) -> OrderView:
    """Give an order that was returned to you another content; then hand it in again."""
    return call.write(
        lambda session, actor: OrderView.of(
            changing.change(session, actor, call.settings, order_id, body), actor.language
        )
    )


@router.post("/{order_id}/amend", responses=AMENDING)
def amend_order(call: CurrentCall, order_id: Id, body: Amendment) -> OrderView:
    """Change fields that the policy leaves to you as an approver; then every yes is void, and all are asked anew."""
    return call.write(
        lambda session, actor: OrderView.of(
            amending.amend(session, actor, call.settings, order_id, body), actor.language
        )
    )


@router.post("/{order_id}/place", responses=writing(*ITEMS, NotAsked, OrderNotPending))
def place_item(call: CurrentCall, order_id: Id, body: Placing) -> OrderView:
    """Choose pool, host, network or address of an item, as an administrator who is asked to decide; yeses stand."""
    return call.write(
        lambda session, actor: OrderView.of(placing.place(session, actor, order_id, body), actor.language)
    )


@router.post("/{order_id}/strike", responses=writing(NotAsked, OrderNotPending, NothingToStrike))
def strike_item(call: CurrentCall, order_id: Id, body: Strike) -> OrderView:
    """Take an item out of an order that you are asked to decide on; the rest has to be approved anew."""
    return call.write(
        lambda session, actor: OrderView.of(
            changing.strike(session, actor, order_id, body.position, body.comment), actor.language
        )
    )
