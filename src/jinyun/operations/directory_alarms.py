"""Alarms about the company directory."""

from sqlalchemy.orm import Session

from jinyun.directory.events import DirectoryAnswered, DirectoryFailed, PlanHeld, PlanReleased
from jinyun.kit.database import database_now
from jinyun.kit.texts import Text
from jinyun.operations.alarms import clear_alarm, raise_alarm

DOWN = "directory-down"
HELD = "directory-held"
CANNOT_READ = Text(
    "The company directory cannot be read; nobody is removed meanwhile: {why}",
    "无法读取企业目录，期间不移除任何人员：{why}",
)


def on_directory_failed(session: Session, event: DirectoryFailed) -> None:
    """Tell operators that the company directory is away."""
    raise_alarm(session, DOWN, event.source, CANNOT_READ.format(why=event.reason), database_now(session))


def on_directory_answered(session: Session, event: DirectoryAnswered) -> None:
    """Clear that alarm: the directory is back."""
    clear_alarm(session, DOWN, event.source, database_now(session))


def on_plan_held(session: Session, event: PlanHeld) -> None:
    """Tell operators that a plan waits for an administrator."""
    raise_alarm(session, HELD, event.source, event.reason, database_now(session))


def on_plan_released(session: Session, event: PlanReleased) -> None:
    """Clear that alarm: nothing waits any more."""
    clear_alarm(session, HELD, event.source, database_now(session))
