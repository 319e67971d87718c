"""What can be done about orphans: look for them, and have one removed."""

from datetime import timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.inventory import states
from jinyun.inventory.models import Orphan
from jinyun.inventory.ownership import volume_of
from jinyun.inventory.steps import CleanOrphan, FindOrphans
from jinyun.kit.actor import PLATFORM, Actor
from jinyun.kit.database import Database
from jinyun.kit.errors import NotFound, Problem
from jinyun.kit.texts import Text
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.operations.service import SubjectBusy
from jinyun.providers.base import MarkedKind
from jinyun.regions.models import Region
from jinyun.regions.service import find_region
from jinyun.regions.states import READY

FIND_EVERY = timedelta(minutes=10)


class OrphanNotConfirmed(Problem):
    """Only what was found twice may be removed, and only once."""

    status = 409
    detail = Text(
        "The orphan is {state}; only a confirmed one can be removed.",
        "该遗留资源的状态为 {state}，仅已确认的才能清除。",
    )
    hint = Text(
        "Look again some minutes after it was first seen: `jinyun region find-orphans`.",
        "请在首次发现几分钟后再次查找：`jinyun region find-orphans`。",
    )


def find_orphans(session: Session, actor: Actor, code: str) -> OperationRow:
    """Set out to look for orphans in a region. Raises Forbidden, NotFound, SubjectBusy."""
    authorise(session, actor, "operation.operate")
    return _start_look(session, actor, find_region(session, actor, code))


def find_due(database: Database) -> int:
    """Set out to look in each region that answers and that nobody is looking at; return how many."""
    ready = select(Region.id).where(Region.state == READY).order_by(Region.id)
    started = 0
    for region_id in database.read(lambda session: list(session.scalars(ready))):
        try:
            database.write(partial(_start_by_id, region_id))
        except SubjectBusy:
            continue
        started += 1
    return started


def clean(session: Session, actor: Actor, orphan_id: str) -> OperationRow:
    """Have a confirmed orphan removed; it is looked at once more right before.

    Raises:
        Forbidden, NotFound: he may not, or there is none.
        OrphanNotConfirmed: it was seen only once, is being removed, or is gone.
        SubjectBusy: an operation is at its volume.
    """
    authorise(session, actor, "operation.operate")
    orphan = session.get(Orphan, orphan_id, with_for_update=True, populate_existing=True)
    if orphan is None:
        raise NotFound(kind="orphan", name=orphan_id)
    if orphan.state != states.CONFIRMED:
        raise OrphanNotConfirmed(state=orphan.state)
    orphan.state = states.CLEANING
    after = {"kind": orphan.kind, "external_id": orphan.external_id, "evidence": orphan.evidence, "mark": orphan.token}
    audit.record(session, actor, "orphan.clean", ("orphan", orphan.id, orphan.name), after=after)
    return operations.start(
        session,
        actor,
        CleanOrphan,
        parameters={"orphan_id": orphan.id},
        subjects=[("orphan", orphan.id), *_volume_at_fault(session, orphan)],
        subject_name=orphan.name or orphan.external_id,
        backend=orphan.region.code,
    )


def _volume_at_fault(session: Session, orphan: Orphan) -> list[tuple[str, str]]:
    """Name the volume that stays when what is wrong with it is removed: nobody else may be at it meanwhile."""
    if orphan.kind not in {MarkedKind.ATTACHMENT, MarkedKind.RESERVATION}:
        return []
    volume = volume_of(session, orphan.region_id, orphan.external_id)
    return [] if volume is None else [("volume", volume.id)]


def _start_by_id(region_id: str, session: Session) -> None:
    _start_look(session, PLATFORM, session.get_one(Region, region_id))


def _start_look(session: Session, actor: Actor, region: Region) -> OperationRow:
    return operations.start(
        session,
        actor,
        FindOrphans,
        parameters={"region_id": region.id},
        subjects=[("search for orphans", region.id)],
        subject_name=region.code,
        backend=region.code,
    )
