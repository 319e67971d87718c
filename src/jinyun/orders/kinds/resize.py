"""Another flavor for a server that is there."""

from typing import Any

from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.catalog import service as catalog
from jinyun.catalog.models import FLAVOR, Flavor
from jinyun.kit.actor import Actor
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.orders.costs import Part
from jinyun.orders.kinds.base import HOLDER, Size
from jinyun.orders.kinds.living import find_server, require_server
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import ResizeItem
from jinyun.organisation.models import Project
from jinyun.servers import service as servers
from jinyun.servers import sizes
from jinyun.servers.models import Server


class ResizeKind:
    """Another flavor: what a larger one takes in addition is held when it is ordered; what it has stays its own."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: ResizeItem) -> None:
        """Check that the server can have the flavor, and hold the difference in the pool where it is."""
        server = require_server(session, order.project_id, wanted.hostname)
        flavor = servers.flavor_to_be(session, server, wanted.flavor)
        operations.require_free(session, ("server", server.id))
        present, wished = server.size, sizes.wanted(server, flavor)
        request = sizes.as_counted(session, server, present, wished)
        growth = capacity.hold_growth(
            session, actor, server.hold_id, request, holder=(HOLDER, item.id), expires_at=order.held_until
        )
        item.allocation = {
            "server_id": server.id,
            "hold_id": growth.id,
            "flavor_id": flavor.id,
            "present": server.flavor.code if server.flavor else "custom",
            "change": {
                "vcpus": [present.vcpus, wished.vcpus],
                "memory_mib": [present.memory_mib, wished.memory_mib],
                "disk_gib": [present.disk_gib, wished.disk_gib],
            },
            "pool": server.pool.name if server.pool else None,
            "pool_id": server.pool_id,
        }

    def parts(self, session: Session, project: Project, wanted: ResizeItem) -> list[Part]:
        """Return the new flavor less the present one: what the server costs more from then on."""
        server = find_server(session, project.id, wanted.hostname)
        if server is None:
            return []
        present = [Part(FLAVOR, server.flavor.code, -1)] if server.flavor else []
        return [Part(FLAVOR, wanted.flavor), *present]

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say which server, from what to what, and where the difference is held."""
        held = item.allocation
        return {
            "kind": "resize",
            "hostname": item.specification["hostname"],
            "flavor": f"{held['present']} → {item.specification['flavor']}",
            **{name: f"{before} → {after}" for name, (before, after) in held["change"].items()},
            "pool": held["pool"],
        }

    def measure(self, session: Session, item: OrderItem) -> Size:
        """Return the size of the new flavor: rules look at what the server will be."""
        held = item.allocation.get("flavor_id")
        flavor = (
            session.get_one(Flavor, held) if held else catalog.flavor_by_code(session, item.specification["flavor"])
        )
        return Size(flavor.vcpus, flavor.memory_mib, flavor.disk_gib)

    def keep(self, session: Session, item: OrderItem) -> None:
        """Keep the difference."""
        capacity.confirm(session, item.allocation["hold_id"])

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Start the resize; the difference goes over to what the server has."""
        held = item.allocation
        server = session.get_one(Server, held["server_id"])
        flavor = servers.flavor_to_be(session, server, item.specification["flavor"])
        return servers.begin_resize(session, actor, server, flavor, growth=held["hold_id"])

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Release the difference; where the resize had begun, it is gone already."""
        capacity.release(session, item.allocation["hold_id"])
