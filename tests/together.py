"""Several threads that start at the same moment."""

import threading
from collections.abc import Callable
from typing import TypeVar

from jinyun.kit.errors import Problem

Result = TypeVar("Result")


def at_once(count: int, work: Callable[[int], Result]) -> list[Result | str]:
    """Run `work(0)` to `work(count - 1)` together; return their results, or the codes of their problems.

    Raises:
        ExceptionGroup: what some of them raised that is no problem.
    """
    outcomes: list[Result | str] = []
    failures: list[Exception] = []
    together = threading.Barrier(count)

    def run(number: int) -> None:
        together.wait()
        try:
            outcomes.append(work(number))
        except Problem as problem:
            outcomes.append(problem.code)
        except Exception as error:  # noqa: BLE001 - handed to the test below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise ExceptionGroup("threads failed", failures)
    return outcomes
