"""What can be done with operations: start, cancel, retry. Running them is the worker's business."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise_found
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.database import database_now
from jinyun.kit.errors import NotFound, Problem
from jinyun.kit.ids import new_id
from jinyun.kit.texts import Text
from jinyun.operations import states
from jinyun.operations.definition import Operation, handler
from jinyun.operations.models import OperationRow, OperationStep
from jinyun.operations.subjects import Subject, held, holder, share, take

NEW_STEPS = insert(cast("Table", OperationStep.__table__))


class SubjectBusy(Problem):
    """Another operation has the thing."""

    status = 409
    detail = Text(
        "This {kind} is busy: operation {operation} ({operation_id}), requested by {login}, has not ended.",
        "该{kind}正被占用：由 {login} 发起的操作 {operation}（{operation_id}）尚未结束。",
    )
    hint = Text("Wait until it ends, or cancel it.", "请等待其结束，或取消该操作。")


class OperationNotActive(Problem):
    """It has ended already."""

    status = 409
    detail = Text("The operation has ended: {state}.", "该操作已结束：{state}。")
    hint = Text("Nothing needs to be done.", "无需处理。")


class CannotCancel(Problem):
    """It is being undone."""

    status = 409
    detail = Text("The operation is being undone already.", "该操作正在撤销。")
    hint = Text("Wait until it ends.", "请等待其结束。")


def start(
    session: Session,
    actor: Actor,
    recipe: type[Operation],
    *,
    parameters: dict[str, Any],
    subjects: Sequence[Subject],
    shared: Sequence[Subject] = (),
    project_id: str | None = None,
    subject_name: str = "",
    backend: str | None = None,
    weight: float = 1.0,
) -> OperationRow:
    """Write the plan of an operation down; a worker begins it once this transaction is committed.

    Authority is the caller's business: he knows what the operation does.

    Args:
        subjects: what it must have for itself.
        shared: what it may have together with others that share it; nobody has it for himself meanwhile.

    Raises:
        SubjectBusy: an active operation has one of the subjects.
    """
    operation_id = new_id()
    steps = _plan(recipe, operation_id, parameters)
    operation = OperationRow(
        id=operation_id,
        kind=recipe.kind,
        state=states.PENDING,
        project_id=project_id,
        subject_name=subject_name,
        parameters=parameters,
        requested_by=actor.person_id,
        requested_login=actor.login,
        request_id=actor.request_id,
        order_number=actor.order_number,
        backend=backend,
        weight=weight,
        handler=steps[0]["handler"],
        wake_at=database_now(session),
    )
    session.add(operation)
    session.flush()
    session.execute(NEW_STEPS, steps)
    wanted = dict.fromkeys(shared, share) | dict.fromkeys(subjects, take)
    for subject in sorted(wanted):
        _reserve(session, operation.id, subject, wanted[subject])
    return operation


def cancel(session: Session, actor: Actor, operation_id: str) -> OperationRow:
    """Ask an operation to stop and undo what it did; it is asked before its next call.

    Raises:
        NotFound, Forbidden: he may not see or not cancel it.
        OperationNotActive, CannotCancel: it has ended or is going back already.
    """
    operation = locked(session, actor, operation_id, "operation.cancel")
    if operation.state == states.UNDOING:
        raise CannotCancel
    operation.cancel_requested = True
    if operation.state == states.NEEDS_OPERATOR:
        go_on(session, operation, direction(session, operation))
    if operation.worker_id is None:
        operation.wake_at = database_now(session)
    note(session, actor, operation, "operation.cancel")
    return operation


def find(session: Session, actor: Actor, operation_id: str, action: str = "operation.read") -> OperationRow:
    """Return an operation that `actor` may see and do `action` to. Raises NotFound, Forbidden."""
    operation = session.get(OperationRow, operation_id)
    if operation is None:
        raise NotFound(kind="operation", name=operation_id)
    authorise_found(session, actor, ("operation.read", action), operation.project_id, "operation", operation_id)
    return operation


def busy(session: Session, kind: str, subject_ids: Iterable[str]) -> dict[str, str]:
    """Return which of these things an active operation has, as subject id → operation id."""
    return held(session, kind, subject_ids)


def require_free(session: Session, subject: Subject) -> None:
    """Raise SubjectBusy where an active operation has a thing at this moment."""
    present = holder(session, subject)
    if present is not None:
        raise _busy(subject, present)


def _plan(recipe: type[Operation], operation_id: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of the steps."""
    rows: list[dict[str, Any]] = []
    for step in recipe.steps:
        keys: Sequence[str | None] = [None] if step.each is None else list(step.each(parameters))
        for key in keys:
            row = {
                "id": new_id(),
                "operation_id": operation_id,
                "position": len(rows),
                "name": step.name if key is None else f"{step.name}:{key}",
                "handler": handler(recipe.kind, step.name),
                "key": key,
                "lane": None if step.lane is None else step.lane(parameters, key),
                "state": states.STEP_PENDING,
            }
            rows.append(row)
    if not rows:
        raise ValueError(f"{recipe.kind}: nothing to do")
    return rows


def _reserve(
    session: Session, operation_id: str, subject: Subject, have: Callable[[Session, str, Subject], bool]
) -> None:
    if not have(session, operation_id, subject):
        raise _busy(subject, holder(session, subject))


def _busy(subject: Subject, present: OperationRow | None) -> SubjectBusy:
    return SubjectBusy(
        kind=subject[0],
        operation=present.kind if present else "?",
        operation_id=present.id if present else "?",
        login=present.requested_login if present else "?",
    )


def locked(session: Session, actor: Actor, operation_id: str, action: str) -> OperationRow:
    """Return an operation that has not ended, locked. Raises NotFound, Forbidden, OperationNotActive."""
    find(session, actor, operation_id, action)
    operation = session.get_one(OperationRow, operation_id, with_for_update=True, populate_existing=True)
    if operation.state in states.ENDED:
        raise OperationNotActive(state=operation.state)
    return operation


def direction(session: Session, operation: OperationRow) -> str:
    """An operation that had begun to go back goes on going back."""
    gone_back = select(OperationStep.id).where(
        OperationStep.operation_id == operation.id,
        OperationStep.state.in_([states.STEP_FAILED, states.STEP_UNDOING, states.STEP_UNDONE]),
    )
    return states.UNDOING if session.scalar(gone_back.limit(1)) else states.RUNNING


def go_on(session: Session, operation: OperationRow, heading: str) -> None:
    """Let what stopped go on; on its way back it tells again why it went back, and no more what stopped it there."""
    why_back = (operation.problem or {}).get("cause", operation.problem)
    operation.state, operation.problem = heading, None if heading == states.RUNNING else why_back
    operation.wake_at = database_now(session)


def note(session: Session, actor: Actor, operation: OperationRow, action: str, reason: str = "") -> None:
    """Record what somebody did to an operation."""
    subject = ("operation", operation.id, f"{operation.kind} {operation.subject_name}".strip())
    after = {"reason": reason} if reason else None
    audit.record(session, actor, action, subject, project_id=operation.project_id, after=after)
