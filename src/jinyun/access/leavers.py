"""Whoever left has no way in any more."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from jinyun.access.models import ApiToken, PersonSession
from jinyun.kit.clock import utc_now
from jinyun.organisation.events import PeopleLeft

BATCH = 500


def on_people_left(session: Session, event: PeopleLeft) -> None:
    """End every session and every token of people who left."""
    now = utc_now()
    for start in range(0, len(event.ids), BATCH):
        some = event.ids[start : start + BATCH]
        tokens = update(ApiToken).where(ApiToken.person_id.in_(some), ApiToken.revoked_at.is_(None))
        sessions = update(PersonSession).where(PersonSession.person_id.in_(some), PersonSession.ended_at.is_(None))
        for ended in (tokens.values(revoked_at=now, taken_name=None), sessions.values(ended_at=now)):
            session.execute(ended.execution_options(synchronize_session=False))
