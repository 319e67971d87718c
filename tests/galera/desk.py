"""People who order and approve, and repeat what is not answered, at whichever API node."""

import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.api import APPLICANT, MANAGER
from tests.estate import PROJECT, a_server

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.2
IN_PROGRESS = "request-in-progress"


@dataclass
class Book:
    """What was acknowledged, and how long the slowest answer took."""

    ordered: dict[str, str] = field(default_factory=dict)
    """Order ids and the hostname that each is for."""
    approved: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    """Why requests had to be sent again."""
    slowest_seconds: float = 0.0
    failures: list[BaseException] = field(default_factory=list)


class Desk:
    """Several people at work at once."""

    def __init__(self, urls: Sequence[str], tokens: Mapping[str, str]) -> None:
        self.book = Book()
        self._urls, self._tokens = urls, tokens
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def order(self, hostnames: Sequence[str], people: int) -> None:
        """Begin to order these servers and have them approved."""
        for number in range(people):
            thread = threading.Thread(target=self._work, args=(number, hostnames[number::people]))
            thread.start()
            self._threads.append(thread)

    def wait_until_approved(self, count: int, patience: float) -> None:
        """Return when so many orders were approved."""
        end = time.monotonic() + patience
        while len(self.book.approved) < count:
            assert not self.book.failures, self.book.failures
            assert time.monotonic() < end, f"{len(self.book.approved)} of {count} approved"
            time.sleep(0.05)

    def go_home(self) -> None:
        """Wait until everybody has finished."""
        for thread in self._threads:
            thread.join()
        assert not self.book.failures, self.book.failures

    def _work(self, number: int, hostnames: Sequence[str]) -> None:
        try:
            with httpx.Client(timeout=30) as client:
                for index, hostname in enumerate(hostnames):
                    self._order_one(client, hostname, number + index)
        except BaseException as failure:
            self.book.failures.append(failure)
            raise

    def _order_one(self, client: httpx.Client, hostname: str, first_node: int) -> None:
        wanted = {"project": PROJECT, "purpose": "a test", "items": [a_server(hostname, ["general"])]}
        order = self._send(client, APPLICANT, "POST", "/v1/orders", first_node, wanted)
        with self._lock:
            self.book.ordered[order["id"]] = hostname
        todos = self._send(client, MANAGER, "GET", "/v1/todos?limit=500", first_node)
        todo = next(todo for todo in todos["items"] if todo["subject_id"] == order["id"])
        path = f"/v1/assignments/{todo['assignment_id']}/approve"
        self._send(client, MANAGER, "POST", path, first_node, {"digest": todo["digest"]})
        with self._lock:
            self.book.approved.append(order["id"])

    def _send(
        self, client: httpx.Client, login: str, method: str, path: str, first_node: int, body: object = None
    ) -> Any:
        """Send a request until it is answered, with one key however often, to one node after the other."""
        headers = {"Authorization": f"Bearer {self._tokens[login]}", "Idempotency-Key": uuid.uuid4().hex}
        began = time.monotonic()
        for node in range(first_node, first_node + int(PATIENCE_SECONDS / PAUSE_SECONDS)):
            url = self._urls[node % len(self._urls)] + path
            answer = client.request(method, url, json=body, headers=headers)
            if answer.is_success:
                with self._lock:
                    self.book.slowest_seconds = max(self.book.slowest_seconds, time.monotonic() - began)
                return answer.json()
            code = answer.json()["code"]
            assert answer.status_code == 503 or code == IN_PROGRESS, answer.text
            with self._lock:
                self.book.repeated.append(code)
            assert time.monotonic() - began < PATIENCE_SECONDS, answer.text
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(path)
