"""Items of an order that refer to others of it: they are delivered after what they refer to, or not at all."""

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.kit.actor import Actor
from jinyun.kit.database import Database
from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text
from jinyun.operations.service import SubjectBusy
from jinyun.orders import states
from jinyun.orders.ending import settle
from jinyun.orders.kinds.registry import KINDS
from jinyun.orders.links import from_the_first, referred
from jinyun.orders.models import Order, OrderItem
from jinyun.organisation.models import Person

NOT_DELIVERED = Text("What it refers to was not delivered.", "其引用的订单项未能交付。")
PROBLEM = {"code": "reference-not-delivered"} | NOT_DELIVERED.as_dict()
BATCH = 100


def begin(session: Session, order: Order) -> None:
    """Have what was approved delivered; what refers to something waits for it."""
    for item in order.standing:
        if not referred(order.items, item):
            _deliver(session, order, item)
        else:
            _wait(session, item)
    settle(session, order)


def go_on(session: Session, order: Order) -> None:
    """Have those delivered that waited for what is there now; those that wait in vain fail."""
    for item in from_the_first(order.items):
        awaited = {each.state for each in referred(order.items, item)}
        if item.state != states.WAITING:
            continue
        if awaited <= {states.DELIVERED}:
            _deliver(session, order, item)
        elif states.FAILED in awaited:
            KINDS[item.kind].give_back(session, item)
            item.state, item.problem = states.FAILED, PROBLEM
    settle(session, order)


def go_on_due(database: Database) -> None:
    """Try again what waits because somebody was at its server."""
    waiting = select(OrderItem.order_id).where(OrderItem.state == states.WAITING).distinct().limit(BATCH)
    for order_id in database.read(lambda session: list(session.scalars(waiting))):
        database.write(partial(_again, order_id))


def _again(order_id: str, session: Session) -> None:
    go_on(session, session.get_one(Order, order_id, with_for_update=True, populate_existing=True))


def _deliver(session: Session, order: Order, item: OrderItem) -> None:
    applicant = session.get_one(Person, order.applicant_id)
    requester = Actor(applicant.id, applicant.login, applicant.name, order_number=order.number)
    try:
        with session.begin_nested():
            operation = KINDS[item.kind].deliver(session, requester, order, item)
    except SubjectBusy:  # an approval does not fail because somebody is at the thing just now
        _wait(session, item)
    except Problem as problem:  # the thing became another one since it was ordered
        KINDS[item.kind].give_back(session, item)
        item.state, item.problem = states.FAILED, {"code": problem.code} | problem.explanation().as_dict()
    else:
        item.operation_id, item.state = operation.id, states.DELIVERING


def _wait(session: Session, item: OrderItem) -> None:
    KINDS[item.kind].keep(session, item)
    item.state = states.WAITING
