"""What operators do with an operation that stopped and asks for them: retry, skip a step, or undo from here."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.kit.actor import Actor
from jinyun.kit.database import database_now
from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text
from jinyun.operations import lanes, states
from jinyun.operations.models import OperationRow, OperationStep
from jinyun.operations.service import direction, go_on, locked, note

SKIPPED = Text("{login} took this step on himself: {reason}", "{login} 已自行处理该步骤：{reason}")


class NothingToDecide(Problem):
    """Only what stopped for an operator waits for his decision."""

    status = 409
    detail = Text(
        "The operation is {state}; only one that needs an operator waits for a decision.",
        "操作状态为 {state}，仅“需要运维处理”的操作等待处理决定。",
    )
    hint = Text("Wait: it goes on by itself.", "请等待，它会自行继续。")


def retry(session: Session, actor: Actor, operation_id: str) -> OperationRow:
    """Let it go on where it stopped. Raises NotFound, Forbidden, NothingToDecide, OperationNotActive."""
    operation, step = _stopped(session, actor, operation_id)
    step.failures, step.deadline_at = 0, None
    go_on(session, operation, direction(session, operation))
    note(session, actor, operation, "operation.retry")
    return operation


def skip(session: Session, actor: Actor, operation_id: str, reason: str) -> OperationRow:
    """Go on as if the step where it stopped were done (or undone): the operator has seen to it. Raises as `retry`."""
    operation, step = _stopped(session, actor, operation_id)
    heading, now = direction(session, operation), database_now(session)
    lanes.leave(session, step, now)
    step.state, step.ended_at = states.STEP_SKIPPED, now
    step.progress = SKIPPED.format(login=actor.login, reason=reason).as_dict()
    if heading == states.RUNNING:
        operation.position += 1
    go_on(session, operation, heading)
    note(session, actor, operation, "operation.skip", reason)
    return operation


def undo(session: Session, actor: Actor, operation_id: str, reason: str) -> OperationRow:
    """Undo from here, also beyond the point of no return: the operator has looked. Raises as `retry`."""
    operation, step = _stopped(session, actor, operation_id)
    step.failures, step.deadline_at = 0, None
    go_on(session, operation, states.UNDOING)
    note(session, actor, operation, "operation.undo", reason)
    return operation


def _stopped(session: Session, actor: Actor, operation_id: str) -> tuple[OperationRow, OperationStep]:
    operation = locked(session, actor, operation_id, "operation.operate")
    if operation.state != states.NEEDS_OPERATOR:
        raise NothingToDecide(state=operation.state)
    of_operation = select(OperationStep).filter_by(operation_id=operation.id).order_by(OperationStep.position)
    steps = list(session.scalars(of_operation))
    return operation, steps[min(operation.position, len(steps) - 1)]
