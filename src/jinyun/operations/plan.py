"""An operation in a worker's hands: read once for each claim, of all claims together; written as what has changed.

Plain objects, and statements that are put into words only once: this is what a worker does all the time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import BindParameter, Row, Table, bindparam, select, update
from sqlalchemy.orm import Session

from jinyun.operations.models import OperationRow, OperationStep

Document = dict[str, Any]
"""Replaced as a whole, never changed in place: a change would not be seen."""


@dataclass(slots=True)
class PlannedOperation:
    """What a worker needs to know of an operation: columns of `OperationRow`."""

    id: str
    kind: str
    state: str
    project_id: str | None
    parameters: Document
    requested_by: str | None
    requested_login: str
    request_id: str | None
    order_number: str | None
    backend: str | None
    weight: float
    position: int
    handler: str
    generation: int
    worker_id: str | None
    lease_until: datetime | None
    wake_at: datetime | None
    cancel_requested: bool
    problem: Document | None
    started_at: datetime | None
    ended_at: datetime | None

    def release(self, wake_at: datetime | None) -> None:
        """Let go of it in this fenced transaction; it is due again at `wake_at`, or never."""
        self.worker_id, self.lease_until, self.wake_at = None, None, wake_at
        self.generation += 1


@dataclass(slots=True)
class PlannedStep:
    """What a worker needs to know of a step: columns of `OperationStep`."""

    id: str
    operation_id: str
    position: int
    name: str
    handler: str
    key: str | None
    lane: str | None
    state: str
    attempts: int
    failures: int
    result: Document | None
    memory: Document | None
    progress: Document | None
    problem: Document | None
    started_at: datetime | None
    deadline_at: datetime | None
    ended_at: datetime | None


Planned = TypeVar("Planned", PlannedOperation, PlannedStep)


class _Rows(Generic[Planned]):
    """How rows of a table become objects, and objects rows again."""

    def __init__(self, table: object, kind: type[Planned]) -> None:
        names = tuple(each.name for each in fields(kind))
        self.table, self.names = cast("Table", table), names
        self.values: Callable[[Planned], tuple[Any, ...]] = attrgetter(*names)
        self.select = select(*(self.table.c[name] for name in names))
        self.update = update(self.table).where(self.table.c.id == bindparam("this"))


OPERATIONS = _Rows(OperationRow.__table__, PlannedOperation)
STEPS = _Rows(OperationStep.__table__, PlannedStep)
THESE: BindParameter[str] = bindparam("these", expanding=True)
THESE_OPERATIONS = OPERATIONS.select.where(OPERATIONS.table.c.id.in_(THESE))
THEIR_STEPS = STEPS.select.where(STEPS.table.c.operation_id.in_(THESE)).order_by(STEPS.table.c.position)


@dataclass(slots=True)
class Plan:
    """One operation and its steps, in order; what the database has of them is kept beside."""

    operation: PlannedOperation
    steps: list[PlannedStep]
    _stored: dict[str, tuple[Any, ...]]

    def add(self, row: Row[*tuple[Any, ...]]) -> None:
        """Take in its next step, as it was read."""
        self.steps.append(PlannedStep(*row))
        self._stored[row.id] = tuple(row)

    def write(self, session: Session) -> None:
        """Write what has changed since it was read or written last."""
        self._write(session, OPERATIONS, [self.operation])
        self._write(session, STEPS, self.steps)

    def _write(self, session: Session, rows: _Rows[Planned], planned: Sequence[Planned]) -> None:
        changed, names = list[Planned](), set[str]()
        for row in planned:
            before, now = self._stored[row.id], rows.values(row)
            if now != before:
                names.update(name for name, old, new in zip(rows.names, before, now, strict=True) if new != old)
                changed.append(row)
                self._stored[row.id] = now
        if changed:
            new = [{"this": row.id} | {name: getattr(row, name) for name in names} for row in changed]
            session.execute(rows.update, new)


def read(session: Session, *operation_ids: str) -> list[Plan]:
    """Read the plans of operations that this transaction has locked, in any order."""
    these = {"these": operation_ids}
    plans = {
        row.id: Plan(PlannedOperation(*row), [], {row.id: tuple(row)})
        for row in session.execute(THESE_OPERATIONS, these)
    }
    for row in session.execute(THEIR_STEPS, these):
        plans[row.operation_id].add(row)
    return list(plans.values())
