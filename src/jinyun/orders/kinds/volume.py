"""Volumes, by themselves or with a server."""

from typing import Any

from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.capacity.request import PlacementRequest
from jinyun.catalog import service as catalog
from jinyun.catalog.models import TIER
from jinyun.kit.actor import Actor
from jinyun.kit.ids import new_id
from jinyun.networks.models import Network
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.orders.costs import Part
from jinyun.orders.kinds.base import HOLDER, Size
from jinyun.orders.links import sibling
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import VolumeItem
from jinyun.organisation.models import Project
from jinyun.regions.models import Region
from jinyun.regions.service import find_region
from jinyun.servers import service as servers
from jinyun.servers.errors import VolumeElsewhere
from jinyun.servers.models import Server
from jinyun.volumes import snapshots, states
from jinyun.volumes.errors import SnapshotDoesNotFit
from jinyun.volumes.models import Volume
from jinyun.volumes.steps import DeliverVolume, forget


class VolumeKind:
    """A volume: its storage is held when it is ordered; it is made when the order is approved."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: VolumeItem) -> None:
        """Check the volume and hold storage for it."""
        region = find_region(session, actor, wanted.region)
        if wanted.attach_to is not None:
            _require_same_region(session, order, wanted, region)
        item.allocation = hold_volume(
            session, actor, order, item, region.id, name=wanted.name, tier=wanted.tier, size_gib=wanted.size_gib
        )
        if wanted.from_snapshot is not None:
            _require_fitting(session, order, wanted)
            item.allocation["snapshot_id"] = wanted.from_snapshot

    def parts(self, session: Session, project: Project, wanted: VolumeItem) -> list[Part]:
        """Return its GiB."""
        return [Part(TIER, wanted.tier, wanted.size_gib)]

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say what it is and where it will be."""
        wanted = item.specification
        keys = ("kind", "name", "region", "tier", "size_gib", "attach_to", "from_snapshot")
        return {key: wanted[key] for key in keys if wanted.get(key) is not None}

    def measure(self, session: Session, item: OrderItem) -> Size:
        """Return its size."""
        return Size(storage_gib=item.allocation["size_gib"])

    def keep(self, session: Session, item: OrderItem) -> None:
        """Keep the storage."""
        capacity.confirm(session, item.allocation["hold_id"])

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Make the volume's row, and start the delivery: onto its server, where it was ordered with one."""
        origin = item.allocation.get("snapshot_id")
        if origin is not None:
            snapshots.require(session, order.project_id, origin)
        volume = add_volume(session, order, item.allocation["region_id"], item.allocation)
        if item.specification.get("attach_to") is not None:
            session.flush()
            held = _server_held(order, item.specification["attach_to"])
            server = session.get_one(Server, held["server_id"])
            return servers.deliver_volume(session, actor, server, volume)
        return operations.start(
            session,
            actor,
            DeliverVolume,
            parameters={"volume_id": volume.id},
            subjects=[("volume", volume.id)],
            shared=[("snapshot", origin)] if origin else [],
            project_id=order.project_id,
            subject_name=volume.name,
            backend=session.get_one(Region, volume.region_id).code,
        )

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Release the storage."""
        give_volume_back(session, item.allocation)


def _server_held(order: Order, hostname: str) -> dict[str, Any]:
    """Return what is held for the server of the order that a volume is for; the schema has seen that there is one."""
    item = sibling(order, "server", hostname)
    return item.allocation if item else {}


def _require_same_region(session: Session, order: Order, wanted: VolumeItem, region: Region) -> None:
    held = _server_held(order, str(wanted.attach_to))
    if session.get_one(Network, held["network_id"]).region_id != region.id:
        raise VolumeElsewhere(field="attach_to", volume=wanted.name, hostname=wanted.attach_to)


def _require_fitting(session: Session, order: Order, wanted: VolumeItem) -> None:
    """Raise NotFound, SnapshotNotReady, SnapshotDoesNotFit where a volume cannot begin with a snapshot."""
    snapshot = snapshots.require(session, order.project_id, wanted.from_snapshot or "")
    origin = snapshot.volume
    same_place = (origin.region.code, origin.tier.code) == (wanted.region, wanted.tier)
    if not same_place or wanted.size_gib < snapshot.size_gib:
        raise SnapshotDoesNotFit(
            field="from_snapshot",
            name=snapshot.name,
            size=snapshot.size_gib,
            tier=origin.tier.code,
            region=origin.region.code,
        )


def hold_volume(
    session: Session,
    actor: Actor,
    order: Order,
    item: OrderItem,
    region_id: str,
    *,
    name: str,
    tier: str,
    size_gib: int,
) -> dict[str, Any]:
    """Hold storage for one volume of an item, and return what will be needed to make it."""
    row = catalog.tier_by_code(session, tier)
    catalog.external_tier_id(session, row.id, region_id)
    request = PlacementRequest(order.project, servers=0, tiers={tier: size_gib}, region_id=region_id)
    hold = capacity.place_and_hold(session, actor, request, holder=(HOLDER, item.id), expires_at=order.held_until)
    return {
        "volume_id": new_id(),
        "hold_id": hold.id,
        "region_id": region_id,
        "tier_id": row.id,
        "tier": tier,
        "name": name,
        "size_gib": size_gib,
    }


def give_volume_back(session: Session, held: dict[str, Any]) -> None:
    """Release what `hold_volume` held, and forget the volume where `add_volume` made its row."""
    if session.get(Volume, held["volume_id"]) is not None:
        forget(session, held["volume_id"])
    else:
        capacity.release(session, held["hold_id"])


def add_volume(session: Session, order: Order, region_id: str, held: dict[str, Any]) -> Volume:
    """Make the row of a volume that `hold_volume` held storage for; from now on the hold does not expire."""
    capacity.confirm(session, held["hold_id"])
    volume = Volume(
        id=held["volume_id"],
        project_id=order.project_id,
        region_id=region_id,
        tier_id=held["tier_id"],
        name=held["name"],
        size_gib=held["size_gib"],
        state=states.BUILDING,
        hold_id=held["hold_id"],
        snapshot_id=held.get("snapshot_id"),
        expires_at=order.expires_at,
    )
    session.add(volume)
    return volume
