"""The same done to many things at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def together(things: Sequence[Thing], work: Callable[[Thing], Result], *, threads: int) -> list[Result | Exception]:
    """Do it to all, so many at once; return what came of each, in order: a result, or what was raised."""

    def attempt(thing: Thing) -> Result | Exception:
        try:
            return work(thing)
        except Exception as failure:  # noqa: BLE001 - handed to the caller, who counts them
            return failure

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(attempt, things))


def complaints(outcomes: Sequence[object]) -> list[str]:
    """Return what went wrong, in the words of whoever said so."""
    return [f"{type(each).__name__}: {each}" for each in outcomes if isinstance(each, Exception)]


def all_well(outcomes: Sequence[Result | Exception]) -> list[Result]:
    """Return the results. Raises an ExceptionGroup of what went wrong."""
    failures = [each for each in outcomes if isinstance(each, Exception)]
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(outcomes)} failed", failures)
    return [each for each in outcomes if not isinstance(each, Exception)]
