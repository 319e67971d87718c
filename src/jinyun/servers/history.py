"""What was done to a server, by whom, and for which order: a part of the audit log that its readers may see."""

from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.audit.models import AuditRecord
from jinyun.kit.actor import Actor
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.servers.service import find


class EventView(BaseModel):
    """Something that was done to a server."""

    id: str
    at: datetime
    action: str
    person: str = Field(description="Login of whoever did it")
    on_behalf_of: str | None
    order_number: str | None


def list_events(session: Session, actor: Actor, server_id: str, page: PageRequest) -> Page[EventView]:
    """Return what was done to a server, the newest first. Raises NotFound."""
    server = find(session, actor, server_id)
    about = select(AuditRecord).where(AuditRecord.subject_kind == "server", AuditRecord.subject_id == server.id)
    rows, following = read_page(session, about, [AuditRecord.id], page, descending=True)
    return Page(items=[_view(row) for row in rows], next=following)


def _view(row: AuditRecord) -> EventView:
    return EventView(
        id=row.id,
        at=row.at,
        action=row.action,
        person=row.actor_login,
        on_behalf_of=row.on_behalf_of,
        order_number=row.order_number,
    )
