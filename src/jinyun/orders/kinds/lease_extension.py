"""A longer lease of a server, until the last day that the order names."""

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
from jinyun.servers.steps.leases import ExtendLease


class LeaseExtensionKind(HoldsNothing):
    """A longer lease: nothing is held; it counts from the moment that it is approved."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: LeaseExtensionItem) -> None:
        """Check that there is a lease that would become longer."""
        server = require_server(session, order.project_id, wanted.hostname)
        present = server.expires_at
        if present is None or (order.expires_at is not None and order.expires_at <= present):
            raise LeaseNotLonger(field="hostname", hostname=server.hostname)
        item.allocation = {"server_id": server.id, "present_end": present.isoformat()}

    def parts(self, session: Session, project: Project, wanted: LeaseExtensionItem) -> list[Part]:
        """Return what the server is made of: what it goes on to cost."""
        server = find_server(session, project.id, wanted.hostname)
        if server is None:
            return []
        volumes = [attachment.volume for attachment in server.attachments]
        of_volumes = [Part(TIER, volume.tier.code, volume.size_gib) for volume in volumes]
        return [Part(FLAVOR, server.flavor.code), Part(ADDRESS), *of_volumes]

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say which server, and until when it has a lease at present."""
        hostname, present = item.specification["hostname"], item.allocation["present_end"]
        return {"kind": "lease-extension", "hostname": hostname, "present_end": present}

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Start the operation that writes the new end down; it takes the server from nobody."""
        return operations.start(
            session,
            actor,
            ExtendLease,
            parameters={
                "server_id": item.allocation["server_id"],
                "expires_at": order.expires_at.isoformat() if order.expires_at else None,
            },
            subjects=[],
            project_id=order.project_id,
            subject_name=item.specification["hostname"],
        )
