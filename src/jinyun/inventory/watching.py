"""Which worker watches what is in a region, and how that stands: one at a time, by a lease."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from jinyun.inventory.models import EstateReading
from jinyun.kit.database import database_now
from jinyun.kit.uniqueness import get_or_add
from jinyun.providers.errors import BackendError

LEASE = timedelta(seconds=30)
RENEW = timedelta(seconds=5)
"""How old a lease is when it is renewed."""
WORDS_LENGTH = 2000


class LeaseLost(Exception):
    """Another worker watches this region now."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a watching worker has to know again and again."""

    mine: bool
    wanted: bool = False
    """Somebody asked for everything to be read anew."""


def take_lease(session: Session, region_id: str, holder: str) -> Standing:
    """Become, or stay, the one who watches this region, unless another is."""
    now = database_now(session)
    row = get_or_add(session, EstateReading(region_id=region_id, unreadable={}), region_id)
    if row.holder != holder and row.lease_until is not None and row.lease_until > now:
        return Standing(mine=False)
    row.holder, row.lease_until = holder, now + LEASE
    return Standing(mine=True, wanted=row.requested_at is not None)


def look(session: Session, region_id: str, holder: str) -> Standing | None:
    """Return how it stands; None where the lease is to be renewed."""
    row = session.get(EstateReading, region_id)
    if row is None or row.holder != holder or row.lease_until is None:
        return Standing(mine=False)
    if row.lease_until - database_now(session) < LEASE - RENEW:
        return None
    return Standing(mine=True, wanted=row.requested_at is not None)


def stay_current(session: Session, region_id: str, holder: str) -> Standing:
    """Renew the lease of a watch that missed nothing until now. Raises LeaseLost."""
    row = held(session, region_id, holder)
    row.current_at = database_now(session)
    return Standing(mine=True, wanted=row.requested_at is not None)


def held(session: Session, region_id: str, holder: str) -> EstateReading:
    """Return how it stands, locked and with the lease renewed, for a write of the one who watches. Raises LeaseLost."""
    row = session.get(EstateReading, region_id, with_for_update=True, populate_existing=True)
    if row is None or row.holder != holder:
        raise LeaseLost
    row.lease_until = database_now(session) + LEASE
    return row


def note_whole(
    session: Session, row: EstateReading, installation: str, unreadable: Mapping[str, int], since: datetime
) -> None:
    """Note that everything was read to the end; whoever asked for it before it began has it."""
    row.installation, row.unreadable = installation, dict(unreadable)
    row.read_at = row.current_at = database_now(session)
    row.failed_at = row.problem = None
    if row.requested_at is not None and row.requested_at <= since:
        row.requested_at = None


def fail(session: Session, region_id: str, holder: str, error: BackendError) -> None:
    """Note that the region cannot be watched: what was observed stays, and grows old."""
    row = session.get(EstateReading, region_id, with_for_update=True)
    if row is None or row.holder != holder:
        return
    row.problem = {"code": error.code, **error.explanation().as_dict(), "words": error.words[:WORDS_LENGTH]}
    row.failed_at = row.failed_at or database_now(session)


def give_lease_back(session: Session, region_id: str, holder: str) -> None:
    """Let another worker watch at once."""
    row = session.get(EstateReading, region_id, with_for_update=True)
    if row is not None and row.holder == holder:
        row.holder = row.lease_until = None
