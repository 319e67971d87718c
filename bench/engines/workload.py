"""The work that every contender does, and what is kept of it. Needs nothing but Python: peers run it in their own venv.

A call to a backend is, to the thread that makes it, a sleep. Each call is counted, and so is how many are at one
backend at once: a contender that lets in too many, or forgets a step, is no contender.
"""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

OPERATIONS = 200
THREADS = 32
BACKENDS = 10
PLACES = 2
"""How many may be at one backend at once."""
CALL_SECONDS = 0.2
ATTACH_SECONDS = 0.5
ATTACH = "attach"
STEPS = ("hold", "port", "volume", "server", ATTACH, "ready")
"""Only the attachment is admitted by its backend's lane."""


class WrongWork(Exception):
    """A contender did not do what was asked."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took: by the clock, and of its process' processor time."""

    seconds: float
    cpu_seconds: float
    steps: int

    @property
    def cpu_ms_a_step(self) -> float:
        """Milliseconds of processor time for each step."""
        return 1000 * self.cpu_seconds / self.steps


@dataclass(slots=True)
class Backends:
    """Stand-ins for what is called: they sleep, and remember who came."""

    calls: int = 0
    most_at_once: int = 0
    _inside: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _places: tuple[threading.Semaphore, ...] = field(
        default_factory=lambda: tuple(threading.Semaphore(PLACES) for _ in range(BACKENDS))
    )

    def call(self, number: int, step: str) -> None:
        """Do a step of operation `number`; who calls `attach` has been admitted."""
        if step != ATTACH:
            time.sleep(CALL_SECONDS)
            self._note(number, 0)
            return
        self._note(number, 1)
        time.sleep(ATTACH_SECONDS)
        self._note(number, -1)

    def admitted_call(self, number: int, step: str) -> None:
        """Do a step; an attachment waits, in its thread, until its backend has room."""
        if step != ATTACH:
            self.call(number, step)
            return
        with self._places[number % BACKENDS]:
            self.call(number, step)

    def check(self, operations: int) -> None:
        """Raise WrongWork unless exactly the steps of so many operations were done, never too many at once."""
        expected = operations * len(STEPS)
        if self.calls != expected or self.most_at_once > PLACES:
            raise WrongWork(f"{self.calls} calls instead of {expected}, {self.most_at_once} at one backend at once")

    def _note(self, number: int, change: int) -> None:
        with self._lock:
            self._inside[number % BACKENDS] += change
            self.most_at_once = max(self.most_at_once, self._inside[number % BACKENDS])
            self.calls += change >= 0


@contextmanager
def cost_of(backends: Backends, operations: int) -> Iterator[None]:
    """Measure what happens inside, from the first request to the last ending, and print it as a line of JSON."""
    began, cpu_began = time.monotonic(), time.process_time()
    yield
    seconds, cpu_seconds = time.monotonic() - began, time.process_time() - cpu_began
    backends.check(operations)
    print(json.dumps(asdict(Cost(seconds, cpu_seconds, backends.calls))))


def operations_wanted() -> int:
    """Return how many operations the command line asks for."""
    return int(sys.argv[1])
