"""Giving a server back: into the recycle bin, by an order that is approved."""

from typing import Any

from sqlalchemy.orm import Session

from jinyun.kit.actor import Actor
from jinyun.operations.models import OperationRow
from jinyun.orders.kinds.base import HoldsNothing
from jinyun.orders.kinds.living import require_server
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import ReleaseItem
from jinyun.servers import service as servers
from jinyun.servers.models import Server


class ReleaseKind(HoldsNothing):
    """A server that is given back: nothing is held, and it can be restored for as long as it lies in the bin."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: ReleaseItem) -> None:
        """Check that there is such a server, and that it can be given back."""
        server = require_server(session, order.project_id, wanted.hostname)
        servers.require_state(server, "delete")
        item.allocation = {"server_id": server.id, "address": server.address}

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say which server."""
        return {"kind": "release", "hostname": item.specification["hostname"], "address": item.allocation["address"]}

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Start the operation that puts it into the recycle bin."""
        return servers.release(session, actor, session.get_one(Server, item.allocation["server_id"]))
