"""Alarms: raised once for a thing, cleared when it is over."""

from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from jinyun.kit.texts import Text
from jinyun.operations.models import Alarm


def is_raised(session: Session, kind: str, subject: str) -> bool:
    """Tell whether an alarm of a kind about a thing stands."""
    return session.scalar(select(Alarm.id).where(*_standing(kind, subject)).limit(1)) is not None


def raise_alarm(session: Session, kind: str, subject: str, text: Text, now: datetime) -> None:
    """Raise an alarm of a kind about a thing; where one stands already, its text is brought up to date."""
    standing = session.scalar(select(Alarm).where(*_standing(kind, subject)).limit(1))
    if standing is None:
        session.add(Alarm(kind=kind, subject=subject, text=text.as_dict(), raised_at=now))
    elif standing.text != text.as_dict():
        standing.text = text.as_dict()


def clear_alarm(session: Session, kind: str, subject: str, now: datetime) -> None:
    """Clear the alarm of a kind about a thing, where one stands."""
    raised = update(Alarm).where(*_standing(kind, subject)).values(cleared_at=now)
    session.execute(raised.execution_options(synchronize_session=False))


def _standing(kind: str, subject: str) -> tuple[ColumnElement[bool], ...]:
    return Alarm.kind == kind, Alarm.subject == subject, Alarm.cleared_at.is_(None)
