"""The course of an operation: what an ending means for it, and which step is next.

Works on rows inside a fenced transaction and calls nobody; the runner does the calling.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from jinyun.kit import events
from jinyun.kit.texts import Text
from jinyun.operations import breakers, lanes, plan, states, subjects
from jinyun.operations.claims import Fence
from jinyun.operations.definition import Done, Recipes, Wait
from jinyun.operations.lanes import Health
from jinyun.operations.models import Breaker
from jinyun.operations.outcomes import TIMED_OUT, UNDO_REFUSED, Bug, Ending, Reason, Refusal, Retry
from jinyun.operations.plan import Plan, PlannedOperation, PlannedStep

QUEUE_GLANCE = timedelta(seconds=30)
"""A queueing operation is woken when it is let in; this glance covers a lost wake-up."""
SLOW_CALL_SECONDS = 5.0
"""A turn that takes longer says that its backend is in trouble, even if it succeeds."""
CANCELLED_CODE = "cancelled"
CANCELLED_TEXT = Text("It was cancelled on request.", "已按要求取消。")


@dataclass(frozen=True, slots=True)
class OperationEnded:
    """An operation came to its end; published in the transaction that ends it."""

    operation_id: str
    kind: str
    state: str
    parameters: dict[str, object]
    problem: dict[str, object] | None


@dataclass(slots=True)
class Course:
    """One operation and its steps, as they stand in this transaction."""

    session: Session
    recipes: Recipes
    plan: Plan
    breaker: Breaker | None
    now: datetime
    others_due: bool = False
    """Somebody else can go on now: what he waited for has become free."""
    _health: Health = Health.SILENT

    def settle(self, position: int, ending: Ending, seconds: float = 0.0) -> bool:
        """Write down what came of the step at `position` after so many seconds; tell whether to go on at once."""
        step = self.steps[position]
        self._note_health(step, ending, seconds)
        counts = not isinstance(ending, Wait) or ending.counts
        if isinstance(ending, Retry | Wait) and counts and self._too_late(step):
            minutes = int(self.recipes.step(step.handler).timeout.total_seconds() // 60)
            ending = Refusal(Reason("step-timed-out", TIMED_OUT.format(minutes=minutes)))
        if isinstance(ending, Wait):
            step.state = states.STEP_UNDOING if self._going_back else states.STEP_WAITING
            step.progress = ending.progress.as_dict() if ending.progress else step.progress
            step.memory, step.problem, step.failures = ending.memory, None, 0
            if not self._going_back:
                self.operation.problem = None
            if not ending.counts and step.deadline_at is not None:
                step.deadline_at += timedelta(seconds=ending.seconds)
            return self._sleep(ending.seconds)
        if isinstance(ending, Retry):
            return self._retry(step, ending)
        if isinstance(ending, Done):
            return self._finish(step, ending)
        return self._stop_forward(step, ending) if not self._going_back else self._stop_backward(step, ending)

    def next_step(self) -> PlannedStep | None:
        """Begin the next step and return it; None where the operation ended, sleeps, or is for another worker."""
        operation = self.operation
        if operation.started_at is None:
            operation.started_at = self.now
        if operation.state == states.PENDING:
            operation.state = states.RUNNING
        if operation.cancel_requested and not self._going_back and self._may_turn_back():
            self._turn_back(Reason(CANCELLED_CODE, CANCELLED_TEXT), self.steps[operation.position].name)
        return self._next_back() if self._going_back else self._next_forward()

    def stop_for_operator(self, ending: Bug) -> None:
        """Stop where the operation stands, because going on went wrong around its steps."""
        self._ask_operator(self.steps[min(self.operation.position, len(self.steps) - 1)], ending.reason)

    def write(self) -> None:
        """Write down what has changed."""
        self.plan.write(self.session)

    @property
    def operation(self) -> PlannedOperation:
        """The operation as it stands."""
        return self.plan.operation

    @property
    def steps(self) -> Sequence[PlannedStep]:
        """Its steps in order."""
        return self.plan.steps

    @property
    def _going_back(self) -> bool:
        return self.operation.state == states.UNDOING

    def _next_forward(self) -> PlannedStep | None:
        operation = self.operation
        if operation.position >= len(self.steps):
            self._end(states.SUCCEEDED)
            return None
        step = self.steps[operation.position]
        operation.handler = step.handler
        if not self._begin(step):
            return None
        step.started_at = step.started_at or self.now
        step.deadline_at = step.deadline_at or self.now + self.recipes.step(step.handler).timeout
        step.state = states.STEP_RUNNING
        step.attempts += 1
        return step

    def _next_back(self) -> PlannedStep | None:
        operation = self.operation
        for step in reversed(self.steps[: operation.position + 1]):
            if step.state not in states.STEP_BEGUN:
                if step.state == states.STEP_QUEUED:
                    self._leave(step)
                    step.state = states.STEP_PENDING
                continue
            operation.position, operation.handler = step.position, step.handler
            if self.recipes.knows(step.handler) and self.recipes.step(step.handler).undo is None:
                self._undone(step)
                continue
            if not self._begin(step):
                return None
            if step.state != states.STEP_UNDOING:
                step.deadline_at, step.failures, step.memory = None, 0, None
            step.deadline_at = step.deadline_at or self.now + self.recipes.step(step.handler).timeout
            step.state = states.STEP_UNDOING
            return step
        cancelled = (operation.problem or {}).get("code") == CANCELLED_CODE
        self._end(states.CANCELLED if cancelled else states.FAILED)
        return None

    def _begin(self, step: PlannedStep) -> bool:
        """Tell whether this worker may run the step now: he knows it, and its lane lets it in."""
        if not self.recipes.knows(step.handler):
            self.operation.release(self.now)
            return False
        if self._waits_for_backend(step):
            return False
        if lanes.enter(self.session, self.operation, step, self.now):
            return True
        if step.state == states.STEP_PENDING:
            step.state = states.STEP_QUEUED
        self.operation.release(self.now + QUEUE_GLANCE)
        return False

    def _waits_for_backend(self, step: PlannedStep) -> bool:
        """Put the operation to sleep where its backend is down; that time does not count against the step."""
        if self.recipes.step(step.handler).local:
            return False
        closed = breakers.must_wait(self.session, self.breaker, self.now)
        if closed is None:
            return False
        until, reason = closed
        step.problem = reason.as_document(step.name)
        if not self._going_back:
            self.operation.problem = step.problem
        if step.deadline_at is not None:
            step.deadline_at += until - self.now
        self.operation.release(until)
        return True

    def _note_health(self, step: PlannedStep, ending: Ending, seconds: float) -> None:
        """Tell breaker and lane how the backend did."""
        if self.recipes.step(step.handler).local:
            return
        if isinstance(ending, Retry) and ending.down:
            breakers.failed(self.session, self.operation.backend, ending.reason, self.now)
        elif not isinstance(ending, Bug) and not (isinstance(ending, Retry) and ending.unknown):
            breakers.answered(self.session, self.breaker, self.now)
        bad = isinstance(ending, Retry) or seconds >= SLOW_CALL_SECONDS
        self._health = Health.BAD if bad else Health.GOOD if isinstance(ending, Done) else Health.SILENT
        if not isinstance(ending, Done):
            lanes.report(self.session, step, self.now, self._health)

    def _finish(self, step: PlannedStep, ending: Done) -> bool:
        step.progress, step.problem, step.failures = None, None, 0
        if self._going_back:
            self._undone(step)
            return True
        self._leave(step)
        step.state, step.result, step.ended_at = states.STEP_DONE, ending.result, self.now
        self.operation.position += 1
        self.operation.problem = None
        return True

    def _undone(self, step: PlannedStep) -> None:
        self._leave(step)
        step.state, step.ended_at = states.STEP_UNDONE, self.now

    def _retry(self, step: PlannedStep, ending: Retry) -> bool:
        pause = ending.pause(step.failures)
        step.problem = ending.reason.as_document(step.name)
        step.state = states.STEP_UNDOING if self._going_back else states.STEP_WAITING
        step.failures += 1
        if ending.down and step.deadline_at is not None:
            step.deadline_at += timedelta(seconds=pause)
        if not self._going_back:
            self.operation.problem = step.problem
        return self._sleep(pause)

    def _stop_forward(self, step: PlannedStep, ending: Refusal | Bug) -> bool:
        step.problem = ending.reason.as_document(step.name)
        if isinstance(ending, Bug) or not self._may_turn_back():
            self._ask_operator(step, ending.reason)
            return False
        step.state = states.STEP_FAILED
        self._turn_back(ending.reason, step.name)
        return True

    def _stop_backward(self, step: PlannedStep, ending: Refusal | Bug) -> bool:
        text = UNDO_REFUSED.format(words=ending.reason.words or ending.reason.text.en)
        why_back = (self.operation.problem or {}).get("cause", self.operation.problem)
        self._ask_operator(step, Reason("undo-refused", text, ending.reason.words))
        self.operation.problem = {**(step.problem or {}), "cause": why_back}
        return False

    def _ask_operator(self, step: PlannedStep, reason: Reason) -> None:
        step.problem = reason.as_document(step.name)
        self.operation.problem = step.problem
        self.operation.state = states.NEEDS_OPERATOR
        self.operation.release(None)

    def _turn_back(self, reason: Reason, step_name: str) -> None:
        self.operation.problem = reason.as_document(step_name)
        self.operation.state = states.UNDOING

    def _may_turn_back(self) -> bool:
        """Nothing is undone once all is done, or a step marked as the point of no return has begun."""
        if self.operation.position >= len(self.steps):
            return False
        begun = (step for step in self.steps if step.state in states.STEP_BEGUN and self.recipes.knows(step.handler))
        return not any(self.recipes.step(step.handler).point_of_no_return for step in begun)

    def _too_late(self, step: PlannedStep) -> bool:
        return step.deadline_at is not None and self.now >= step.deadline_at

    def _sleep(self, seconds: float) -> bool:
        self.operation.release(self.now + timedelta(seconds=seconds))
        return False

    def _leave(self, step: PlannedStep) -> None:
        if lanes.leave(self.session, step, self.now, self._health):
            self.others_due = True

    def _end(self, state: str) -> None:
        operation = self.operation
        operation.state, operation.ended_at = state, self.now
        operation.release(None)
        self.write()  # whoever hears of it may look
        subjects.release(self.session, operation.id)
        parameters, problem = dict(operation.parameters), operation.problem
        events.publish(self.session, OperationEnded(operation.id, operation.kind, state, parameters, problem))


def load(session: Session, recipes: Recipes, operation_id: str, fence: Fence) -> Course:
    """Read the course of an operation that this transaction has fenced."""
    [its_plan] = plan.read(session, operation_id)
    backend = its_plan.operation.backend
    breaker = session.get(Breaker, backend) if fence.disturbed and backend is not None else None
    return Course(session, recipes, its_plan, breaker, fence.now)
