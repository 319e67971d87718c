"""The recycle bin of volumes: where a lease ends, from where its owner brings it back, and what goes for good."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.kit.actor import PLATFORM, Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database, database_now
from jinyun.operations import service as operations
from jinyun.operations.service import SubjectBusy
from jinyun.volumes import states
from jinyun.volumes.errors import VolumeHasSnapshots, VolumeLeaseOver, VolumeNotRecycled
from jinyun.volumes.models import Volume
from jinyun.volumes.service import OPERATE, delete, find, require_available

BATCH = 100


def lease_is_over(volume: Volume, now: datetime) -> bool:
    """Tell whether a volume's lease is over."""
    return volume.expires_at is not None and volume.expires_at <= now


def recycle(session: Session, actor: Actor, volume: Volume, days: int) -> None:
    """Put a volume into the recycle bin for so many days: nothing is done to it. Raises VolumeInUse, SubjectBusy."""
    require_available(volume)
    operations.require_free(session, ("volume", volume.id))
    volume.state, volume.purge_at = states.RECYCLED, utc_now() + timedelta(days=days)
    _note(session, actor, "volume.recycle", volume)


def restore(session: Session, actor: Actor, volume_id: str) -> Volume:
    """Take a volume out of the recycle bin.

    Raises:
        NotFound, Forbidden, VolumeNotRecycled, SubjectBusy: it is being deleted.
        VolumeLeaseOver: it would be back a minute later.
    """
    volume = find(session, actor, volume_id, OPERATE)
    session.refresh(volume, with_for_update=True)
    if volume.state != states.RECYCLED:
        raise VolumeNotRecycled(name=volume.name, state=volume.state)
    operations.require_free(session, ("volume", volume.id))
    if lease_is_over(volume, database_now(session)):
        raise VolumeLeaseOver(name=volume.name)
    volume.state, volume.purge_at = states.AVAILABLE, None
    _note(session, actor, "volume.restore", volume)
    return volume


def purge_due(database: Database) -> int:
    """Start the deletion of every recycled volume whose time is over; return how many were started."""

    def due(session: Session) -> list[str]:
        over = select(Volume.id).where(Volume.state == states.RECYCLED, Volume.purge_at <= database_now(session))
        return list(session.scalars(over.limit(BATCH)))

    return sum(database.write(partial(_purge, volume_id)) for volume_id in database.read(due))


def _purge(volume_id: str, session: Session) -> int:
    """Have a volume deleted unless somebody is at it, or snapshots need it: then the next time."""
    try:
        with session.begin_nested():
            delete(session, PLATFORM, volume_id)
    except (SubjectBusy, VolumeHasSnapshots):
        return 0
    return 1


def _note(session: Session, actor: Actor, action: str, volume: Volume) -> None:
    audit.record(session, actor, action, ("volume", volume.id, volume.name), project_id=volume.project_id)
