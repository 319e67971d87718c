"""A stage for the engine: recipes that write what they did into a list, and workers without processes."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from jinyun.kit.actor import PLATFORM
from jinyun.kit.database import Database
from jinyun.kit.ids import new_id
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.operations import service as operations
from jinyun.operations.claims import Claim, LeaseKeeper, claim
from jinyun.operations.definition import Operation, Outcome, Recipes, Step, StepContext, done
from jinyun.operations.models import OperationRow, OperationStep
from jinyun.operations.runner import Runner

T = Text("Test", "测试")
Behaviour = Callable[[StepContext], Outcome]


@dataclass
class Stage:
    """One database, one set of recipes, and everything that steps did."""

    database: Database
    settings: Settings = field(default_factory=lambda: Settings(lease_seconds=20, call_timeout_seconds=5))
    recipes: Recipes = field(default_factory=Recipes)
    deeds: list[str] = field(default_factory=list)

    def step(self, name: str, behaviour: Behaviour | None = None, **options: object) -> Step:
        """A step that notes when it is done and undone."""

        def do(step: StepContext) -> Outcome:
            self.deeds.append(name if step.key is None else f"{name}:{step.key}")
            return behaviour(step) if behaviour else done(by=name)

        def undo(step: StepContext) -> Outcome:
            self.deeds.append(f"undo {name}")
            return done()

        return Step(name, do, T, **{"undo": undo, **options})  # type: ignore[arg-type]

    def start(
        self,
        *steps: Step,
        parameters: dict[str, object] | None = None,
        subjects: tuple[str, ...] = (),
        backend: str | None = None,
    ) -> str:
        """Start an operation of these steps and return its id."""
        recipe = type("Recipe", (Operation,), {"kind": "test", "title": T, "steps": steps})
        self.recipes.add(recipe)
        return self.database.write(
            lambda session: (
                operations.start(
                    session,
                    PLATFORM,
                    recipe,
                    parameters=parameters or {},
                    subjects=[("thing", subject) for subject in subjects],
                    backend=backend,
                ).id
            )
        )

    def claim(self, worker_id: str | None = None) -> tuple[list[Claim], LeaseKeeper]:
        """Claim everything that is due."""
        keeper = LeaseKeeper(self.database, worker_id or new_id(), self.settings)
        held = claim(self.database, worker_id or new_id(), self.recipes.handlers, 50, self.settings)
        keeper.hold(held)
        return held, keeper

    def work(self) -> int:
        """Claim and run everything that is due, once; return how many operations that were."""
        held, keeper = self.claim()
        for one in held:
            Runner(self.database, self.recipes, self.settings, keeper).run(one)
        return len(held)

    def wake(self, operation_id: str) -> None:
        """Let the time pass that the operation waits for."""

        def rewind(session: object) -> None:
            row = session.get_one(OperationRow, operation_id)  # type: ignore[attr-defined]
            row.wake_at = row.created_at

        self.database.write(rewind)

    def operation(self, operation_id: str) -> OperationRow:
        """Read an operation."""
        return self.database.read(lambda session: session.get_one(OperationRow, operation_id))

    def steps(self, operation_id: str) -> list[OperationStep]:
        """Read the steps of an operation."""
        return self.database.read(
            lambda session: list(
                session.query(OperationStep).filter_by(operation_id=operation_id).order_by(OperationStep.position)
            )
        )


@pytest.fixture
def stage(database: Database) -> Stage:
    """An empty stage."""
    return Stage(database)
