"""Giving a server back: into the recycle bin, by an order that is approved."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.operations.models import OperationRow
from jinyun.orders.costs import Part
from jinyun.orders.kinds.base import Size
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import ReleaseItem
from jinyun.organisation.models import Project
from jinyun.servers import service as servers
from jinyun.servers import states
from jinyun.servers.models import Server


class ReleaseKind:
    """A server that is given back: nothing is held, and it can be restored for as long as it lies in the bin."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: ReleaseItem) -> None:
        """Check that there is such a server, and that it can be given back."""
        living = select(Server).where(Server.hostname == wanted.hostname, Server.state.in_(states.LIVE))
        server = session.scalar(living.where(Server.project_id == order.project_id))
        if server is None:
            raise NotFound(field="hostname", kind="server", name=wanted.hostname)
        servers.require_state(server, "delete")
        item.allocation = {"server_id": server.id, "address": server.address}

    def parts(self, session: Session, project: Project, wanted: ReleaseItem) -> list[Part]:
        """Return nothing: it costs nothing to give something back."""
        return []

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say which server."""
        return {"kind": "release", "hostname": item.specification["hostname"], "address": item.allocation["address"]}

    def measure(self, session: Session, item: OrderItem) -> Size:
        """Return nothing: it takes nothing."""
        return Size()

    def keep(self, session: Session, item: OrderItem) -> None:
        """Keep nothing."""

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Start the operation that puts it into the recycle bin."""
        return servers.release(session, actor, session.get_one(Server, item.allocation["server_id"]))

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Release nothing."""
