"""What a look at a region changes in what is known of its orphans, and the alarm while there are any."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from jinyun.inventory import states
from jinyun.inventory.models import EVIDENCE_LENGTH, Orphan
from jinyun.inventory.ownership import nobodys
from jinyun.kit.texts import Text
from jinyun.operations.alarms import clear_alarm, raise_alarm
from jinyun.providers.base import Marked
from jinyun.regions.models import Region

KEPT = timedelta(days=30)
"""How long what is gone is remembered."""
ALARM_KIND = "orphans"
ALARM = Text(
    "Things in {region} that belong to nobody: {count}; see `jinyun orphan list`",
    "区域 {region} 中有 {count} 个无归属的遗留资源；请用 `jinyun orphan list` 查看",
)


def note_look(
    session: Session, region_id: str, marked: Sequence[Marked], confirm_after: timedelta, now: datetime
) -> int:
    """Note what belongs to nobody of all that bears our tokens; return how many things that are.

    A thing that was found before, `confirm_after` ago or longer, is confirmed; what is not found again is gone. What is
    being cleaned is left to whoever cleans it.
    """
    region = _locked(session, region_id)
    known = {(row.kind, row.external_id): row for row in session.scalars(select(Orphan).filter_by(region_id=region_id))}
    found = 0
    for thing, maker in nobodys(session, region_id, marked):
        found += 1
        orphan = known.pop((thing.kind.value, thing.id), None)
        if orphan is None:
            session.add(_orphan(region_id, thing, maker, now))
        else:
            _seen_again(orphan, thing, confirm_after, now)
    for orphan in known.values():
        if orphan.state != states.CLEANING:
            orphan.state = states.GONE
    session.flush()
    forgotten = (Orphan.region_id == region_id, Orphan.state == states.GONE, Orphan.last_seen_at < now - KEPT)
    session.execute(delete(Orphan).where(*forgotten).execution_options(synchronize_session=False))
    _mind_alarm(session, region, now)
    return found


def note_gone(session: Session, orphan_id: str, now: datetime) -> None:
    """Note that an orphan is no more."""
    region = _locked(session, session.get_one(Orphan, orphan_id).region_id)
    session.get_one(Orphan, orphan_id).state = states.GONE
    _mind_alarm(session, region, now)


def _locked(session: Session, region_id: str) -> Region:
    """Lock the region's row: whoever changes its orphans and their alarm comes one after the other."""
    return session.get_one(Region, region_id, with_for_update=True, populate_existing=True)


def _orphan(region_id: str, thing: Marked, maker: str | None, now: datetime) -> Orphan:
    return Orphan(
        region_id=region_id,
        kind=thing.kind.value,
        external_id=thing.id,
        external_project_id=thing.project_id,
        name=thing.name,
        token=thing.token,
        evidence=thing.evidence[:EVIDENCE_LENGTH],
        operation_id=maker,
        state=states.SEEN,
        made_at=thing.created_at,
        first_seen_at=now,
        last_seen_at=now,
    )


def _seen_again(orphan: Orphan, thing: Marked, confirm_after: timedelta, now: datetime) -> None:
    orphan.evidence, orphan.last_seen_at = thing.evidence[:EVIDENCE_LENGTH], now
    if orphan.state == states.GONE:
        orphan.state, orphan.first_seen_at = states.SEEN, now
    elif orphan.state == states.SEEN and now - orphan.first_seen_at >= confirm_after:
        orphan.state = states.CONFIRMED


def _mind_alarm(session: Session, region: Region, now: datetime) -> None:
    """Raise, correct or clear the region's alarm."""
    waiting = (Orphan.region_id == region.id, Orphan.state.in_([states.CONFIRMED, states.CLEANING]))
    count = session.scalar(select(func.count()).select_from(Orphan).where(*waiting))
    if count:
        raise_alarm(session, ALARM_KIND, region.code, ALARM.format(count=count, region=region.code), now)
    else:
        clear_alarm(session, ALARM_KIND, region.code, now)
