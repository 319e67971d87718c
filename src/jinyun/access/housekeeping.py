"""Forgets what means nothing any more: old counts of failures, ended sessions, single sign-ons that went nowhere."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.lockout import KNOWN_FOR
from jinyun.access.models import FailureCount, PersonSession, SignOn
from jinyun.kit.clock import utc_now

SESSION_KEPT = timedelta(days=30)
"""After its end; who signed in and out when stands in the audit log for longer."""
BATCH = 500


def forget_old(session: Session) -> int:
    """Delete a batch of what is over; return how many rows that were."""
    now = utc_now()
    over = (
        select(FailureCount).where(FailureCount.touched_at < now - KNOWN_FOR),
        select(PersonSession).where(PersonSession.expires_at < now - SESSION_KEPT),
        select(SignOn).where(SignOn.expires_at < now),
    )
    rows = [row for each in over for row in session.scalars(each.limit(BATCH))]
    for row in rows:
        session.delete(row)
    return len(rows)
