"""Whoever left has no way in any more."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from jinyun.access.models import ApiToken
from jinyun.kit.clock import utc_now
from jinyun.organisation.events import PeopleLeft

BATCH = 500


def on_people_left(session: Session, event: PeopleLeft) -> None:
    """End every token of people who left."""
    for start in range(0, len(event.ids), BATCH):
        theirs = ApiToken.person_id.in_(event.ids[start : start + BATCH])
        ended = update(ApiToken).where(theirs, ApiToken.revoked_at.is_(None)).values(revoked_at=utc_now())
        session.execute(ended.execution_options(synchronize_session=False))
