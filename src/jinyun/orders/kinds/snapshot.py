"""Snapshots of volumes."""

from typing import Any

from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.catalog.models import TIER
from jinyun.kit.actor import Actor
from jinyun.kit.ids import new_id
from jinyun.operations.models import OperationRow
from jinyun.orders.costs import Part
from jinyun.orders.kinds.base import HOLDER, Size
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import SnapshotItem
from jinyun.organisation.models import Project
from jinyun.volumes import service as volumes
from jinyun.volumes import snapshots, states
from jinyun.volumes.extending import request_for
from jinyun.volumes.models import Snapshot, Volume
from jinyun.volumes.snapshot_steps import forget_snapshot


class SnapshotKind:
    """A snapshot: it counts like a volume of its size, from when it is ordered until it is deleted."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: SnapshotItem) -> None:
        """Check the volume, and hold as much of its tier as it has."""
        volume = volumes.require(session, order.project_id, wanted.volume_id)
        volumes.require_ready(volume)
        request = request_for(volume, volume.size_gib)
        hold = capacity.place_and_hold(session, actor, request, holder=(HOLDER, item.id), expires_at=order.held_until)
        item.allocation = {
            "snapshot_id": new_id(),
            "hold_id": hold.id,
            "volume": volume.name,
            "tier": volume.tier.code,
            "size_gib": volume.size_gib,
        }

    def parts(self, session: Session, project: Project, wanted: SnapshotItem) -> list[Part]:
        """Return its GiB."""
        volume = volumes.of_project(session, project.id, wanted.volume_id)
        return [Part(TIER, volume.tier.code, volume.size_gib)] if volume else []

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say of which volume, and how large."""
        held = item.allocation
        kept = {key: held[key] for key in ("volume", "tier", "size_gib")}
        return {"kind": "snapshot", "name": item.specification["name"], **kept}

    def measure(self, session: Session, item: OrderItem) -> Size:
        """Return its size."""
        return Size(storage_gib=item.allocation["size_gib"])

    def keep(self, session: Session, item: OrderItem) -> None:
        """Keep the storage."""
        capacity.confirm(session, item.allocation["hold_id"])

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Make the snapshot's row, of what the volume is now, and have it taken."""
        held = item.allocation
        volume = session.get_one(Volume, item.specification["volume_id"])
        volumes.require_ready(volume)
        capacity.confirm(session, held["hold_id"])
        if volume.size_gib != held["size_gib"]:  # it grew since it was ordered
            capacity.change(session, held["hold_id"], request_for(volume, volume.size_gib))
        snapshot = Snapshot(
            id=held["snapshot_id"],
            project_id=order.project_id,
            volume_id=volume.id,
            name=item.specification["name"],
            size_gib=volume.size_gib,
            state=states.BUILDING,
            hold_id=held["hold_id"],
            expires_at=order.expires_at,
        )
        session.add(snapshot)
        session.flush()
        return snapshots.take(session, actor, snapshot)

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Release the storage, and forget the snapshot where its row was made."""
        if session.get(Snapshot, item.allocation["snapshot_id"]) is not None:
            forget_snapshot(session, item.allocation["snapshot_id"])
        else:
            capacity.release(session, item.allocation["hold_id"])
