"""The one way in which contract tests wait."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(read: Callable[[], T], holds: Callable[[T], bool], *, within: float, every: float = 0.02) -> T:
    """Read until a condition holds and return what was read then; fail with the last reading after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        reading = read()
        if holds(reading):
            return reading
        assert time.monotonic() < deadline, f"not within {within} s; last reading: {reading}"
        time.sleep(every)
