"""Durations of named steps that follow one another."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stopwatch:
    """Runs from its making on; `steps` keeps what each named stretch took, in seconds."""

    steps: dict[str, float] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        began = time.monotonic()
        yield
        self.steps[name] = time.monotonic() - began

    @property
    def seconds(self) -> float:
        """Seconds since it was made."""
        return time.monotonic() - self._began
