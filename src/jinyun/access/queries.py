"""Lists of one's ways in: a fixed number of queries a page."""

from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jinyun.access.models import ApiToken, PersonSession
from jinyun.access.schemas import OpenSessionView, TokenView
from jinyun.access.sessions import WEB, require_session
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.kit.settings import Settings


def list_sessions(session: Session, actor: Actor, page: PageRequest, settings: Settings) -> Page[OpenSessionView]:
    """Return the actor's open sessions, the newest first.

    Raises:
        SessionNeeded: he came by a token.
    """
    current = require_session(actor).id
    now = utc_now()
    awake = or_(
        PersonSession.kind != WEB, PersonSession.last_seen_at > now - timedelta(minutes=settings.session_idle_minutes)
    )
    own = select(PersonSession).where(
        PersonSession.person_id == actor.person_id,
        PersonSession.ended_at.is_(None),
        PersonSession.expires_at > now,
        awake,
    )
    rows, following = read_page(session, own, [PersonSession.id], page, descending=True)
    return Page(items=[OpenSessionView.of(row, current) for row in rows], next=following)


def list_tokens(session: Session, person_id: str, page: PageRequest) -> Page[TokenView]:
    """Return a person's living tokens, the newest first; whoever asks has been checked."""
    living = select(ApiToken).where(
        ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > utc_now()
    )
    rows, following = read_page(session, living, [ApiToken.id], page, descending=True)
    return Page(items=[TokenView.of(row) for row in rows], next=following)
