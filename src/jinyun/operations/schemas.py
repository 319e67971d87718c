"""What the API shows of operations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from jinyun.kit.bodies import Body
from jinyun.kit.texts import Language, stored_text
from jinyun.operations.models import OperationRow, OperationStep
from jinyun.operations.queues import Place


class ReasonView(BaseModel):
    """Why something does not go forward."""

    code: str
    text: str = Field(description="Plain words, in the caller's language")
    words: str = Field(description="What the backend said, unchanged")
    step: str | None = None

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None, language: Language) -> "ReasonView | None":
        """Show a stored reason, or None."""
        if stored is None:
            return None
        text = stored_text(stored, language) or ""
        return cls(code=stored["code"], text=text, words=stored.get("words", ""), step=stored.get("step"))


class OperationView(BaseModel):
    """An operation, and where it stands."""

    id: str
    kind: str
    state: str
    project_id: str | None
    subject_name: str
    requested_by: str = Field(description="Login of whoever asked for it")
    problem: ReasonView | None
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, row: OperationRow, language: Language = "en") -> "OperationView":
        """Show an operation."""
        return cls(
            id=row.id,
            kind=row.kind,
            state=row.state,
            project_id=row.project_id,
            subject_name=row.subject_name,
            requested_by=row.requested_login,
            problem=ReasonView.of(row.problem, language),
            cancel_requested=row.cancel_requested,
            created_at=row.created_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
        )


class StepView(BaseModel):
    """One step, its state, and how long it took."""

    name: str
    title: str
    state: str
    attempts: int
    progress: str | None
    problem: ReasonView | None
    lane: str | None
    queue_place: int | None = Field(description="Place in the lane's queue, from 1; null when it does not queue")
    expected_start: datetime | None = Field(
        description="When its turn in the queue may come, judged by the last steps there; null when nobody can tell"
    )
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float | None = Field(description="Duration, once it has ended")

    @classmethod
    def of(cls, row: OperationStep, title: str, place: Place | None, language: Language) -> "StepView":
        """Show a step."""
        took = (row.ended_at - row.started_at).total_seconds() if row.ended_at and row.started_at else None
        return cls(
            name=row.name,
            title=title,
            state=row.state,
            attempts=row.attempts,
            progress=stored_text(row.progress, language),
            problem=ReasonView.of(row.problem, language),
            lane=row.lane,
            queue_place=place.number if place else None,
            expected_start=place.expected_start if place else None,
            started_at=row.started_at,
            ended_at=row.ended_at,
            seconds=took,
        )


class OperationDetail(OperationView):
    """An operation with its steps and who is at it."""

    title: str
    worker: str | None
    steps: Sequence[StepView]


class Intervention(Body):
    """An operator's decision."""

    reason: str = Field(min_length=1, max_length=500)
