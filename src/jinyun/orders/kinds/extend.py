"""A larger size for a volume that is there."""

from typing import Any

from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.catalog.models import TIER
from jinyun.kit.actor import Actor
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.orders.costs import Part
from jinyun.orders.kinds.base import HOLDER, Size
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import ExtendItem
from jinyun.organisation.models import Project
from jinyun.volumes import service as volumes
from jinyun.volumes.extending import request_for
from jinyun.volumes.models import Volume


class ExtendKind:
    """A larger size: what it takes in addition is held when it is ordered; what it has stays its own."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: ExtendItem) -> None:
        """Check that the volume can have the size, and hold the difference."""
        volume = volumes.require(session, order.project_id, wanted.volume_id)
        volumes.require_larger(volume, wanted.size_gib)
        operations.require_free(session, ("volume", volume.id))
        growth = capacity.hold_growth(
            session,
            actor,
            volume.hold_id or "",
            request_for(volume, wanted.size_gib),
            holder=(HOLDER, item.id),
            expires_at=order.held_until,
        )
        item.allocation = {
            "hold_id": growth.id,
            "volume": volume.name,
            "tier": volume.tier.code,
            "present_gib": volume.size_gib,
        }

    def parts(self, session: Session, project: Project, wanted: ExtendItem) -> list[Part]:
        """Return the GiB that come to those it has."""
        volume = volumes.of_project(session, project.id, wanted.volume_id)
        return [Part(TIER, volume.tier.code, wanted.size_gib - volume.size_gib)] if volume else []

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say which volume, and from what to what."""
        held = item.allocation
        size = f"{held['present_gib']} → {item.specification['size_gib']}"
        return {"kind": "extend", "volume": held["volume"], "tier": held["tier"], "size_gib": size}

    def measure(self, session: Session, item: OrderItem) -> Size:
        """Return its size to be: rules look at what the volume will be."""
        return Size(storage_gib=item.specification["size_gib"])

    def keep(self, session: Session, item: OrderItem) -> None:
        """Keep the difference."""
        capacity.confirm(session, item.allocation["hold_id"])

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Start the extension; the difference goes over to what the volume has."""
        volume = session.get_one(Volume, item.specification["volume_id"])
        size_gib, growth = item.specification["size_gib"], item.allocation["hold_id"]
        return volumes.begin_extension(session, actor, volume, size_gib, growth=growth)

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Release the difference; where the extension had begun, it is gone already."""
        capacity.release(session, item.allocation["hold_id"])
