"""Routers and floating addresses."""

from typing import Any

from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.capacity.request import PlacementRequest
from jinyun.catalog.models import ADDRESS
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.kit.ids import new_id
from jinyun.networks import routers
from jinyun.networks import service as networks
from jinyun.networks.errors import NetworkNotExternal, NetworkNotReady
from jinyun.networks.models import Network, Router
from jinyun.networks.states import EXTERNAL, READY, TENANT
from jinyun.operations.models import OperationRow
from jinyun.orders.costs import Part
from jinyun.orders.kinds.base import HOLDER, HoldsNothing
from jinyun.orders.links import sibling
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.network_schemas import FloatingAddressItem, RouterItem
from jinyun.organisation.models import Project
from jinyun.servers import floating, states
from jinyun.servers.errors import ServerElsewhere
from jinyun.servers.models import FloatingAddress
from jinyun.servers.steps.floating import DeliverFloating, drop


class RouterKind(HoldsNothing):
    """A router: its code and its networks' only place are taken when it is ordered."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: RouterItem) -> None:
        """Check that the networks are the application system's own and in one region, and join them in the plan."""
        joined = [_own_network(session, actor, order, code) for code in dict.fromkeys(wanted.networks)]
        external = external_network(session, actor, wanted.external) if wanted.external else None
        region_ids = {network.region_id for network in (*joined, *([external] if external else []))}
        if len(region_ids) > 1:
            raise NotFound(field="networks", kind="network", name=", ".join(wanted.networks))
        router = routers.add_router(session, wanted.code, region_ids.pop(), order.project_id, joined, external)
        item.allocation = {"router_id": router.id}

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say what it joins."""
        return {"kind": "router"} | {key: item.specification[key] for key in ("code", "networks", "external")}

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Start the operation that makes it."""
        router = session.get_one(Router, item.allocation["router_id"])
        return routers.start(session, actor, routers.DeliverRouter, router)

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Let its code be taken again, and its networks be joined by others."""
        routers.drop_router(session, item.allocation["router_id"])


class FloatingAddressKind(HoldsNothing):
    """A floating address: held, and counted, when it is ordered; taken in the region when the order is approved."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: FloatingAddressItem) -> None:
        """Count it, hold it, and find the server that it shall answer for."""
        network = external_network(session, actor, wanted.network)
        server_id = _server_id(session, order, wanted, network.region_id) if wanted.attach_to else None
        request = PlacementRequest(order.project, servers=0, addresses=1, region_id=network.region_id)
        hold = capacity.place_and_hold(session, actor, request, holder=(HOLDER, item.id), expires_at=order.held_until)
        address = networks.allocate(session, network.id, (HOLDER, item.id), wanted.address)
        item.allocation = {
            "floating_id": new_id(),
            "hold_id": hold.id,
            "address_id": address.id,
            "address": address.address,
            "network_id": network.id,
            "region_id": network.region_id,
            "server_id": server_id,
        }

    def parts(self, session: Session, project: Project, wanted: FloatingAddressItem) -> list[Part]:
        """Return one address."""
        return [Part(ADDRESS)]

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say which address, and for whom."""
        wanted = item.specification
        known = {key: wanted[key] for key in ("network", "attach_to") if wanted.get(key)}
        return {"kind": "floating-address", **known, "address": item.allocation["address"]}

    def keep(self, session: Session, item: OrderItem) -> None:
        """Keep it without a time limit."""
        capacity.confirm(session, item.allocation["hold_id"])

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Write the address down, and start the operation that takes it."""
        held = item.allocation
        capacity.confirm(session, held["hold_id"])
        row = FloatingAddress(
            id=held["floating_id"],
            project_id=order.project_id,
            region_id=held["region_id"],
            network_id=held["network_id"],
            address_id=held["address_id"],
            address=held["address"],
            hold_id=held["hold_id"],
            state=states.BUILDING,
        )
        session.add(row)
        session.flush()
        return floating.start(session, actor, DeliverFloating, row, held["server_id"])

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Release address and quota."""
        held = item.allocation
        if session.get(FloatingAddress, held["floating_id"]) is not None:
            drop(session, held["floating_id"])
        else:
            capacity.release(session, held["hold_id"])
            networks.release(session, held["address_id"])


def external_network(session: Session, actor: Actor, code: str) -> Network:
    """Return a network that leads outside. Raises NotFound, NetworkNotExternal."""
    network = networks.find_network(session, actor, code)
    if network.kind != EXTERNAL:
        raise NetworkNotExternal(field="network", network=code)
    return network


def _own_network(session: Session, actor: Actor, order: Order, code: str) -> Network:
    ordered = sibling(order, "network", code)
    if ordered is not None:
        return session.get_one(Network, ordered.allocation["network_id"])
    network = networks.find_network(session, actor, code)
    if network.project_id != order.project_id or network.kind != TENANT:
        raise NotFound(field="networks", kind="network", name=code)
    if network.state != READY:
        raise NetworkNotReady(network=code, state=network.state)
    return network


def _server_id(session: Session, order: Order, wanted: FloatingAddressItem, region_id: str) -> str:
    """Return the id of the server, of the same order or one that is there."""
    ordered = sibling(order, "server", wanted.attach_to)
    if ordered is None:
        return floating.server_for(session, order.project_id, region_id, str(wanted.attach_to)).id
    network = session.get_one(Network, ordered.allocation["network_id"])
    if network.region_id != region_id:
        raise ServerElsewhere(field="attach_to", hostname=wanted.attach_to)
    server_id: str = ordered.allocation["server_id"]
    return server_id
