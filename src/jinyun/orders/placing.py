"""Choosing by hand where what was ordered will be: what is asked for stays the same, and so does every yes."""

from typing import Any

from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.approvals import service as approvals
from jinyun.audit import service as audit
from jinyun.capacity.models import Hold
from jinyun.kit.actor import Actor
from jinyun.kit.errors import InvalidField
from jinyun.kit.texts import Text
from jinyun.orders import service, states
from jinyun.orders.amending import hold_anew, wanted_of
from jinyun.orders.changing import require_asked
from jinyun.orders.errors import OrderNotPending
from jinyun.orders.links import with_referring
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import Placing

NO_PLACE = Text("The order has no item there that takes a place.", "订单中没有该位置的、需要分配资源池的订单项。")


def place(session: Session, actor: Actor, order_id: str, wanted: Placing) -> Order:
    """Have an item held in another pool, on a host, in another network or at another address; yeses stand.

    For an administrator who is asked to decide on the order now. Where it cannot be held so, nothing is changed.

    Raises:
        NotFound: he may not see it.
        Forbidden, NotAsked, OrderNotPending.
        Problem: InvalidField, and whatever the item's kind raises.
    """
    found = service.find(session, actor, order_id)
    authorise(session, actor, "order.place", found.project_id)
    actor = actor.for_order(found.number)
    chain = approvals.locked_current_chain(session, service.SUBJECT, order_id)
    order = service.locked(session, order_id)
    item = _item(order, wanted.position)
    if order.state != states.PENDING_APPROVAL or chain is None:
        raise OrderNotPending(number=order.number, state=order.state)
    require_asked(session, actor, order, chain)
    before = _where(item)
    item.allocation = item.allocation | {"placing": _placing(session, item, wanted)}
    hold_anew(session, actor, order, {each: wanted_of(each) for each in with_referring(order, [item])})
    order.chain_id = approvals.renew(session, actor, chain, service.approval_request(session, order), wanted.comment).id
    after = {**_where(item), "comment": wanted.comment}
    subject = service.subject(order)
    audit.record(session, actor, "order.place", subject, project_id=order.project_id, before=before, after=after)
    return order


def _item(order: Order, position: int) -> OrderItem:
    placed = (each for each in order.standing if each.position == position and "placement" in each.allocation)
    item = next(placed, None)
    if item is None:
        raise InvalidField("position", NO_PLACE)
    return item


def _placing(session: Session, item: OrderItem, wanted: Placing) -> dict[str, Any]:
    """Return what was chosen by hand, before and now; what is not named stays where it is."""
    chosen = wanted.model_dump(include={"pool_id", "host", "network", "address"}, exclude_none=True)
    former = dict(item.allocation.get("placing", {}))
    if "pool_id" in chosen or "host" in chosen:
        former.pop("host", None)
        former.pop("pool_id", None)
    elif "network" not in chosen:
        former["pool_id"] = session.get_one(Hold, item.allocation["hold_id"]).pool_id
    if "network" in chosen:
        former.pop("address", None)
    return former | chosen


def _where(item: OrderItem) -> dict[str, Any]:
    held = item.allocation
    return {
        "position": item.position,
        "pool": held["placement"]["chosen"]["pool"],
        "host": held.get("placing", {}).get("host"),
        "network": held.get("network"),
        "address": held["address"],
    }
