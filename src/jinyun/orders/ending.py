"""How an approved order comes to its end."""

from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.kit.actor import platform_for
from jinyun.kit.clock import utc_now
from jinyun.orders import states
from jinyun.orders.models import Order


def settle(session: Session, order: Order) -> None:
    """Derive an approved order's state from its items'; where nothing is to come any more it has ended."""
    order.state = states.order_state([item.state for item in order.standing])
    if order.state in states.OPEN or order.ended_at is not None:
        return
    order.ended_at = utc_now()
    after = {"state": order.state, "problem": next((each.problem for each in order.standing if each.problem), None)}
    acting = platform_for(order.applicant.login, order_number=order.number)
    subject = ("order", order.id, order.number)
    audit.record(session, acting, "order.end", subject, project_id=order.project_id, after=after)
