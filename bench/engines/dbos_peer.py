"""DBOS on the SQLite file named on the command line: a workflow of steps, from a queue of as many threads as ours.

It gets its admission for nothing: semaphores in the process instead of durable queues.
"""

import sys

from dbos import DBOS, DBOSConfig  # type: ignore[import-not-found]

from bench.engines.workload import STEPS, THREADS, Backends, cost_of, operations_wanted

QUEUE = "operations"
POLL_SECONDS = 0.1
"""As often as our own worker looks for work."""

backends = Backends()


@DBOS.step()  # type: ignore[untyped-decorator]
def call(number: int, name: str) -> dict[str, str]:
    """One step."""
    backends.admitted_call(number, name)
    return {"name": name}


@DBOS.workflow()  # type: ignore[untyped-decorator]
def operation(number: int) -> None:
    """One operation."""
    for name in STEPS:
        call(number, name)


def main() -> None:
    """Run the work and print its cost."""
    operations = operations_wanted()
    configuration: DBOSConfig = {
        "name": "bench",
        "system_database_url": sys.argv[2],
        "run_admin_server": False,
        "log_level": "ERROR",
        "max_executor_threads": THREADS,
    }
    DBOS(config=configuration)
    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=THREADS, polling_interval_sec=POLL_SECONDS)
    with cost_of(backends, operations):
        handles = [DBOS.enqueue_workflow(QUEUE, operation, number) for number in range(operations)]
        for handle in handles:
            handle.get_result(polling_interval_sec=POLL_SECONDS)
    DBOS.destroy()


if __name__ == "__main__":
    main()
