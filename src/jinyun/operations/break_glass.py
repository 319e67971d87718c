"""Alarms for what goes past the usual: local accounts beside the directory, an administrator made on the host."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from jinyun.access.events import AdministratorRecovered, BreakGlassUsed
from jinyun.kit.database import database_now
from jinyun.kit.texts import Text
from jinyun.operations.alarms import raise_alarm
from jinyun.operations.models import Alarm

BREAK_GLASS = "break-glass"
RECOVERED = "administrator-recovered"
SHOWN_FOR = timedelta(days=1)
SUBJECT_LENGTH = 96
USED = Text(
    "{login} signed in from {address} with a local account, past the company directory.",
    "{login} 从 {address} 使用本地账号登录，未经公司目录。",
)
MADE_ON_HOST = Text(
    "{account} made {login} a security administrator on the host: there was none left.",
    "已无安全管理员，{account} 在主机上任命 {login} 为安全管理员。",
)


def on_break_glass_used(session: Session, event: BreakGlassUsed) -> None:
    """Raise an alarm, one for each login."""
    text = USED.format(login=event.login, address=event.source_address)
    raise_alarm(session, BREAK_GLASS, event.login[:SUBJECT_LENGTH], text, database_now(session))


def on_administrator_recovered(session: Session, event: AdministratorRecovered) -> None:
    """Raise an alarm for an administrator whom root made on the host."""
    text = MADE_ON_HOST.format(account=event.account, login=event.login)
    raise_alarm(session, RECOVERED, event.login[:SUBJECT_LENGTH], text, database_now(session))


def clear_break_glass(session: Session, now: datetime) -> None:
    """Clear the alarms of a day ago: they have been seen by then, and the audit log keeps what happened."""
    kinds = (BREAK_GLASS, RECOVERED)
    old = update(Alarm).where(Alarm.kind.in_(kinds), Alarm.cleared_at.is_(None), Alarm.raised_at <= now - SHOWN_FOR)
    session.execute(old.values(cleared_at=now).execution_options(synchronize_session=False))
