"""What the person at the terminal sees: a line a step, with its duration."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Prints steps as they end."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._lock = threading.Lock()

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def step(self, name: str, seconds: float) -> None:
        """Tell that a step has ended."""
        with self._lock:
            print(f"[{self.elapsed:6.1f} s] {name:<24} {seconds:6.1f} s", flush=True)  # noqa: T201

    def say(self, text: str) -> None:
        """Tell something else."""
        with self._lock:
            print(f"[{self.elapsed:6.1f} s] {text}", flush=True)  # noqa: T201

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Time a block as one step."""
        began = time.monotonic()
        yield
        self.step(name, time.monotonic() - began)
