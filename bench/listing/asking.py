"""Pages of a list asked for at a steady rate, whether or not the earlier ones have been answered."""

import http.client
import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any
from urllib.parse import quote, urlencode

CLIENTS = 4
WARM_UP = 30
"""So many requests do not count."""


class Unexpected(Exception):
    """A server answered what no page is."""


@dataclass(slots=True)
class Reader:
    """Somebody who leafs through a list, on a connection of his own."""

    port: int
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    next_page: Callable[[Any], Mapping[str, str] | None]
    """From an answer, the query of the page after it; None at the end, where he begins anew."""
    _mark: Mapping[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def ask(self, due: float) -> float:
        """Read a page, and return how many seconds after it was due the answer was there."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        query = urlencode({**self.query, **self._mark}, quote_via=quote)
        self._connection.request("GET", f"{self.path}?{query}", headers=dict(self.headers))
        answer = self._connection.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - due
        if answer.status != 200:
            raise Unexpected(f"GET {self.path}: {answer.status} {content[:300]!r}")
        self._mark = self.next_page(json.loads(content)) or {}
        return seconds


def p95_ms(make_reader: Callable[[], Reader], rate: float, seconds: float) -> float:
    """Return the time in which 95 of 100 pages come, in milliseconds, counted from when each was due."""
    count = WARM_UP + int(rate * seconds)
    begin = time.perf_counter() + 0.1

    def leaf(number: int) -> list[tuple[int, float]]:
        reader, taken = make_reader(), []
        for turn in range(number, count, CLIENTS):
            due = begin + turn / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            taken.append((turn, reader.ask(due)))
        return taken

    with ThreadPoolExecutor(CLIENTS) as pool:
        taken = [each for reader in pool.map(leaf, range(CLIENTS)) for each in reader]
    return quantiles([seconds for turn, seconds in taken if turn >= WARM_UP], n=20)[18] * 1000
