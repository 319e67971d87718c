"""What would come of an order: it is submitted in a transaction that is never committed; every rule has its say."""

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from jinyun.approvals import queries as approval_queries
from jinyun.approvals.schemas import ChainView
from jinyun.kit.actor import Actor
from jinyun.kit.settings import Settings
from jinyun.orders import service as orders
from jinyun.orders.schemas import NewOrder, OrderView

NUMBER = "preview"


class PreviewView(BaseModel):
    """An order as it would be if it were submitted now; its number and ids mean nothing."""

    order: OrderView
    chain: ChainView | None = Field(description="Who would be asked, and why; null where nobody is")


def preview(session: Session, actor: Actor, settings: Settings, wanted: NewOrder) -> PreviewView:
    """Submit an order and show it; for a transaction that is rolled back. Raises what submitting raises."""
    order = orders.submit(session, actor, settings, wanted, NUMBER)
    session.flush()
    shown = OrderView.of(order, actor.language)
    if order.chain_id is None:
        return PreviewView(order=shown, chain=None)
    chain = approval_queries.chain_with_history(session, actor, order.chain_id)
    return PreviewView(order=shown, chain=ChainView.of(chain, actor.language))
