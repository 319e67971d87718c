"""Reading orders."""

from dataclasses import dataclass

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from jinyun.access.authority import visible
from jinyun.approvals.parties import chains_of
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.kit.settings import Settings
from jinyun.orders.costs import costs_of, require_known, total
from jinyun.orders.kinds.registry import KINDS
from jinyun.orders.models import Order
from jinyun.orders.schemas import EstimateView, NewOrder, OrderView
from jinyun.orders.service import find, last_day, naming_item, orderable_project
from jinyun.organisation.models import Project


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders to list."""

    project: str | None = None
    state: str | None = None
    number: str | None = None
    mine: bool = False


def list_orders(session: Session, actor: Actor, page: PageRequest, wanted: OrderFilter) -> Page[OrderView]:
    """Return the newest orders first: the actor's own, those he was asked about, those of what he may read."""
    may_see = or_(
        Order.applicant_id == actor.person_id if actor.in_person else false(),
        visible(actor, "order.read", Order.project_id),
        Order.chain_id.in_(chains_of(session, actor)),
    )
    statement = (
        select(Order)
        .where(may_see)
        .options(joinedload(Order.project), joinedload(Order.applicant), selectinload(Order.items))
    )
    if wanted.project is not None:
        statement = statement.join(Project, Order.project_id == Project.id).where(Project.code == wanted.project)
    if wanted.state is not None:
        statement = statement.where(Order.state == wanted.state)
    if wanted.mine:
        statement = statement.where(Order.applicant_id == actor.person_id)
    if wanted.number is not None:
        statement = statement.where(Order.number == wanted.number)
    rows, mark = read_page(session, statement, [Order.id], page, descending=True)
    return Page(items=[OrderView.of(row, actor.language) for row in rows], next=mark)


def estimate(session: Session, actor: Actor, settings: Settings, wanted: NewOrder) -> EstimateView:
    """Return what an order would cost.

    Raises:
        NotFound, Forbidden: not an application system that he may order for.
        UnknownFlavor, UnknownTier.
    """
    project = orderable_project(session, actor, wanted.project)
    items = [KINDS[each.kind].parts(session, project, each) for each in wanted.items]
    for position, parts in enumerate(items):
        with naming_item(position):
            require_known(session, parts)
    costs = costs_of(session, settings, items)
    monthly = total(cost.monthly for cost in costs)
    return EstimateView(currency=settings.currency, monthly_cost=monthly, items=costs)


def show_order(session: Session, actor: Actor, order_id: str) -> OrderView:
    """Return one order. Raises NotFound."""
    return OrderView.of(find(session, actor, order_id), actor.language)


def draft(session: Session, actor: Actor, settings: Settings, order_id: str) -> NewOrder:
    """Return what an order asked for as an order that could be submitted anew, once its things have other names.

    What was another's or is past is left out: addresses, somebody else's key pair, a last day that is over.

    Raises:
        NotFound: there is none, or he may not see it.
    """
    order = find(session, actor, order_id)
    left_out: dict[str, None] = {"address": None} | ({} if order.applicant_id == actor.person_id else {"keypair": None})
    items = []
    for item in order.items:
        asked = item.specification
        items.append(asked | {key: value for key, value in left_out.items() if key in asked})
    is_over = order.expires_at is not None and order.expires_at <= utc_now()
    until = None if is_over else last_day(order, settings)
    content = {"project": order.project.code, "purpose": order.purpose, "until": until}
    return NewOrder.model_validate(content | {"items": items})
