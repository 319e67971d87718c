"""What can be done with volumes."""

from sqlalchemy.orm import Session

from jinyun.access.authority import authorise_found
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound, Problem
from jinyun.kit.texts import Text
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.volumes import states
from jinyun.volumes.models import Volume
from jinyun.volumes.steps import DeleteVolume


class VolumeInUse(Problem):
    """It is on a server."""

    status = 409
    detail = Text(
        "Volume {name} is {state}; only an available one can be used so.",
        "卷 {name} 的状态为 {state}，仅可用状态的卷才能执行此操作。",
    )
    hint = Text("Detach it first, or wait until it is made.", "请先卸载该卷，或等待其创建完成。")


def find(session: Session, actor: Actor, volume_id: str, action: str = "volume.read") -> Volume:
    """Return a volume that `actor` may see and do `action` to. Raises NotFound, Forbidden."""
    volume = session.get(Volume, volume_id)
    if volume is None or volume.state == states.DELETED:
        raise NotFound(kind="volume", name=volume_id)
    authorise_found(session, actor, ("volume.read", action), volume.project_id, "volume", volume_id)
    return volume


def require(session: Session, project_id: str, volume_id: str) -> Volume:
    """Return a volume of an application system. Raises NotFound."""
    volume = session.get(Volume, volume_id)
    if volume is None or volume.state == states.DELETED or volume.project_id != project_id:
        raise NotFound(field="volume_id", kind="volume", name=volume_id)
    return volume


def require_available(volume: Volume) -> None:
    """Raise VolumeInUse unless the volume exists and is on no server."""
    if volume.state != states.AVAILABLE:
        raise VolumeInUse(name=volume.name, state=volume.state)


def delete(session: Session, actor: Actor, volume_id: str) -> OperationRow:
    """Delete a volume and what is on it. Raises NotFound, Forbidden, VolumeInUse, SubjectBusy."""
    volume = find(session, actor, volume_id, "volume.operate")
    require_available(volume)
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
