"""A bare thread pool with semaphores: nothing is written down, everything is lost with the process. The yardstick."""

from concurrent.futures import ThreadPoolExecutor

from bench.engines.workload import STEPS, THREADS, Backends, cost_of, operations_wanted


def main() -> None:
    """Run the work and print its cost."""
    operations, backends = operations_wanted(), Backends()

    def run(number: int) -> None:
        for step in STEPS:
            backends.admitted_call(number, step)

    with cost_of(backends, operations), ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, range(operations)))


if __name__ == "__main__":
    main()
