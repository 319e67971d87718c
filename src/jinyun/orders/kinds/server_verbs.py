"""What is done to a server that is there, by an order where the policy wants one."""

from typing import Any

from sqlalchemy.orm import Session

from jinyun.kit.actor import Actor
from jinyun.operations.models import OperationRow
from jinyun.orders.kinds.base import HoldsNothing
from jinyun.orders.kinds.living import require_server
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import DetachItem, PowerItem, RebootItem, ReleaseItem
from jinyun.servers import service as servers
from jinyun.servers.models import Server
from jinyun.volumes import service as volumes
from jinyun.volumes.models import Volume

VerbItem = PowerItem | RebootItem | ReleaseItem


class ServerVerbKind(HoldsNothing):
    """A verb that needs nothing but the server, such as its release: nothing is held."""

    def __init__(self, verb: str) -> None:
        self._verb = verb

    def hold(
        self,
        session: Session,
        actor: Actor,
        order: Order,
        item: OrderItem,
        wanted: PowerItem | RebootItem | ReleaseItem,
    ) -> None:
        """Check that there is such a server, and that the verb is possible now."""
        server = require_server(session, order.project_id, wanted.hostname)
        servers.require_state(server, self._verb)
        item.allocation = {"server_id": server.id, "address": server.address}

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say which server, and how."""
        return {**item.specification, "address": item.allocation["address"]}

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Start the operation of the verb."""
        server = session.get_one(Server, item.allocation["server_id"])
        how = {name: value for name, value in item.specification.items() if name not in {"kind", "hostname"}}
        return servers.begin(session, actor, server, self._verb, **how)


class DetachKind(HoldsNothing):
    """A volume that is taken off its server: it stays, and so does what it takes."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: DetachItem) -> None:
        """Check that the volume is on the server."""
        server = require_server(session, order.project_id, wanted.hostname)
        volume = volumes.require(session, order.project_id, wanted.volume_id)
        servers.require_attached(session, server, volume)
        item.allocation = {"server_id": server.id, "volume": volume.name}

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say which volume, and off which server."""
        return {"kind": "detach", "hostname": item.specification["hostname"], "volume": item.allocation["volume"]}

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Start the operation that takes it off."""
        server = session.get_one(Server, item.allocation["server_id"])
        return servers.begin_detach(session, actor, server, session.get_one(Volume, item.specification["volume_id"]))
