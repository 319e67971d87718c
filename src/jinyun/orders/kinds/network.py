"""Networks of an application system, with a prefix out of the bank's plan."""

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from jinyun.kit.actor import Actor
from jinyun.networks import prefixes
from jinyun.networks.delivery import DeliverNetwork
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.orders.costs import Part
from jinyun.orders.kinds.base import Size
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.network_schemas import NetworkItem
from jinyun.organisation.models import Project
from jinyun.regions.models import Region
from jinyun.regions.service import find_region


class NetworkKind:
    """A network: code and prefix are held when it is ordered; it is made when the order is approved."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: NetworkItem) -> None:
        """Take the code, and hold the lowest free prefix."""
        region = find_region(session, actor, wanted.region)
        network, specification = prefixes.hold_network(
            session,
            region,
            order.project_id,
            wanted.code,
            wanted.name or wanted.code,
            wanted.prefix_length,
            wanted.zone,
        )
        item.allocation = {"network_id": network.id, "region_id": region.id, "specification": asdict(specification)}

    def parts(self, session: Session, project: Project, wanted: NetworkItem) -> list[Part]:
        """Return nothing: its addresses cost once something has them."""
        return []

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say where it is and which addresses it has."""
        wanted, held = item.specification, item.allocation["specification"]
        where = {key: wanted[key] for key in ("code", "region", "zone") if wanted.get(key)}
        return {"kind": "network", **where, "cidr": held["cidr"], "gateway": held["gateway"], "dns": list(held["dns"])}

    def measure(self, session: Session, item: OrderItem) -> Size:
        """Return nothing: it takes no capacity."""
        return Size()

    def keep(self, session: Session, item: OrderItem) -> None:
        """Keep nothing: what it holds has no time limit."""

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Start the operation that makes it."""
        held = item.allocation
        return operations.start(
            session,
            actor,
            DeliverNetwork,
            parameters={**held, "project_id": order.project_id},
            subjects=[("network", held["network_id"])],
            project_id=order.project_id,
            subject_name=item.specification["code"],
            backend=session.get_one(Region, held["region_id"]).code,
        )

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Let code and prefix be taken again."""
        prefixes.drop_network(session, item.allocation["network_id"])
