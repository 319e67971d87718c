"""The one file that a simulated data centre lives in, shared by any number of threads and processes.

Work in progress is a row that says what will be true and when; nothing runs in the background, so that a killed process
loses nothing. Whoever looks next settles what has become due (`effects.settle`).
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jinyun.kit.clock import utc_now
from jinyun.providers.errors import BackendDown, Transient

JITTER = 0.5
"""Work takes its usual time give or take a part of this, drawn from the world's seed."""


def draw(*parts: object) -> float:
    """Return a number from 0 up to 1 that depends on the parts alone: the same in every process and on every day."""
    digest = hashlib.sha256(":".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56


@dataclass(slots=True)
class Transaction:
    """A moment in the world: everything done in it happens at once, or not at all."""

    connection: sqlite3.Connection
    now: float
    slowness: float = 1.0
    """How many times longer than usual the work started in this transaction takes."""
    destiny: str | None = None
    """What a fault makes of the thing that is created in this transaction."""

    def one(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        row: sqlite3.Row | None = self.connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Return every row of a query."""
        return self.connection.execute(sql, values).fetchall()

    def run(self, sql: str, *values: object) -> int:
        """Change rows; return how many."""
        return self.connection.execute(sql, values).rowcount

    def record(self, verb: str, object_id: str, token: str | None = None) -> None:
        """Write into the journal what happens at this moment."""
        entry = (self.now, verb, object_id, token)
        self.run("INSERT INTO journal (at, verb, object_id, token) VALUES (?, ?, ?, ?)", *entry)

    def later(self, due_at: float, effect: str, subject_id: str, value: str | None = None) -> None:
        """Have an effect (a name in `effects.EFFECTS`) come true at a time."""
        work = (due_at, effect, subject_id, value)
        self.run("INSERT INTO work (due_at, effect, subject_id, value) VALUES (?, ?, ?, ?)", *work)

    def end_of(self, verb: str) -> float:
        """Return when work of this kind that starts now will be finished; the world's seed decides about the luck."""
        pace = self.one(
            "SELECT work_seconds, (SELECT value FROM fact WHERE name = 'seed') AS seed,"
            " (SELECT coalesce(max(number), 0) FROM journal) AS position FROM pace WHERE verb = ?",
            verb,
        )
        if pace is None:
            return self.now
        luck = draw(pace["seed"], verb, pace["position"])
        return self.now + float(pace["work_seconds"]) * self.slowness * (1 - JITTER / 2 + JITTER * luck)


class World:
    """A simulated data centre by the path of its file; safe to use from several threads.

    Args:
        path: the file that `build_world` made.
        patience_seconds: how long a transaction waits for another one to end.
    """

    def __init__(self, path: str | Path, *, patience_seconds: float = 15.0) -> None:
        self.path = Path(path)
        self._patience_seconds = patience_seconds
        self._of_thread = threading.local()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Look at one consistent moment."""
        with self._transaction("BEGIN") as transaction:
            yield transaction

    @contextmanager
    def changing(self) -> Iterator[Transaction]:
        """Change the world; nobody else does meanwhile."""
        with self._transaction("BEGIN IMMEDIATE") as transaction:
            yield transaction

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Transaction]:
        connection = self._connection()
        try:
            connection.execute(begin)
        except sqlite3.OperationalError as error:
            raise Transient(f"{self.path}: {error}") from error
        try:
            yield Transaction(connection, utc_now().timestamp())
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection.

        Raises:
            BackendDown: there is no world at the path.
        """
        known: sqlite3.Connection | None = getattr(self._of_thread, "connection", None)
        if known is None:
            try:
                known = connect(self.path, self._patience_seconds, mode="rw")
            except sqlite3.OperationalError as error:
                raise BackendDown(f"no simulated world at {self.path}: {error}") from error
            self._of_thread.connection = known
        return known


def connect(path: Path, patience_seconds: float, *, mode: str) -> sqlite3.Connection:
    """Open the file; `mode` is SQLite's: `rw`, or `rwc` to make it where it is missing."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=patience_seconds, isolation_level=None
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection
