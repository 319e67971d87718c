"""What can be done with volumes."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise_found
from jinyun.audit import service as audit
from jinyun.capacity import service as capacity
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.volumes import states
from jinyun.volumes.errors import NotLarger, VolumeHasSnapshots, VolumeInUse, VolumeNotReady
from jinyun.volumes.extending import ExtendVolume, request_for
from jinyun.volumes.models import Snapshot, Volume
from jinyun.volumes.steps import DeleteVolume

OPERATE = "volume.operate"


def find(session: Session, actor: Actor, volume_id: str, action: str = "volume.read") -> Volume:
    """Return a volume that `actor` may see and do `action` to. Raises NotFound, Forbidden."""
    volume = session.get(Volume, volume_id)
    if volume is None or volume.state == states.DELETED:
        raise NotFound(kind="volume", name=volume_id)
    authorise_found(session, actor, ("volume.read", action), volume.project_id, "volume", volume_id)
    return volume


def of_project(session: Session, project_id: str, volume_id: str) -> Volume | None:
    """Return a volume of an application system, if it is there."""
    volume = session.get(Volume, volume_id)
    return volume if volume and volume.state != states.DELETED and volume.project_id == project_id else None


def require(session: Session, project_id: str, volume_id: str) -> Volume:
    """Return a volume of an application system. Raises NotFound."""
    volume = of_project(session, project_id, volume_id)
    if volume is None:
        raise NotFound(field="volume_id", kind="volume", name=volume_id)
    return volume


def require_available(volume: Volume) -> None:
    """Raise VolumeInUse unless the volume exists and is on no server."""
    if volume.state != states.AVAILABLE:
        raise VolumeInUse(name=volume.name, state=volume.state)


def require_no_snapshots(session: Session, volume: Volume) -> None:
    """Raise VolumeHasSnapshots where a volume cannot go because of them."""
    count = session.scalar(
        select(func.count()).where(Snapshot.volume_id == volume.id, Snapshot.state != states.DELETED)
    )
    if count:
        raise VolumeHasSnapshots(name=volume.name, count=count)


def require_ready(volume: Volume) -> None:
    """Raise VolumeNotReady unless the volume exists, on a server or not."""
    if volume.state not in {states.AVAILABLE, states.ATTACHED}:
        raise VolumeNotReady(name=volume.name, state=volume.state)


def require_larger(volume: Volume, size_gib: int) -> None:
    """Raise VolumeNotReady, NotLarger where a volume cannot be given this size."""
    require_ready(volume)
    if size_gib <= volume.size_gib:
        raise NotLarger(field="size_gib", name=volume.name, present=volume.size_gib, wanted=size_gib)


def extend(session: Session, actor: Actor, volume_id: str, size_gib: int) -> OperationRow:
    """Give a volume a larger size; what it takes in addition is held at once.

    Raises:
        NotFound, Forbidden, VolumeNotReady, NotLarger, SubjectBusy, QuotaExceeded.
    """
    return begin_extension(session, actor, find(session, actor, volume_id, OPERATE), size_gib)


def begin_extension(
    session: Session, actor: Actor, volume: Volume, size_gib: int, *, growth: str | None = None
) -> OperationRow:
    """Have a volume given a larger size, as was approved; `growth` is the hold of the difference, if any.

    Raises:
        VolumeNotReady, NotLarger, SubjectBusy; QuotaExceeded: never where the growth was held.
    """
    require_larger(volume, size_gib)
    operation = operations.start(
        session,
        actor,
        ExtendVolume,
        parameters={"volume_id": volume.id, "size_gib": size_gib},
        subjects=[("volume", volume.id)],
        project_id=volume.project_id,
        subject_name=volume.name,
        backend=volume.region.code,
    )
    after = {"operation_id": operation.id, "size_gib": size_gib}
    before = {"size_gib": volume.size_gib}
    subject = ("volume", volume.id, volume.name)
    audit.record(session, actor, "volume.extend", subject, project_id=volume.project_id, before=before, after=after)
    if growth is not None:
        capacity.release(session, growth)
    if volume.hold_id is not None:
        capacity.change(session, volume.hold_id, request_for(volume, size_gib))
    return operation


def delete(session: Session, actor: Actor, volume_id: str) -> OperationRow:
    """Delete a volume and what is on it. Raises NotFound, Forbidden, VolumeInUse, VolumeHasSnapshots, SubjectBusy."""
    volume = find(session, actor, volume_id, OPERATE)
    if volume.state != states.RECYCLED:
        require_available(volume)
    require_no_snapshots(session, volume)
    audit.record(session, actor, "volume.delete", ("volume", volume.id, volume.name), project_id=volume.project_id)
    return operations.start(
        session,
        actor,
        DeleteVolume,
        parameters={"volume_id": volume.id},
        subjects=[("volume", volume.id)],
        project_id=volume.project_id,
        subject_name=volume.name,
        backend=volume.region.code,
    )
