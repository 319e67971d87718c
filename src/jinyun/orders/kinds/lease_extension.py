"""A longer lease of a server, until the last day that the order names."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.catalog.models import ADDRESS, FLAVOR, TIER
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.orders.costs import Part
from jinyun.orders.errors import LeaseNotLonger
from jinyun.orders.kinds.base import Size
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import LeaseExtensionItem
from jinyun.organisation.models import Project
from jinyun.servers import states
from jinyun.servers.models import Server
from jinyun.servers.steps.leases import ExtendLease


class LeaseExtensionKind:
    """A longer lease: nothing is held; it counts from the moment that it is approved."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: LeaseExtensionItem) -> None:
        """Check that there is a lease that would become longer."""
        server = _server(session, order.project_id, wanted)
        if server is None:
            raise NotFound(field="hostname", kind="server", name=wanted.hostname)
        present = server.expires_at
        if present is None or (order.expires_at is not None and order.expires_at <= present):
            raise LeaseNotLonger(field="hostname", hostname=server.hostname)
        item.allocation = {"server_id": server.id, "present_end": present.isoformat()}

    def parts(self, session: Session, project: Project, wanted: LeaseExtensionItem) -> list[Part]:
        """Return what the server is made of: what it goes on to cost."""
        server = _server(session, project.id, wanted)
        if server is None:
            return []
        volumes = [attachment.volume for attachment in server.attachments]
        of_volumes = [Part(TIER, volume.tier.code, volume.size_gib) for volume in volumes]
        return [Part(FLAVOR, server.flavor.code), Part(ADDRESS), *of_volumes]

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say which server, and until when it has a lease at present."""
        hostname, present = item.specification["hostname"], item.allocation["present_end"]
        return {"kind": "lease-extension", "hostname": hostname, "present_end": present}

    def measure(self, session: Session, item: OrderItem) -> Size:
        """Return nothing: it takes no more than it has."""
        return Size()

    def keep(self, session: Session, item: OrderItem) -> None:
        """Keep nothing."""

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

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Release nothing."""


def _server(session: Session, project_id: str, wanted: LeaseExtensionItem) -> Server | None:
    """Return the application system's living server of this name: there is one at most."""
    living = select(Server).where(Server.hostname == wanted.hostname, Server.state.in_(states.LIVE))
    return session.scalar(living.where(Server.project_id == project_id))
