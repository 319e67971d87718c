"""Changing an order by those who decide on it: fields that the policy leaves to the approvers of a stage."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from jinyun.access.authority import grants_of
from jinyun.approvals import service as approvals
from jinyun.approvals.models import Stage
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.bodies import fault
from jinyun.kit.errors import InvalidField
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.orders import service, states
from jinyun.orders.changing import require_asked
from jinyun.orders.costs import Cost, costs_of, total
from jinyun.orders.errors import FieldNotEditable, OrderNotPending
from jinyun.orders.kinds.registry import KINDS
from jinyun.orders.links import after_what_they_refer_to, from_the_last, with_referring
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import Amendment, Item, NewOrder

UNTIL = "until"
"""The field of the order itself; all others are of its items."""
ITEM: TypeAdapter[Item] = TypeAdapter(Item)
NEVER = frozenset({"kind"})
NO_SUCH_ITEM = Text("The order has no such item.", "订单中没有该订单项。")
SO_ALREADY = Text("The order is so already.", "订单内容已是如此。")


def amend(session: Session, actor: Actor, settings: Settings, order_id: str, wanted: Amendment) -> Order:
    """Change fields of an undecided order that the policy lets the approvers of the present stage change.

    It is another content then: it is priced and held anew, every yes is void, and all are asked again. Where it cannot
    be held, nothing is changed.

    Raises:
        NotFound: he may not see it.
        NotAsked, OrderNotPending, FieldNotEditable.
        Problem: InvalidField, PastDate, and whatever the kinds of its items raise.
    """
    found = service.find(session, actor, order_id)
    actor = actor.for_order(found.number)
    chain = approvals.locked_current_chain(session, service.SUBJECT, order_id)
    order = service.locked(session, order_id)
    if order.state != states.PENDING_APPROVAL or chain is None:
        raise OrderNotPending(number=order.number, state=order.state)
    _require_editable(order, require_asked(session, actor, order, chain), wanted)
    before = service.approval_request(session, order).facts
    content = _amended(order, settings, wanted)
    _rewrite(session, actor, settings, order, content)
    request = service.approval_request(session, order)
    order.chain_id = approvals.renew(session, actor, chain, request, wanted.comment).id
    after = {**request.facts, "comment": wanted.comment}
    subject = service.subject(order)
    audit.record(session, actor, "order.amend", subject, project_id=order.project_id, before=before, after=after)
    return order


def _require_editable(order: Order, stage: Stage, wanted: Amendment) -> None:
    fields = {name for each in wanted.items for name in each.fields}
    fields |= {UNTIL} & wanted.model_fields_set
    for name in sorted(fields):
        if name not in stage.editable or name in NEVER:
            may = ", ".join(stage.editable) or "–"
            raise FieldNotEditable(number=order.number, name=name, may=may)


def _amended(order: Order, settings: Settings, wanted: Amendment) -> NewOrder:
    """Return what an order asks for once it is changed; its items are those that stand."""
    positions = [item.position for item in order.standing]
    changes: dict[int, dict[str, Any]] = {}
    for index, each in enumerate(wanted.items):
        if each.position not in positions or each.position in changes:
            raise InvalidField(f"items.{index}.position", NO_SUCH_ITEM)
        changes[each.position] = each.fields
    until = wanted.until if UNTIL in wanted.model_fields_set else service.last_day(order, settings)
    items = [item.specification | changes.get(item.position, {}) for item in order.standing]
    content = {"project": order.project.code, "purpose": order.purpose, "until": until, "items": items}
    try:
        return NewOrder.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise _invalid(positions, first["loc"], fault(first)) from None


def _invalid(positions: Sequence[int], location: Sequence[int | str], found: Text) -> InvalidField:
    """Return the problem with a field of the whole content, named by the item's position."""
    named = [positions[part] if isinstance(part, int) and at == 1 else part for at, part in enumerate(location)]
    field = ".".join(str(part) for at, part in enumerate(named) if at != 2 or part not in KINDS) or "items"
    return InvalidField(field, Text(f"{field}: {found.en}.", f"{field}：{found.zh}。"))


def _rewrite(session: Session, actor: Actor, settings: Settings, order: Order, content: NewOrder) -> None:
    """Give an order its new content: what changes, or refers to what changes, is given back and held anew."""
    items = order.standing
    wanted = dict(zip((item.id for item in items), content.items, strict=True))
    changed = [item for item in items if item.specification != wanted[item.id].model_dump(mode="json")]
    if content.until != service.last_day(order, settings):
        order.expires_at = service.end_of(content.until, settings)
        changed = items
    if not changed:
        raise InvalidField("items", SO_ALREADY)
    project = order.project
    costs = costs_of(session, settings, [KINDS[each.kind].parts(session, project, each) for each in content.items])
    _price(order, items, costs)
    order.digest = service.content_digest(content, costs)
    hold_anew(session, actor, order, {item: wanted[item.id] for item in with_referring(order, changed)})


def wanted_of(item: OrderItem) -> Item:
    """Return what an item asks for, as it was submitted."""
    return ITEM.validate_python(item.specification)


def hold_anew(session: Session, actor: Actor, order: Order, wanted: Mapping[OrderItem, Item]) -> None:
    """Give back what is held for items, and hold what they are to be, in the applicant's name.

    Raises whatever the kinds of the items raise.
    """
    applicant = order.applicant
    grants = grants_of(session, applicant.id)
    holder = Actor(applicant.id, applicant.login, applicant.name, grants, request_id=actor.request_id)
    items = list(wanted)
    for item in from_the_last(items):
        KINDS[item.kind].give_back(session, item)
    for index, specification in after_what_they_refer_to(wanted.values()):
        item = items[index]
        item.specification = specification.model_dump(mode="json")
        with service.naming_item(item.position):
            KINDS[item.kind].hold(session, holder.for_order(order.number), order, item, specification)
    session.flush()
    session.refresh(order)


def _price(order: Order, items: Sequence[OrderItem], costs: Sequence[Cost]) -> None:
    for item, cost in zip(items, costs, strict=True):
        item.costs, item.monthly_cost = [part.model_dump(mode="json") for part in cost.parts], cost.monthly
    order.currency, order.monthly_cost = costs[0].currency, total(cost.monthly for cost in costs)
