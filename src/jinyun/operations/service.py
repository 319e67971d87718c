"""What can be done with operations: start, cancel, retry. Running them is the worker's business."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
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
from jinyun.operations.models import OperationRow, OperationStep, OperationSubject

Subject = tuple[str, str]
"""Kind and id of a thing that the operation must have for itself."""


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
    project_id: str | None = None,
    subject_name: str = "",
    backend: str | None = None,
    weight: float = 1.0,
) -> OperationRow:
    """Write the plan of an operation down; a worker begins it once this transaction is committed.

    Authority is the caller's business: he knows what the operation does.

    Raises:
        SubjectBusy: an active operation has one of the subjects.
    """
    steps = _plan(recipe, parameters)
    operation = OperationRow(
        id=new_id(),
        kind=recipe.kind,
        state=states.PENDING,
        project_id=project_id,
        subject_name=subject_name,
        parameters=parameters,
        requested_by=actor.person_id,
        requested_login=actor.login,
        backend=backend,
        weight=weight,
        handler=steps[0].handler,
        wake_at=database_now(session),
    )
    session.add(operation)
    session.flush()
    for step in steps:
        step.operation_id = operation.id
    session.add_all(steps)
    for kind, subject_id in sorted(set(subjects)):
        _reserve(session, operation.id, kind, subject_id)
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
        operation.state = direction(session, operation)
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
    statement = select(OperationSubject.subject_id, OperationSubject.operation_id).where(
        OperationSubject.kind == kind, OperationSubject.subject_id.in_(list(subject_ids))
    )
    return dict(session.execute(statement).all())


def _plan(recipe: type[Operation], parameters: dict[str, Any]) -> list[OperationStep]:
    rows: list[OperationStep] = []
    for step in recipe.steps:
        keys: Sequence[str | None] = [None] if step.each is None else list(step.each(parameters))
        for key in keys:
            rows.append(
                OperationStep(
                    id=new_id(),
                    position=len(rows),
                    name=step.name if key is None else f"{step.name}:{key}",
                    handler=handler(recipe.kind, step.name),
                    key=key,
                    lane=None if step.lane is None else step.lane(parameters, key),
                    state=states.STEP_PENDING,
                    attempts=0,
                    failures=0,
                )
            )
    if not rows:
        raise ValueError(f"{recipe.kind}: nothing to do")
    return rows


def _reserve(session: Session, operation_id: str, kind: str, subject_id: str) -> None:
    try:
        with session.begin_nested():
            session.add(OperationSubject(kind=kind, subject_id=subject_id, operation_id=operation_id))
    except IntegrityError:
        holder = session.scalar(
            select(OperationRow).join(OperationSubject, OperationSubject.operation_id == OperationRow.id)
            .where(OperationSubject.kind == kind, OperationSubject.subject_id == subject_id)
        )  # fmt: skip
        known = holder.kind if holder else "?"
        raise SubjectBusy(
            kind=kind,
            operation=known,
            operation_id=holder.id if holder else "?",
            login=holder.requested_login if holder else "?",
        ) from None


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


def note(session: Session, actor: Actor, operation: OperationRow, action: str, reason: str = "") -> None:
    """Record what somebody did to an operation."""
    subject = ("operation", operation.id, f"{operation.kind} {operation.subject_name}".strip())
    after = {"reason": reason} if reason else None
    audit.record(session, actor, action, subject, project_id=operation.project_id, after=after)
