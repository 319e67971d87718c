"""Runs one claimed operation: a transaction, a call, a transaction, until it ends, sleeps or is taken away."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy.orm import Session

from jinyun.kit.actor import PLATFORM, Actor, platform_for
from jinyun.kit.database import Database
from jinyun.kit.errors import DatabaseUnavailable
from jinyun.kit.settings import Settings
from jinyun.operations import course
from jinyun.operations.claims import Claim, LeaseKeeper, LeaseLost, fenced
from jinyun.operations.definition import Act, Parameters, Recipes, Step
from jinyun.operations.models import OperationStep
from jinyun.operations.outcomes import Ending, bug, perform
from jinyun.operations.plan import Plan, PlannedOperation, PlannedStep
from jinyun.operations.states import STEP_UNDOING

Result = TypeVar("Result")
Settled = tuple[int, Ending, float]
"""Position of a step that was called, what came of it, and after how many seconds."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RunningStep:
    """A step in the hands of a worker; the `StepContext` that recipes see."""

    operation_id: str
    position: int
    token: str
    key: str | None
    attempt: int
    now: datetime
    memory: Mapping[str, Any]
    parameters: Parameters
    results: Mapping[str, dict[str, Any]]
    actor: Actor
    settings: Settings
    act: Act
    _database: Database
    _claim: Claim
    _leases: LeaseKeeper

    def read(self, work: Callable[[Session], Result]) -> Result:
        """Run a short transaction that changes nothing."""
        return self._database.read(work)

    def write(self, work: Callable[[Session], Result]) -> Result:
        """Run a short transaction behind the fence."""

        def behind_the_fence(session: Session) -> Result:
            fenced(session, self._claim)
            return work(session)

        return self._database.write(behind_the_fence)

    def check(self) -> None:
        """Raise LeaseLost where no further call may be started."""
        self._leases.check(self._claim)


class Kept:
    """The plan of an operation from one transaction to the next, so that it is not read at every turn.

    It is handed out once: a transaction that is repeated reads everything anew, because the first attempt changed it.
    """

    def __init__(self, claimed: Plan) -> None:
        self._plan: Plan | None = claimed

    def take(self) -> Plan | None:
        """Hand out what was kept."""
        taken, self._plan = self._plan, None
        return taken

    def keep(self, committed: Plan) -> None:
        """Keep what was committed."""
        self._plan = committed


class Runner:
    """Runs claimed operations with the recipes that this process knows."""

    def __init__(
        self,
        database: Database,
        recipes: Recipes,
        settings: Settings,
        leases: LeaseKeeper,
        others_due: Callable[[], None] = lambda: None,
    ) -> None:
        self._database, self._recipes, self._settings, self._leases = database, recipes, settings, leases
        self._others_due = others_due

    def run(self, held: Claim, stopping: Callable[[], bool] = lambda: False) -> None:
        """Carry the operation as far as it goes; between two steps it is handed on where the worker is `stopping`."""
        settled: Settled | None = None
        kept = Kept(held.plan)
        try:
            while step := self._advance(held, kept, settled, stopping()):
                began = time.monotonic()
                ending = perform(step.act, step)
                settled = (step.position, ending, time.monotonic() - began)
        except LeaseLost:
            log.info("lease lost", operation=held.operation_id)
        except DatabaseUnavailable:
            log.warning("database away, operation left to its lease", operation=held.operation_id)
        except Exception as error:
            log.exception("operation stopped", operation=held.operation_id)
            self._stop_for_operator(held, error)
        finally:
            self._leases.drop(held)

    def _stop_for_operator(self, held: Claim, error: Exception) -> None:
        def work(session: Session) -> None:
            fence = fenced(session, held)
            current = course.load(session, self._recipes, held.operation_id, fence)
            current.stop_for_operator(bug(error))
            current.write()

        try:
            self._database.write(work)
        except (LeaseLost, DatabaseUnavailable):
            log.warning("could not note that the operation stopped", operation=held.operation_id)

    def _advance(self, held: Claim, kept: Kept, settled: Settled | None, stopping: bool) -> RunningStep | None:
        """Write down the last step's ending and begin the next step, in one transaction."""

        def work(session: Session) -> tuple[RunningStep | None, course.Course]:
            fence, plan = fenced(session, held), kept.take()
            if plan is None or fence.disturbed:
                current = course.load(session, self._recipes, held.operation_id, fence)
            else:
                current = course.Course(session, self._recipes, plan, None, fence.now)
            step = self._go_on(held, current, settled, stopping)
            current.write()
            return step, current

        step, current = self._database.write(work)
        kept.keep(current.plan)
        if current.others_due:
            self._others_due()
        return step

    def _go_on(
        self, held: Claim, current: course.Course, settled: Settled | None, stopping: bool
    ) -> RunningStep | None:
        if settled is not None and not current.settle(*settled):
            return None
        if stopping:
            current.operation.release(current.now)
            return None
        step = current.next_step()
        return None if step is None else self._hand_out(held, current, step)

    def _hand_out(self, held: Claim, current: course.Course, step: PlannedStep) -> RunningStep:
        recipe = self._recipes.step(step.handler)
        operation = current.operation
        return RunningStep(
            operation_id=operation.id,
            position=step.position,
            token=step_token(step),
            key=step.key,
            attempt=step.attempts,
            now=current.now,
            memory=step.memory or {},
            parameters=dict(operation.parameters),
            results={self._name(other): other.result for other in current.steps if other.result is not None},
            actor=_requester(operation),
            settings=self._settings,
            act=_act(recipe, undoing=step.state == STEP_UNDOING),
            _database=self._database,
            _claim=held,
            _leases=self._leases,
        )

    def _name(self, step: PlannedStep) -> str:
        """Return what this release calls a step, whatever the one that made the plan called it."""
        name = self._recipes.step(step.handler).name
        return name if step.key is None else f"{name}:{step.key}"


TOKEN_MARK = "jy-"  # noqa: S105 - no password
"""How every token begins."""


def step_token(step: OperationStep | PlannedStep) -> str:
    """Return the mark that goes into the backend: short, and free of what tags and names do not allow."""
    return f"{TOKEN_MARK}{step.id}"


def step_of_token(token: str) -> str:
    """Return the id of the step whose token this is."""
    return token.removeprefix(TOKEN_MARK)


def _act(recipe: Step, *, undoing: bool) -> Act:
    if not undoing:
        return recipe.do
    if recipe.undo is None:  # the course marks such steps as undone itself
        raise AssertionError(recipe.name)
    return recipe.undo


def _requester(operation: PlannedOperation) -> Actor:
    if operation.requested_by is None:
        return PLATFORM
    return platform_for(operation.requested_login, order_number=operation.order_number, request_id=operation.request_id)
