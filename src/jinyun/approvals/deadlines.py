"""Due times: a reminder, then whoever is above decides, or the request expires; by the database's clock."""

from functools import partial

from sqlalchemy import JSON, or_, select
from sqlalchemy.orm import Session

from jinyun.approvals.calendar_days import working_time
from jinyun.approvals.course import Move
from jinyun.approvals.models import Chain, Stage
from jinyun.approvals.records import lock_chain, proceed
from jinyun.approvals.rules import Due
from jinyun.approvals.states import ESCALATE, EXPIRE, PENDING, REMIND
from jinyun.approvals.successors import hand_on
from jinyun.kit.actor import PLATFORM
from jinyun.kit.database import Database, database_now
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.organisation.calendar import WorkingTime

ESCALATED = Text("Manager of {former}, who did not decide in time", "{former} 未在期限内审批，由其上级审批")
BATCH = 200


def keep_deadlines(settings: Settings, database: Database) -> int:
    """Do what is due on chains until nothing is; return how many chains that were."""
    kept = 0
    calendar = database.read(lambda session: working_time(session, settings))
    while chains := database.read(_due):
        for chain_id in chains:
            database.write(partial(_keep, chain_id, calendar))
        kept += len(chains)
    return kept


def _due(session: Session) -> list[str]:
    now = database_now(session)
    overdue = or_(Stage.due_at.is_(None), Stage.remind_at <= now, Stage.due_at <= now)
    stages = select(Stage.chain_id).join(Chain).where(Stage.state == PENDING, Stage.due != JSON.NULL, overdue)
    return list(session.scalars(stages.order_by(Stage.chain_id).limit(BATCH)))


def _keep(chain_id: str, calendar: WorkingTime, session: Session) -> None:
    """Set a stage's times where it has none yet, else do what they ask for."""
    chain = lock_chain(session, chain_id)
    stage = next((each for each in chain.stages if each.state == PENDING), None)
    if stage is None or stage.due is None:
        return
    due, now = Due.model_validate(stage.due), database_now(session)
    if stage.due_at is None:
        _set_times(stage, due, calendar)
    elif stage.due_at <= now:
        if due.then == "expire":
            proceed(session, PLATFORM, chain, Move(EXPIRE), "expired")
        else:
            _escalate(session, chain, stage)
            stage.begun_at = now
            _set_times(stage, due, calendar)
    elif stage.remind_at is not None and stage.remind_at <= now:
        proceed(session, PLATFORM, chain, Move(REMIND))
        stage.remind_at = None


def _set_times(stage: Stage, due: Due, calendar: WorkingTime) -> None:
    if stage.begun_at is not None:
        stage.due_at = calendar.after(stage.begun_at, due.hours)
        stage.remind_at = calendar.after(stage.begun_at, due.remind_after) if due.remind_after else None


def _escalate(session: Session, chain: Chain, stage: Stage) -> None:
    """Ask whoever is above each one who has not decided; nobody is above a queue, which is reminded."""
    late = [each for each in stage.assignments if each.state == PENDING]
    for assignment in late:
        if assignment.person_id is not None:
            hand_on(session, chain, assignment, ESCALATE, ESCALATED)
    if all(each.person_id is None for each in late):
        proceed(session, PLATFORM, chain, Move(REMIND))
