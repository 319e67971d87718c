"""Making departments and people here what the company directory says: planned whole, held where it is too much."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.connectors.directory import Snapshot
from jinyun.directory.applying import apply
from jinyun.directory.events import DirectoryAnswered, DirectoryFailed, PlanHeld, PlanReleased
from jinyun.directory.known import read_known
from jinyun.directory.lines import keep_lines
from jinyun.directory.models import DirectorySync
from jinyun.directory.plan import Plan, make_plan
from jinyun.directory.states import HELD, IN_STEP, NEVER, PREVIEW, SYNC
from jinyun.kit.database import database_now
from jinyun.kit.events import publish
from jinyun.kit.ids import new_id
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import get_or_add

LEASE = timedelta(seconds=30)
RENEW = timedelta(seconds=5)
"""How old a lease is when it is renewed."""
TOO_MUCH = Text(
    "The directory's newest state would remove {percent} % of the people or departments, more than {cap} %: a security"
    " administrator has to confirm or mend it",
    "目录最新状态将移除 {percent}% 的人员或部门，超过上限 {cap}%，需由安全管理员确认或更正",
)


class LeaseLost(Exception):
    """Another worker watches this directory now."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which conditions a plan is carried out."""

    holder: str
    """The worker; it must hold the lease."""
    cap_percent: float
    automatic: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What a watching worker has to know again and again."""

    mine: bool
    wanted: bool
    """An administrator asked for a new reading, or confirmed a plan."""


def take_lease(session: Session, source: str, holder: str) -> Standing:
    """Become, or stay, the one who watches this directory, unless another is."""
    now = database_now(session)
    row = get_or_add(session, DirectorySync(source=source, state=NEVER, summary={}, requested_mode=SYNC), source)
    if row.holder != holder and row.lease_until is not None and row.lease_until > now:
        return Standing(mine=False, wanted=False)
    row.holder, row.lease_until = holder, now + LEASE
    if row.state == IN_STEP and row.failed_at is None:
        row.succeeded_at = now
    return Standing(mine=True, wanted=_wanted(row))


def look(session: Session, source: str, holder: str) -> Standing | None:
    """Return how it stands; None where the lease is to be renewed."""
    row = session.get(DirectorySync, source)
    if row is None or row.holder != holder or row.lease_until is None:
        return Standing(mine=False, wanted=False)
    if row.lease_until - database_now(session) < LEASE - RENEW:
        return None
    return Standing(mine=True, wanted=_wanted(row))


def give_lease_back(session: Session, source: str, holder: str) -> None:
    """Let another worker watch at once."""
    row = session.get(DirectorySync, source, with_for_update=True)
    if row is not None and row.holder == holder:
        row.holder = row.lease_until = None


def hold_still(session: Session) -> None:
    """Have no directory's state carried out before this transaction ends."""
    session.scalars(select(DirectorySync).order_by(DirectorySync.source).with_for_update()).all()


def synchronise(session: Session, seen: Snapshot, source: str, terms: Terms) -> Plan:
    """Plan what the directory's state means, and carry it out or keep it for an administrator.

    Raises:
        LeaseLost: another worker watches by now.
    """
    row = session.get_one(DirectorySync, source, with_for_update=True, populate_existing=True)
    now = database_now(session)
    if row.holder != terms.holder:
        raise LeaseLost
    plan = make_plan(read_known(session), seen, source, new_id)
    _succeed(session, row)
    if not plan.changes or _may_apply(row, plan, terms):
        if plan.changes:
            apply(session, plan, source)
        _settle(session, row, now)
    else:
        _hold(session, row, plan, terms)
    row.digest, row.summary = plan.digest, asdict(plan.summary)
    row.confirmed_digest = row.requested_at = None
    keep_lines(session, row, plan)
    row.lease_until = database_now(session) + LEASE
    return plan


def fail(session: Session, source: str, holder: str, reason: Text) -> None:
    """Note that the directory cannot be read: whoever is here stays as he is."""
    row = session.get(DirectorySync, source, with_for_update=True)
    if row is None or row.holder != holder:
        return
    row.problem = reason.as_dict()
    if row.failed_at is None:
        row.failed_at = database_now(session)
        publish(session, DirectoryFailed(source, reason))


def row_of(session: Session) -> DirectorySync | None:
    """Return how it stands with the directory; None where none was ever configured."""
    return session.scalar(select(DirectorySync).order_by(DirectorySync.source).limit(1))


def _may_apply(row: DirectorySync, plan: Plan, terms: Terms) -> bool:
    if row.confirmed_digest == plan.digest:
        return True
    asked = row.requested_at is not None
    if asked and row.requested_mode == PREVIEW:
        return False
    return plan.summary.removed_percent <= terms.cap_percent and (terms.automatic or asked)


def _wanted(row: DirectorySync) -> bool:
    return row.requested_at is not None or row.confirmed_digest is not None


def _succeed(session: Session, row: DirectorySync) -> None:
    if row.failed_at is not None:
        publish(session, DirectoryAnswered(row.source))
    row.failed_at = row.problem = None


def _settle(session: Session, row: DirectorySync, now: datetime) -> None:
    if row.state == HELD:
        publish(session, PlanReleased(row.source))
    row.state, row.succeeded_at = IN_STEP, now


def _hold(session: Session, row: DirectorySync, plan: Plan, terms: Terms) -> None:
    percent = plan.summary.removed_percent
    if percent > terms.cap_percent and row.state != HELD:
        publish(session, PlanHeld(row.source, TOO_MUCH.format(percent=percent, cap=terms.cap_percent)))
    row.state = HELD
