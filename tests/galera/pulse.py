"""A small write every tenth of a second: it shows for how long nobody could write, and whether a write was lost."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Column, Integer, MetaData, Table, insert, select

from jinyun.kit.database import Database
from jinyun.kit.errors import DatabaseUnavailable

BEAT_SECONDS = 0.1
TABLE = Table("test_pulse", MetaData(), Column("number", Integer, primary_key=True, autoincrement=False))


class Pulse:
    """Writes numbers, and remembers which of them were acknowledged, and when."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stop = threading.Event()
        self.acknowledged: list[int] = []
        self.moments: list[float] = [time.monotonic()]

    def beat(self) -> None:
        """Write until the end."""
        number = 0
        while not self._stop.wait(BEAT_SECONDS):
            number += 1
            try:
                self._write(number)
            except DatabaseUnavailable:
                continue
            self.acknowledged.append(number)
            self.moments.append(time.monotonic())

    def stop(self) -> None:
        """End it after the beat under way."""
        self._stop.set()

    def longest_gap(self) -> float:
        """Return the longest time without an acknowledged write, in seconds."""
        return max(later - earlier for earlier, later in zip(self.moments, self.moments[1:], strict=False))

    def lost(self) -> set[int]:
        """Return which acknowledged writes are not there."""
        there = self._database.read(lambda session: set(session.scalars(select(TABLE.c.number))))
        return set(self.acknowledged) - there

    def _write(self, number: int) -> None:
        self._database.write(lambda session: session.execute(insert(TABLE).values(number=number)))


@contextmanager
def beating(database: Database) -> Iterator[Pulse]:
    """A pulse, as long as the block lasts."""
    TABLE.create(database.engine)
    pulse = Pulse(database)
    thread = threading.Thread(target=pulse.beat)
    thread.start()
    try:
        yield pulse
    finally:
        pulse.stop()
        thread.join()
