"""Watches what is in the regions, in threads of every worker; each region is watched by one of them at a time.

Each region has a thread of its own, so that one that is slow or down keeps no other waiting.
"""

import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.inventory.observing import Source, note_all_seen, note_batch, note_gone
from jinyun.inventory.watching import (
    LeaseLost,
    fail,
    give_lease_back,
    held,
    look,
    note_whole,
    stay_current,
    take_lease,
)
from jinyun.kit.database import Database, database_now
from jinyun.kit.errors import DatabaseUnavailable
from jinyun.kit.settings import Settings
from jinyun.providers.errors import BackendError
from jinyun.providers.estate import Changes, Estate, EstateWatch, Key, Observed
from jinyun.regions.connections import connect
from jinyun.regions.models import Region

LOOK_SECONDS = 2.0
"""How long a watch waits for changes before it looks whether it is still wanted."""
PAUSE_SECONDS = 5.0
"""Until the next try, where another watches or something is away."""
STOP_SECONDS = 10.0
"""How long calls under way may take at the end: whoever is in one to a region that is silent has nothing to lose."""
ANEW_SECONDS = 1800.0
"""After how long everything is read anew, whatever was heard."""
log = structlog.get_logger()


class EstateWatchers:
    """One thread for each region whose estate can be watched, and one that looks out for new regions.

    Args:
        holder: a name that no other worker has.
    """

    def __init__(self, database: Database, settings: Settings, holder: str) -> None:
        self._database, self._settings, self._holder = database, settings, holder
        self._stop = threading.Event()
        self._threads: dict[str, threading.Thread] = {}

    def run(self) -> None:
        """Watch until `stop`."""
        while not self._stop.is_set():
            try:
                for region_id in self._database.read(lambda session: list(session.scalars(select(Region.id)))):
                    self._begin(region_id)
            except DatabaseUnavailable:
                log.warning("database away; no new regions are watched")
            self._stop.wait(PAUSE_SECONDS)
        end = time.monotonic() + STOP_SECONDS
        for thread in self._threads.values():
            thread.join(max(end - time.monotonic(), 0.0))

    def stop(self) -> None:
        """End at the next look; safe in a signal handler."""
        self._stop.set()

    def _begin(self, region_id: str) -> None:
        if region_id not in self._threads:
            watcher = EstateWatcher(self._database, self._settings, region_id, self._holder, self._stop)
            thread = threading.Thread(target=watcher.run, name=f"estate-{region_id}", daemon=True)
            self._threads[region_id] = thread
            thread.start()


class EstateWatcher:
    """Keeps what is observed in one region in step with it."""

    def __init__(
        self, database: Database, settings: Settings, region_id: str, holder: str, stop: threading.Event
    ) -> None:
        self._database, self._settings = database, settings
        self._region_id, self._holder, self._stop = region_id, holder, stop

    def run(self) -> None:
        """Watch until told to stop; return at once where the region's estate cannot be watched."""
        while not self._stop.is_set():
            try:
                estate = connect(self._database, self._settings, self._region_id).estate
                if estate is None:
                    return
                if self._database.write(lambda session: take_lease(session, self._region_id, self._holder)).mine:
                    self._watch(estate)
            except BackendError as error:
                log.warning("a region's estate cannot be read", region=self._region_id, reason=error.words)
                self._note_failure(error)
            except LeaseLost:
                log.info("another worker watches the region", region=self._region_id)
            except DatabaseUnavailable:
                log.warning("database away; a region's estate is not watched", region=self._region_id)
            except Exception:
                log.exception("a region's estate was not taken over", region=self._region_id)
            self._stop.wait(PAUSE_SECONDS)
        self._leave()

    def _watch(self, estate: Estate) -> None:
        """Read everything and follow each change; return when a watch breaks off, so that another is opened."""
        with estate.watch() as watch:
            self.read_whole(estate, watch)
            with suppress(BackendError):
                self._follow(estate, watch)

    def _follow(self, estate: Estate, watch: EstateWatch) -> None:
        end = time.monotonic() + ANEW_SECONDS
        while not self._stop.is_set() and self._unchanged(estate):
            changes = watch.changed(LOOK_SECONDS)
            if changes:
                self.take_over(watch, changes)
            standing = self._database.read(lambda session: look(session, self._region_id, self._holder))
            if standing is None:
                standing = self._database.write(lambda session: stay_current(session, self._region_id, self._holder))
            if not standing.mine:
                raise LeaseLost
            if standing.wanted or changes.anew or time.monotonic() >= end:
                self.read_whole(estate, watch)
                end = time.monotonic() + ANEW_SECONDS

    def read_whole(self, estate: Estate, watch: EstateWatch) -> None:
        """Read everything; while a batch is written, the next one is read. Raises BackendError, LeaseLost."""
        began, since = time.monotonic(), self._database.read(database_now)
        source = Source(self._region_id, watch.installation)
        keys = watch.keys()
        unreadable: Counter[str] = Counter()
        for batch in _read_ahead(watch, keys, estate.batch):
            unreadable.update(path for thing in batch for path in thing.unreadable)
            self._write_batch(source, batch)
            if self._stop.is_set():
                return
        gone = self._database.write(partial(self._end_reading, source, keys, unreadable, since))
        seconds = round(time.monotonic() - began, 3)
        log.info("a region's estate was read", region=self._region_id, things=len(keys), gone=gone, seconds=seconds)

    def take_over(self, watch: EstateWatch, changes: Changes) -> None:
        """Write down what a watch heard of. Raises BackendError, LeaseLost."""
        source = Source(self._region_id, watch.installation)
        self._write_batch(source, watch.read(list(changes.changed)))
        if changes.gone:
            self._database.write(partial(self._write_gone, source, changes.gone))

    def _write_batch(self, source: Source, batch: Sequence[Observed]) -> None:
        def write(session: Session) -> None:
            held(session, self._region_id, self._holder)
            note_batch(session, source, batch, database_now(session))

        self._database.write(write)

    def _write_gone(self, source: Source, keys: Collection[Key], session: Session) -> None:
        held(session, self._region_id, self._holder)
        note_gone(session, source, keys, database_now(session))

    def _end_reading(
        self, source: Source, keys: Sequence[Key], unreadable: Counter[str], since: datetime, session: Session
    ) -> int:
        row = held(session, self._region_id, self._holder)
        gone = note_all_seen(session, source, keys, database_now(session))
        note_whole(session, row, source.installation, unreadable, since)
        return gone

    def _unchanged(self, estate: Estate) -> bool:
        """Tell whether the region is still reached as it was: not so once its connection or password was changed."""
        return connect(self._database, self._settings, self._region_id).estate is estate

    def _note_failure(self, error: BackendError) -> None:
        with suppress(DatabaseUnavailable):
            self._database.write(lambda session: fail(session, self._region_id, self._holder, error))

    def _leave(self) -> None:
        try:
            self._database.write(lambda session: give_lease_back(session, self._region_id, self._holder), patience=0)
        except DatabaseUnavailable:
            log.info("database away; the lease of a region's estate ends by itself")


def _read_ahead(watch: EstateWatch, keys: Sequence[Key], size: int) -> Iterator[Sequence[Observed]]:
    """Yield all things by batches; the next one is on its way while somebody works on this one."""
    with ThreadPoolExecutor(1, thread_name_prefix="estate-batch") as pool:
        coming = pool.submit(watch.read, keys[:size])
        for start in range(size, len(keys) + size, size):
            batch = coming.result()
            coming = pool.submit(watch.read, keys[start : start + size])
            yield batch
