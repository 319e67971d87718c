"""Our engine: one worker process on the database named on the command line."""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.engines.workload import ATTACH, BACKENDS, STEPS, THREADS, Backends, cost_of, operations_wanted
from jinyun.kit import events
from jinyun.kit.actor import PLATFORM
from jinyun.kit.database import Base, Database
from jinyun.kit.ids import new_id
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.operations import service
from jinyun.operations.course import OperationEnded
from jinyun.operations.definition import Operation, Outcome, Parameters, Recipes, Step, StepContext, done
from jinyun.operations.models import OperationRow
from jinyun.operations.worker import WorkerProcess

TITLE = Text("Benchmark", "基准测试")
BACKEND = "bench"


def recipe(backends: Backends) -> type[Operation]:
    """Return the workload's steps as an operation on these stand-ins."""

    def call(name: str, step: StepContext) -> Outcome:
        backends.call(step.parameters["number"], name)
        return done(name=name)

    def lane(parameters: Parameters, _key: str | None) -> str:
        return f"array/{parameters['number'] % BACKENDS}"

    steps = tuple(Step(name, partial(call, name), TITLE, lane=lane if name == ATTACH else None) for name in STEPS)
    return type("Bench", (Operation,), {"kind": "bench", "title": TITLE, "steps": steps})


def start(session: Session, kind: type[Operation], number: int) -> OperationRow:
    """Start one operation on a thing of its own."""
    subjects = [("bench", new_id())]
    return service.start(
        session, PLATFORM, kind, parameters={"number": number}, subjects=subjects, project_id=None, backend=BACKEND
    )


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Open a database with all tables; the log goes where nobody takes it for a result."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    database = Database(url)
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@contextmanager
def working(database: Database, *kinds: type[Operation]) -> Iterator[WorkerProcess]:
    """Have a worker at work on a thread of this process; it has stopped afterwards."""
    recipes = Recipes()
    recipes.add(*kinds)
    worker = WorkerProcess(database, recipes, Settings(worker_threads=THREADS, key_directory=Path("unused")))
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join()


class Endings:
    """Lets a benchmark wait for operations without asking the database again and again."""

    def __init__(self) -> None:
        self._ended = threading.Semaphore(0)
        events.subscribe(OperationEnded, self._note)

    def wait_for(self, database: Database, count: int) -> None:
        """Return when so many have ended, and all that are in the database have succeeded."""
        for _ in range(count):
            self._ended.acquire()
        unfinished = select(func.count()).select_from(OperationRow).where(OperationRow.state != "succeeded")
        while database.read(lambda session: session.scalar(unfinished)):
            pass  # the last one is being committed

    def _note(self, _session: Session, _event: OperationEnded) -> None:
        self._ended.release()


def main() -> None:
    """Run the work and print its cost."""
    operations, backends = operations_wanted(), Backends()
    kind, endings = recipe(backends), Endings()
    with opened(sys.argv[2]) as database, working(database, kind), cost_of(backends, operations):
        for number in range(operations):
            database.write(partial(start, kind=kind, number=number))
        endings.wait_for(database, operations)


if __name__ == "__main__":
    main()
