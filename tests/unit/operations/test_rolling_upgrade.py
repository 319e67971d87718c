"""Two releases at work on one database: the new one has renamed a step and put another before the last."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.kit.actor import PLATFORM
from jinyun.kit.database import Database
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.operations import service as operations
from jinyun.operations.definition import Act, Operation, Outcome, Recipes, Step, StepContext, done, wait
from jinyun.operations.models import OperationRow
from jinyun.operations.worker import WorkerProcess
from tests.contract.waiting import wait_until

T = Text("Test", "测试")
EACH = 15
LOOKS = 3
"""How often a step looks before what it asked for is there."""
OLD, NEW = "old", "new"


class Ledger:
    """Who did what to which operation."""

    def __init__(self) -> None:
        self.deeds: list[tuple[str, str, str]] = []

    def does(self, release: str, name: str, reads: str | None = None) -> Act:
        """Return a step's work: it looks a few times, reads what an earlier step found out, and notes it."""

        def act(step: StepContext) -> Outcome:
            number = str(step.parameters["number"])
            if (looks := step.memory.get("looks", 0)) < LOOKS:
                return wait(0.01, looks=looks + 1)
            if reads is not None:
                assert step.results[reads]["of"] == number
            self.deeds.append((release, name, number))
            return done(of=number)

        return act


def recipe(release: str, ledger: Ledger) -> type[Operation]:
    """Return the recipe as a release has it."""
    make, last = Step("make", ledger.does(release, "make"), T), "hand-over"
    if release == OLD:
        steps = [make, Step("join", ledger.does(release, "join", "make"), T)]
        steps.append(Step(last, ledger.does(release, last, "join"), T))
    else:
        steps = [make, Step("attach", ledger.does(release, "join", "make"), T, aliases=("join",))]
        steps += [Step("check", ledger.does(release, "check", "attach"), T)]
        steps.append(Step(last, ledger.does(release, last, "attach"), T))
    return type("Delivery", (Operation,), {"kind": "upgraded", "title": T, "steps": tuple(steps)})


@contextmanager
def a_worker(database: Database, of: type[Operation]) -> Iterator[WorkerProcess]:
    """Let a worker of a release work until the block ends; it stops gracefully, as at an upgrade."""
    recipes = Recipes()
    recipes.add(of)
    worker = WorkerProcess(database, recipes, Settings(worker_threads=2))
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join()


def order(database: Database, of: type[Operation], numbers: range) -> None:
    """Have an API node of a release start operations."""

    def start(session: Session) -> None:
        for number in numbers:
            operations.start(session, PLATFORM, of, parameters={"number": number}, subjects=[])

    database.write(start)


def in_state(database: Database, state: str) -> int:
    """Count operations."""
    counting = select(func.count()).select_from(OperationRow).where(OperationRow.state == state)
    return database.read(lambda session: session.scalar(counting)) or 0


def test_operations_in_flight_survive_an_upgrade(database: Database) -> None:
    ledger = Ledger()
    old, new = recipe(OLD, ledger), recipe(NEW, ledger)
    order(database, old, range(EACH))
    with a_worker(database, new):
        with a_worker(database, old):
            order(database, new, range(EACH, 2 * EACH))
            wait_until(lambda: ledger.deeds, lambda deeds: any(name == "join" for _, name, _ in deeds), within=30)
        order(database, new, range(2 * EACH, 3 * EACH))
        wait_until(lambda: in_state(database, "succeeded"), lambda count: count == 3 * EACH, within=30)
    done_to = Counter((name, int(number)) for _, name, number in ledger.deeds)
    plain = {(name, number) for name in ("make", "join", "hand-over") for number in range(3 * EACH)}
    assert done_to == Counter(plain | {("check", number) for number in range(EACH, 3 * EACH)})
    by_old = {int(number) for release, _, number in ledger.deeds if release == OLD}
    assert by_old
    assert by_old <= set(range(EACH)), "the old release laid hands on a plan of the new one"


def test_a_plan_of_a_later_release_is_left_to_it(database: Database) -> None:
    ledger = Ledger()
    old, new = recipe(OLD, ledger), recipe(NEW, ledger)
    order(database, new, range(1))
    order(database, old, range(1, 2))
    with a_worker(database, old):
        wait_until(lambda: in_state(database, "succeeded"), lambda count: count == 1, within=30)
    assert {number for _, _, number in ledger.deeds} == {"1"}
    assert in_state(database, "pending") == 1
