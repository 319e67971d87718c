"""TaskFlow with its persistence on the SQLite file named on the command line: a flow an operation, on threads.

It gets its admission for nothing: semaphores in the process.
"""

import contextlib
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sqlalchemy.pool import QueuePool
from taskflow import engines, task  # type: ignore[import-not-found]
from taskflow.patterns import linear_flow  # type: ignore[import-not-found]
from taskflow.persistence import backends as persistence  # type: ignore[import-not-found]

from bench.engines.workload import STEPS, THREADS, Backends, cost_of, operations_wanted

ONE_CONNECTION = {
    "poolclass": QueuePool,
    "pool_size": 1,
    "max_overflow": 0,
    "pool_timeout": 3600,
    "connect_args": {"check_same_thread": False},
}
"""Its threads take turns: with a connection each, flows fail as soon as SQLite is locked."""


class Call(task.Task):  # type: ignore[misc]
    """One step."""

    def __init__(self, name: str, backends: Backends, number: int) -> None:
        super().__init__(name=name)
        self._backends, self._number, self._step = backends, number, name

    def execute(self) -> dict[str, str]:
        """Do it."""
        self._backends.admitted_call(self._number, self._step)
        return {"name": self._step}


def main() -> None:
    """Run the work and print its cost."""
    operations, backends = operations_wanted(), Backends()
    store = persistence.fetch({"connection": sys.argv[2], "engine_args": ONE_CONNECTION})
    with contextlib.closing(store.get_connection()) as connection:
        connection.upgrade()

    def run(number: int) -> None:
        flow = linear_flow.Flow(f"operation-{number}").add(*map(partial(Call, backends=backends, number=number), STEPS))
        engines.run(flow, engine="serial", backend=store)

    with cost_of(backends, operations), ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, range(operations)))


if __name__ == "__main__":
    main()
