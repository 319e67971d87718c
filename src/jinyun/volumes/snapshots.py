"""What can be done with snapshots of volumes."""

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from jinyun.access.authority import authorise_found, visible
from jinyun.audit import service as audit
from jinyun.kit.actor import PLATFORM, Actor
from jinyun.kit.database import Database, database_now
from jinyun.kit.errors import NotFound
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.operations.service import SubjectBusy
from jinyun.organisation.models import Project
from jinyun.volumes import states
from jinyun.volumes.errors import SnapshotNotReady
from jinyun.volumes.models import Snapshot, Volume
from jinyun.volumes.schemas import SnapshotView
from jinyun.volumes.snapshot_steps import DeleteSnapshot, TakeSnapshot

BATCH = 100


def find(session: Session, actor: Actor, snapshot_id: str, action: str = "volume.read") -> Snapshot:
    """Return a snapshot that `actor` may see and do `action` to. Raises NotFound, Forbidden."""
    snapshot = session.get(Snapshot, snapshot_id)
    if snapshot is None or snapshot.state == states.DELETED:
        raise NotFound(kind="snapshot", name=snapshot_id)
    authorise_found(session, actor, ("volume.read", action), snapshot.project_id, "snapshot", snapshot_id)
    return snapshot


def require(session: Session, project_id: str, snapshot_id: str) -> Snapshot:
    """Return an application system's snapshot that is there. Raises NotFound, SnapshotNotReady."""
    snapshot = session.get(Snapshot, snapshot_id)
    if snapshot is None or snapshot.state == states.DELETED or snapshot.project_id != project_id:
        raise NotFound(field="from_snapshot", kind="snapshot", name=snapshot_id)
    require_available(snapshot)
    return snapshot


def require_available(snapshot: Snapshot) -> None:
    """Raise SnapshotNotReady while a snapshot is being taken."""
    if snapshot.state != states.AVAILABLE:
        raise SnapshotNotReady(name=snapshot.name, state=snapshot.state)


def take(session: Session, actor: Actor, snapshot: Snapshot) -> OperationRow:
    """Have a snapshot taken that was approved; nobody changes its volume meanwhile. Raises SubjectBusy."""
    return _begin(session, actor, snapshot, TakeSnapshot)


def delete(session: Session, actor: Actor, snapshot_id: str) -> OperationRow:
    """Delete a snapshot. Raises NotFound, Forbidden, SnapshotNotReady, SubjectBusy."""
    snapshot = find(session, actor, snapshot_id, "volume.operate")
    require_available(snapshot)
    return _begin(session, actor, snapshot, DeleteSnapshot)


def remove_due(database: Database) -> int:
    """Start the deletion of every snapshot that was to be kept until now; return how many were started."""
    return sum(database.write(partial(_remove_unless_busy, each)) for each in database.read(_over))


def _over(session: Session) -> list[str]:
    over = select(Snapshot.id).where(Snapshot.state == states.AVAILABLE, Snapshot.expires_at <= database_now(session))
    return list(session.scalars(over.order_by(Snapshot.id).limit(BATCH)))


def _remove_unless_busy(snapshot_id: str, session: Session) -> int:
    try:
        with session.begin_nested():
            delete(session, PLATFORM, snapshot_id)
    except (SubjectBusy, SnapshotNotReady, NotFound):
        return 0
    return 1


def list_snapshots(
    session: Session, actor: Actor, page: PageRequest, project: str | None, volume_id: str | None
) -> Page[SnapshotView]:
    """Return the snapshots that `actor` may see; of one application system, or of one volume."""
    statement = (
        select(Snapshot)
        .where(visible(actor, "volume.read", Snapshot.project_id), Snapshot.state != states.DELETED)
        .options(
            joinedload(Snapshot.project),
            joinedload(Snapshot.volume).options(joinedload(Volume.region), joinedload(Volume.tier)),
        )
    )
    if project is not None:
        statement = statement.join(Project, Snapshot.project_id == Project.id).where(Project.code == project)
    if volume_id is not None:
        statement = statement.where(Snapshot.volume_id == volume_id)
    rows, mark = read_page(session, statement, [Snapshot.id], page)
    busy = operations.busy(session, "snapshot", [row.id for row in rows])
    return Page(items=[SnapshotView.of(row, busy.get(row.id)) for row in rows], next=mark)


def show(session: Session, actor: Actor, snapshot_id: str) -> SnapshotView:
    """Return one snapshot. Raises NotFound."""
    snapshot = find(session, actor, snapshot_id)
    return SnapshotView.of(snapshot, operations.busy(session, "snapshot", [snapshot.id]).get(snapshot.id))


def _begin(
    session: Session, actor: Actor, snapshot: Snapshot, recipe: type[TakeSnapshot | DeleteSnapshot]
) -> OperationRow:
    operation = operations.start(
        session,
        actor,
        recipe,
        parameters={"snapshot_id": snapshot.id},
        subjects=[("snapshot", snapshot.id), ("volume", snapshot.volume_id)],
        project_id=snapshot.project_id,
        subject_name=snapshot.name,
        backend=snapshot.volume.region.code,
    )
    subject, after = ("snapshot", snapshot.id, snapshot.name), {"operation_id": operation.id}
    audit.record(session, actor, recipe.kind, subject, project_id=snapshot.project_id, after=after)
    return operation
