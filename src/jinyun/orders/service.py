"""Placing an order, withdrawing it, and what follows from a decision and from a delivery."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from jinyun.access.authority import allowed, authorise, authorise_within_token
from jinyun.approvals import service as approvals
from jinyun.approvals.events import ChainDecided, ChainReturned
from jinyun.approvals.parties import took_part
from jinyun.approvals.rules import Measures
from jinyun.approvals.service import ChainRequest
from jinyun.approvals.states import APPROVED
from jinyun.approvals.states import EXPIRED as CHAIN_EXPIRED
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.clock import day_of, utc_now
from jinyun.kit.errors import NotFound, Problem
from jinyun.kit.ids import new_id
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import get_or_add
from jinyun.operations.course import OperationEnded
from jinyun.operations.states import SUCCEEDED
from jinyun.orders import references, states
from jinyun.orders.costs import Cost, costs_of, spoken, total
from jinyun.orders.errors import NotTheApplicant, OrderNotPending, OrderNotReturned, PastDate
from jinyun.orders.kinds.registry import KINDS
from jinyun.orders.links import after_what_they_refer_to, from_the_last
from jinyun.orders.models import Order, OrderCounter, OrderItem
from jinyun.orders.schemas import NewOrder
from jinyun.organisation.models import Project

SUBJECT = "order"


def draw_number(session: Session, settings: Settings) -> str:
    """Return the next order number of the bank's day; commit at once, because everybody who orders waits for it.

    A number whose order is refused is not used again.
    """
    day = day_of(utc_now(), settings.business_timezone)
    counter = get_or_add(session, OrderCounter(day=day, last=0), day)
    counter.last += 1
    session.flush()
    return f"{day:%Y%m%d}-{counter.last:04d}"


def submit(session: Session, actor: Actor, settings: Settings, wanted: NewOrder, number: str) -> Order:
    """Check an order, hold all that it needs, and ask for approval; `number` was drawn for it by `draw_number`.

    Raises:
        NotFound, Forbidden: not an application system that he may order for, or something named in it.
        PastDate, and whatever the kinds of its items raise: nothing is held then.
    """
    project = orderable_project(session, actor, wanted.project)
    return place(session, actor, settings, project, wanted, number)


def place(session: Session, actor: Actor, settings: Settings, project: Project, wanted: NewOrder, number: str) -> Order:
    """Submit an order of somebody who was found to be allowed to. Raises as `submit`."""
    costs = costs_of(session, settings, [KINDS[each.kind].parts(session, project, each) for each in wanted.items])
    order = Order(
        id=new_id(),
        number=number,
        project_id=project.id,
        project=project,
        items=[],
        applicant_id=actor.person_id,
        purpose=wanted.purpose,
        expires_at=end_of(wanted.until, settings),
        state=states.PENDING_APPROVAL,
        held_until=utc_now() + timedelta(hours=settings.hold_hours),
        currency=settings.currency,
        monthly_cost=total(cost.monthly for cost in costs),
        digest=content_digest(wanted, costs),
    )
    actor = actor.for_order(order.number)
    fill(session, actor, order, wanted, costs)
    session.add(order)
    _ask(session, actor, order)
    return order


def fill(session: Session, actor: Actor, order: Order, wanted: NewOrder, costs: Sequence[Cost]) -> None:
    """Give an order its items, and hold all that they need. Raises whatever the kinds of its items raise."""
    items = [
        OrderItem(
            id=new_id(),
            position=position,
            kind=specification.kind,
            specification=specification.model_dump(mode="json"),
            allocation={},
            costs=[part.model_dump(mode="json") for part in cost.parts],
            monthly_cost=cost.monthly,
            state=order.state,
        )
        for position, (specification, cost) in enumerate(zip(wanted.items, costs, strict=True))
    ]
    order.items.extend(items)
    for position, specification in after_what_they_refer_to(wanted.items):
        with naming_item(position):
            KINDS[specification.kind].hold(session, actor, order, items[position], specification)


def withdraw(session: Session, actor: Actor, order_id: str) -> Order:
    """Take an undecided order back.

    Raises:
        NotFound: he may not see it.
        NotTheApplicant, OrderNotPending.
    """
    actor = as_applicant(session, actor, order_id)
    chain = approvals.current_chain(session, SUBJECT, order_id)
    order = locked(session, order_id)
    if order.state not in states.UNDECIDED or chain is None:
        raise OrderNotPending(number=order.number, state=order.state)
    approvals.withdraw(session, actor, chain)
    let_go(session, order, states.WITHDRAWN)
    audit.record(session, actor, "order.withdraw", subject(order), project_id=order.project_id)
    return order


def resubmit(session: Session, actor: Actor, order_id: str) -> Order:
    """Hand an order in again that was returned to its applicant.

    Raises:
        NotFound: he may not see it.
        NotTheApplicant, OrderNotReturned.
    """
    actor = as_applicant(session, actor, order_id)
    chain = approvals.current_chain(session, SUBJECT, order_id)
    order = locked(session, order_id)
    if order.state != states.RETURNED or chain is None:
        raise OrderNotReturned(number=order.number, state=order.state)
    _set_state(order, states.PENDING_APPROVAL)
    session.flush()  # where nobody is asked of what it is now, it is delivered before `renew` returns
    order.chain_id = approvals.renew(session, actor, chain, approval_request(session, order)).id
    audit.record(session, actor, "order.resubmit", subject(order), project_id=order.project_id)
    return order


def find(session: Session, actor: Actor, order_id: str) -> Order:
    """Return an order that `actor` may see: of his application systems, his own, or one he was asked to decide.

    Raises:
        NotFound: there is none, or he may not see it.
    """
    order = session.get(Order, order_id)
    if order is None or not (
        (actor.in_person and order.applicant_id == actor.person_id)
        or allowed(session, actor, "order.read", order.project_id)
        or _asked(session, actor, order)
    ):
        raise NotFound(kind="order", name=order_id)
    return order


def on_chain_decided(session: Session, event: ChainDecided) -> None:
    """Deliver what was approved; let go of what was rejected."""
    if event.subject_kind != SUBJECT:
        return
    order = locked(session, event.subject_id)
    order.comment, order.decided_at = event.comment, utc_now()
    if event.state != APPROVED:
        let_go(session, order, states.EXPIRED if event.state == CHAIN_EXPIRED else states.REJECTED)
        return
    order.state = states.DELIVERING
    references.begin(session, order)


def on_chain_returned(session: Session, event: ChainReturned) -> None:
    """Let the applicant hand it in again; what it needs is held meanwhile."""
    if event.subject_kind == SUBJECT:
        order = locked(session, event.subject_id)
        order.comment = event.comment
        _set_state(order, states.RETURNED)


def on_operation_ended(session: Session, event: OperationEnded) -> None:
    """Note how a delivery ended, and derive the order's state."""
    item = session.scalar(select(OrderItem).where(OrderItem.operation_id == event.operation_id))
    if item is None:
        return
    order = locked(session, item.order_id)
    session.refresh(item)
    item.state = states.DELIVERED if event.state == SUCCEEDED else states.FAILED
    item.problem = None if event.state == SUCCEEDED else event.problem
    references.go_on(session, order)
    if item.state == states.FAILED:  # a step that was not begun undid nothing, and yet something is held for it
        KINDS[item.kind].give_back(session, item)


def content_digest(wanted: NewOrder, costs: Sequence[Cost]) -> str:
    """Return the SHA-256 of what was asked for and of what it costs: what approvals bind to."""
    content = wanted.model_dump(mode="json") | {"costs": [cost.model_dump(mode="json") for cost in costs]}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@contextmanager
def naming_item(position: int) -> Iterator[None]:
    """Have a problem say which item of an order it is about."""
    try:
        yield
    except Problem as problem:
        problem.field = f"items.{position}.{problem.field}" if problem.field else f"items.{position}"
        raise


def orderable_project(session: Session, actor: Actor, code: str) -> Project:
    """Return an application system that the actor may order for. Raises NotFound, Forbidden."""
    project = session.scalar(select(Project).where(Project.code == code).options(joinedload(Project.department)))
    if project is None or not allowed(session, actor, "project.read", project.id):
        raise NotFound(field="project", kind="application system", name=code)
    authorise(session, actor, "order.write", project.id)
    return project


def _asked(session: Session, actor: Actor, order: Order) -> bool:
    chain = approvals.current_chain(session, SUBJECT, order.id)
    return chain is not None and took_part(session, actor, chain)


def end_of(day: date | None, settings: Settings) -> datetime | None:
    """Return the end of a day in the bank's time zone. Raises PastDate where it is over."""
    if day is None:
        return None
    end = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(settings.business_timezone))
    if end <= utc_now():
        raise PastDate(field="until", day=day.isoformat())
    return end


def last_day(order: Order, settings: Settings) -> date | None:
    """Return the last day that an order is wanted, in the bank's time zone; None for one without end."""
    if order.expires_at is None:
        return None
    return day_of(order.expires_at - timedelta(microseconds=1), settings.business_timezone)


def _ask(session: Session, actor: Actor, order: Order) -> None:
    request = approval_request(session, order)
    audit.record(session, actor, "order.submit", subject(order), project_id=order.project_id, after=request.facts)
    order.chain_id = approvals.open_chain(session, actor, request, first=True).id


def approval_request(session: Session, order: Order) -> ChainRequest:
    """Return what approval is asked for, as the order stands now."""
    facts = {
        "number": order.number,
        "purpose": order.purpose,
        "until": order.expires_at.isoformat() if order.expires_at else None,
        "monthly_cost": spoken(order.currency, order.monthly_cost),
        "items": [
            KINDS[item.kind].facts(item) | {"monthly_cost": spoken(order.currency, item.monthly_cost)}
            for item in order.standing
        ],
    }
    title = Text("Order {number}: {purpose}", "订单 {number}：{purpose}").format(
        number=order.number, purpose=order.purpose
    )
    measures = measure(session, order.standing, order.monthly_cost, order.expires_at)
    pools = dict.fromkeys(item.allocation["pool_id"] for item in order.standing if item.allocation.get("pool_id"))
    return ChainRequest(SUBJECT, order.id, order.digest, order.project, facts, title, measures, tuple(pools))


def measure(
    session: Session, items: Sequence[OrderItem], monthly_cost: Decimal | None, expires_at: datetime | None
) -> Measures:
    """Return the sums over items, which may not be held yet; memory in whole GiB."""
    sizes = [KINDS[item.kind].measure(session, item) for item in items]
    return Measures(
        kinds=frozenset(item.kind for item in items),
        vcpus=sum(size.vcpus for size in sizes),
        memory_gib=sum(size.memory_mib for size in sizes) // 1024,
        storage_gib=sum(size.storage_gib for size in sizes),
        monthly_cost=monthly_cost,
        lease_days=(expires_at - utc_now()).days if expires_at else None,
    )


def let_go(session: Session, order: Order, state: str) -> None:
    """End an order that nobody approved, and give back what it holds."""
    for item in from_the_last(order.standing):
        KINDS[item.kind].give_back(session, item)
    _set_state(order, state)
    order.ended_at = utc_now()


def _set_state(order: Order, state: str) -> None:
    for item in order.standing:
        item.state = state
    order.state = state


def as_applicant(session: Session, actor: Actor, order_id: str) -> Actor:
    """Return the actor as he acts for his own order. Raises NotFound, NotTheApplicant, Forbidden."""
    order = find(session, actor, order_id)
    if order.applicant_id != actor.person_id:
        raise NotTheApplicant(number=order.number)
    authorise_within_token(actor, "order.write")
    return actor.for_order(order.number)


def locked(session: Session, order_id: str) -> Order:
    """Return an order, locked and read anew."""
    return session.get_one(Order, order_id, with_for_update=True, populate_existing=True)


def subject(order: Order) -> tuple[str, str, str]:
    """Return what the audit log calls an order."""
    return "order", order.id, order.number
