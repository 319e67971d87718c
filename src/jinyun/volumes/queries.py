"""Reading volumes."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from jinyun.access.authority import visible
from jinyun.kit.actor import Actor
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.operations import service as operations
from jinyun.organisation.models import Project
from jinyun.volumes import states
from jinyun.volumes.models import Volume
from jinyun.volumes.schemas import VolumeView
from jinyun.volumes.service import find


def list_volumes(
    session: Session, actor: Actor, page: PageRequest, project: str | None, name: str | None
) -> Page[VolumeView]:
    """Return the volumes that `actor` may see; of one application system, or of one name, where these are given."""
    statement = (
        select(Volume)
        .where(visible(actor, "volume.read", Volume.project_id), Volume.state.in_(states.LIVE))
        .options(joinedload(Volume.project), joinedload(Volume.region), joinedload(Volume.tier))
    )
    if project is not None:
        statement = statement.join(Project, Volume.project_id == Project.id).where(Project.code == project)
    if name is not None:
        statement = statement.where(Volume.name == name)
    rows, mark = read_page(session, statement, [Volume.id], page)
    busy = operations.busy(session, "volume", [row.id for row in rows])
    return Page(items=[VolumeView.of(row, busy.get(row.id)) for row in rows], next=mark)


def show_volume(session: Session, actor: Actor, volume_id: str) -> VolumeView:
    """Return one volume. Raises NotFound."""
    volume = find(session, actor, volume_id)
    return VolumeView.of(volume, operations.busy(session, "volume", [volume.id]).get(volume.id))
