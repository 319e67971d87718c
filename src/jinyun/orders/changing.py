"""Changing an undecided order: an approver strikes items, the applicant to whom it was returned writes it anew."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.approvals import service as approvals
from jinyun.approvals.models import Assignment, Chain, Stage
from jinyun.approvals.parties import waiting_for
from jinyun.approvals.states import PENDING
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import InvalidField
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.orders import service, states
from jinyun.orders.costs import costs_of, total
from jinyun.orders.errors import NotAsked, NothingToStrike, OrderNotPending, OrderNotReturned
from jinyun.orders.kinds.registry import KINDS
from jinyun.orders.links import from_the_last, with_referring
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import NewOrder

BY_APPROVER = Text("{who} struck it: {why}", "{who} 已将其剔除：{why}")
SAME_PROJECT = Text("An order stays with its application system.", "订单所属的应用系统不能更改。")


def strike(session: Session, actor: Actor, order_id: str, position: int, comment: str) -> Order:
    """Take an item, and what refers to it, out of an order; the rest is another content, which is approved anew.

    Raises:
        NotFound: he may not see it.
        NotAsked, OrderNotPending, NothingToStrike.
    """
    found = service.find(session, actor, order_id)
    actor = actor.for_order(found.number)
    chain = approvals.current_chain(session, service.SUBJECT, order_id)
    order = service.locked(session, order_id)
    if order.state != states.PENDING_APPROVAL or chain is None:
        raise OrderNotPending(number=order.number, state=order.state)
    require_asked(session, actor, order, chain)
    doomed = _with_referring(order, position)
    if not doomed or len(doomed) == len(order.standing):
        raise NothingToStrike(number=order.number)
    for item in from_the_last(doomed):
        KINDS[item.kind].give_back(session, item)
        item.state = states.STRUCK
        item.problem = {"code": "struck"} | BY_APPROVER.format(who=actor.name, why=comment).as_dict()
    order.monthly_cost = total(item.monthly_cost for item in order.standing)
    order.digest = _digest_without(order, doomed)
    order.chain_id = approvals.renew(session, actor, chain, service.approval_request(session, order), comment).id
    after = {"positions": [item.position for item in doomed], "comment": comment}
    audit.record(session, actor, "order.strike", service.subject(order), project_id=order.project_id, after=after)
    return order


def change(session: Session, actor: Actor, settings: Settings, order_id: str, wanted: NewOrder) -> Order:
    """Give an order that was returned another content; handing it in again asks for approval of that.

    Raises:
        NotFound: he may not see it, or something named in it.
        NotTheApplicant, OrderNotReturned, PastDate, InvalidField, and whatever the kinds of its items raise.
    """
    actor = service.as_applicant(session, actor, order_id)
    order = service.locked(session, order_id)
    if order.state != states.RETURNED:
        raise OrderNotReturned(number=order.number, state=order.state)
    project = service.orderable_project(session, actor, wanted.project)
    if project.id != order.project_id:
        raise InvalidField("project", SAME_PROJECT)
    before = service.approval_request(session, order).facts
    costs = costs_of(session, settings, [KINDS[each.kind].parts(session, project, each) for each in wanted.items])
    _empty(session, order)
    order.purpose, order.expires_at = wanted.purpose, service.end_of(wanted.until, settings)
    order.currency, order.monthly_cost = settings.currency, total(cost.monthly for cost in costs)
    order.digest = service.content_digest(wanted, costs)
    service.fill(session, actor, order, wanted, costs)
    after = service.approval_request(session, order).facts
    subject = service.subject(order)
    audit.record(session, actor, "order.change", subject, project_id=project.id, before=before, after=after)
    return order


def require_asked(session: Session, actor: Actor, order: Order, chain: Chain) -> Stage:
    """Return the stage in which a decision on the order is the actor's now; one who only gives his word has none.

    Raises:
        NotAsked: there is none.
    """
    mine = select(Stage).join(Stage.assignments).join(Stage.chain).where(Chain.id == chain.id)
    pending = mine.where(Assignment.state == PENDING, Assignment.delegate_id.is_(None), waiting_for(session, actor))
    stage = session.scalar(pending.limit(1))
    if stage is None:
        raise NotAsked(number=order.number)
    return stage


def _with_referring(order: Order, position: int) -> list[OrderItem]:
    return with_referring(order, [item for item in order.standing if item.position == position])


def _digest_without(order: Order, items: Iterable[OrderItem]) -> str:
    """Return the SHA-256 that stands for what was left of a content."""
    positions = ",".join(str(item.position) for item in items)
    return hashlib.sha256(f"{order.digest} without {positions}".encode()).hexdigest()


def _empty(session: Session, order: Order) -> None:
    for item in from_the_last(order.standing):
        KINDS[item.kind].give_back(session, item)
    for item in list(order.items):
        session.delete(item)
    session.flush()
    session.expire(order, ["items"])
