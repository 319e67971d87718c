"""A longer lease of a server or a volume, until the last day that the order names."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from jinyun.catalog.models import ADDRESS, FLAVOR, TIER
from jinyun.kit.actor import Actor
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.orders.costs import Part
from jinyun.orders.errors import LeaseNotLonger
from jinyun.orders.kinds.base import HoldsNothing
from jinyun.orders.kinds.living import find_server, require_server
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import LeaseExtensionItem
from jinyun.organisation.models import Project
from jinyun.servers.models import Server
from jinyun.servers.steps.leases import ExtendLease
from jinyun.volumes import service as volumes
from jinyun.volumes.models import Volume


class LeaseExtensionKind(HoldsNothing):
    """A longer lease: nothing is held; it counts from the moment that it is approved."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: LeaseExtensionItem) -> None:
        """Check that there is a lease that would become longer."""
        leased = _required(session, order.project_id, wanted)
        name, present = _name(leased), leased.expires_at
        if present is None or (order.expires_at is not None and order.expires_at <= present):
            field = "hostname" if isinstance(leased, Server) else "volume_id"
            raise LeaseNotLonger(field=field, name=name)
        kind = "server_id" if isinstance(leased, Server) else "volume_id"
        item.allocation = {kind: leased.id, "name": name, "present_end": present.isoformat()}

    def parts(self, session: Session, project: Project, wanted: LeaseExtensionItem) -> list[Part]:
        """Return what the server is made of, or the volume: what it goes on to cost."""
        if wanted.volume_id is not None:
            volume = volumes.of_project(session, project.id, wanted.volume_id)
            return _of_volumes([volume] if volume else [])
        server = find_server(session, project.id, str(wanted.hostname))
        if server is None:
            return []
        on_it = _of_volumes([attachment.volume for attachment in server.attachments])
        flavor = [Part(FLAVOR, server.flavor.code)] if server.flavor else []
        return [*flavor, Part(ADDRESS), *on_it]

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say which server or volume, and until when it has a lease at present."""
        held = item.allocation
        named = {"hostname": held["name"]} if "server_id" in held else {"volume": held["name"]}
        return {"kind": "lease-extension", **named, "present_end": held["present_end"]}

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Start the operation that writes the new end down; it takes the thing from nobody."""
        held = item.allocation
        return operations.start(
            session,
            actor,
            ExtendLease,
            parameters={
                **{key: held[key] for key in ("server_id", "volume_id") if key in held},
                "expires_at": order.expires_at.isoformat() if order.expires_at else None,
            },
            subjects=[],
            project_id=order.project_id,
            subject_name=held["name"],
        )


def _required(session: Session, project_id: str, wanted: LeaseExtensionItem) -> Server | Volume:
    if wanted.volume_id is not None:
        return volumes.require(session, project_id, wanted.volume_id)
    return require_server(session, project_id, str(wanted.hostname))


def _name(leased: Server | Volume) -> str:
    return leased.hostname if isinstance(leased, Server) else leased.name


def _of_volumes(volumes: Sequence[Volume]) -> list[Part]:
    return [Part(TIER, volume.tier.code, volume.size_gib) for volume in volumes]
