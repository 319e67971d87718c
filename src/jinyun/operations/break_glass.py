"""The alarm for local accounts that are used past the company directory."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from jinyun.access.events import BreakGlassUsed
from jinyun.kit.database import database_now
from jinyun.kit.texts import Text
from jinyun.operations.alarms import raise_alarm
from jinyun.operations.models import Alarm

BREAK_GLASS = "break-glass"
SHOWN_FOR = timedelta(days=1)
SUBJECT_LENGTH = 96
USED = Text(
    "{login} signed in from {address} with a local account, past the company directory.",
    "{login} 从 {address} 使用本地账号登录，未经公司目录。",
)


def on_break_glass_used(session: Session, event: BreakGlassUsed) -> None:
    """Raise an alarm, one for each login."""
    text = USED.format(login=event.login, address=event.source_address)
    raise_alarm(session, BREAK_GLASS, event.login[:SUBJECT_LENGTH], text, database_now(session))


def clear_break_glass(session: Session, now: datetime) -> None:
    """Clear the alarms of a day ago: they have been seen by then, and the audit log keeps what happened."""
    old = update(Alarm).where(Alarm.kind == BREAK_GLASS, Alarm.cleared_at.is_(None), Alarm.raised_at <= now - SHOWN_FOR)
    session.execute(old.values(cleared_at=now).execution_options(synchronize_session=False))
