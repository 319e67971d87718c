"""Orders on which nobody decided in time, whether or not they hold something."""

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.approvals import service as approvals
from jinyun.audit import service as audit
from jinyun.capacity.events import HoldExpired
from jinyun.kit.actor import platform_for
from jinyun.kit.database import Database, database_now
from jinyun.orders import service, states
from jinyun.orders.kinds.base import HOLDER
from jinyun.orders.models import Order, OrderItem

BATCH = 100


def on_hold_expired(session: Session, event: HoldExpired) -> None:
    """Let the whole order go of which something is not held any more."""
    item = session.get(OrderItem, event.holder_id) if event.holder_kind == HOLDER else None
    if item is not None:
        _expire(session, service.locked(session, item.order_id))


def expire_due(database: Database) -> int:
    """Let go of orders that wait too long, those that hold nothing too; return how many were looked at."""
    late = database.read(_late)
    for order_id in late:
        database.write(partial(_expire_late, order_id))
    return len(late)


def _late(session: Session) -> list[str]:
    late = select(Order.id).where(Order.state.in_(states.UNDECIDED), Order.held_until <= database_now(session))
    return list(session.scalars(late.order_by(Order.id).limit(BATCH)))


def _expire_late(order_id: str, session: Session) -> None:
    order = service.locked(session, order_id)
    if order.held_until <= database_now(session):
        _expire(session, order)


def _expire(session: Session, order: Order) -> None:
    if order.state not in states.UNDECIDED:
        return
    acting = platform_for(order.applicant.login, order_number=order.number)
    chain = approvals.current_chain(session, service.SUBJECT, order.id)
    if chain is not None:
        approvals.withdraw(session, acting, chain, "expired")
    service.let_go(session, order, states.EXPIRED)
    audit.record(session, acting, "order.expire", service.subject(order), project_id=order.project_id)
