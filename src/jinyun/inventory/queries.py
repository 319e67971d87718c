"""Reading orphans."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from jinyun.access.authority import authorise
from jinyun.inventory import states
from jinyun.inventory.models import Orphan
from jinyun.inventory.schemas import OrphanView
from jinyun.kit.actor import Actor
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.regions.service import find_region


def list_orphans(
    session: Session, actor: Actor, page: PageRequest, region: str | None, state: str | None
) -> Page[OrphanView]:
    """Return orphans, the newest first: of one state, or all that are not gone. Raises Forbidden, NotFound."""
    authorise(session, actor, "operation.operate")
    statement = select(Orphan).options(joinedload(Orphan.region))
    statement = statement.where(Orphan.state != states.GONE if state is None else Orphan.state == state)
    if region is not None:
        statement = statement.where(Orphan.region_id == find_region(session, actor, region).id)
    rows, mark = read_page(session, statement, [Orphan.id], page, descending=True)
    return Page(items=[OrphanView.of(row) for row in rows], next=mark)
