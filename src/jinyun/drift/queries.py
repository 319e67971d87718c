"""Lists of drifts: a fixed number of queries a page."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from jinyun.access.authority import visible
from jinyun.drift import states
from jinyun.drift.models import Drift
from jinyun.drift.schemas import DriftView
from jinyun.inventory.models import ObservedObject
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.regions.service import find_region
from jinyun.servers.models import Server


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which drifts a list is to show; what is None does not matter."""

    state: str | None = None
    """One state; by default all that is different still."""
    history: bool = False
    """Also what is over."""
    region: str | None = None
    server_id: str | None = None
    field: str | None = None


def list_drifts(session: Session, actor: Actor, page: PageRequest, wanted: Wanted) -> Page[DriftView]:
    """Return what is, or was, different on the servers that the actor may see, the newest first. Raises NotFound."""
    statement = (
        select(Drift)
        .join(Drift.server)
        .where(visible(actor, "server.read", Server.project_id))
        .options(contains_eager(Drift.server).joinedload(Server.project))
        .options(joinedload(Drift.machine).joinedload(ObservedObject.region))
    )
    if wanted.state is not None:
        statement = statement.where(Drift.state == wanted.state)
    elif not wanted.history:
        statement = statement.where(Drift.state.in_(states.STANDING))
    if wanted.region is not None:
        statement = statement.where(Server.region_id == find_region(session, actor, wanted.region).id)
    if wanted.server_id is not None:
        statement = statement.where(Drift.server_id == wanted.server_id)
    if wanted.field is not None:
        statement = statement.where(Drift.field == wanted.field)
    rows, following = read_page(session, statement, [Drift.id], page, descending=True)
    return Page(items=[DriftView.of(row, actor.language) for row in rows], next=following)


def show_drift(session: Session, actor: Actor, drift_id: str) -> DriftView:
    """Return one drift. Raises NotFound."""
    seen = select(Drift).join(Drift.server).where(Drift.id == drift_id)
    drift = session.scalars(seen.where(visible(actor, "server.read", Server.project_id))).one_or_none()
    if drift is None:
        raise NotFound(kind="drift", name=drift_id)
    return DriftView.of(drift, actor.language)
