"""The clients: processes that ask one after the other, each on a connection of its own, for a number of seconds."""

import http.client
import json
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

WARM_UP_SECONDS = 3.0


class Unexpected(Exception):
    """A server answered what no decision is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How long the decisions took, and over which time they were made."""

    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0


@dataclass(slots=True)
class Door:
    """One connection to a server."""

    port: int
    headers: dict[str, str]
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, method: str, path: str, body: Any = None, *, expected: int) -> Any:
        """Return the answer. Raises Unexpected where its status is another one."""
        self.connection.request(method, path, None if body is None else json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != expected:
            raise Unexpected(f"{method} {path}: {answer.status} {content[:500]!r}")
        return json.loads(content) if content else None


Decide = Callable[[int, float], Asked]
"""A client's work: its number, and for how many seconds."""


def repeat(decide: Callable[[int], None], seconds: float) -> Asked:
    """Decide again and again; what was decided while it warmed up does not count."""
    warm = time.monotonic() + WARM_UP_SECONDS
    number = 0
    while time.monotonic() < warm:
        decide(number)
        number += 1
    taken: list[float] = []
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        before = time.perf_counter()
        decide(number)
        taken.append(time.perf_counter() - before)
        number += 1
    return Asked(taken, time.perf_counter() - begin)


def all_at_once(decide: Decide, clients: int, seconds: float) -> list[Asked]:
    """Let so many clients decide, each in a process of its own."""
    with ProcessPoolExecutor(clients) as pool:
        return [each.result() for each in [pool.submit(decide, number, seconds) for number in range(clients)]]
