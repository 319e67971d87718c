"""Watches the company directory, in a thread of every worker; one of them does it, another when that one is gone."""

import threading
import time
from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy.orm import Session

from jinyun.connectors.directory import Directory, DirectoryUnavailable, Snapshot
from jinyun.directory.sync import LeaseLost, Standing, Terms, fail, give_lease_back, look, synchronise, take_lease
from jinyun.kit.database import Database
from jinyun.kit.errors import DatabaseUnavailable
from jinyun.kit.settings import Settings

LOOK_SECONDS = 0.5
PAUSE_SECONDS = 1.0
"""Until the next try, where another watches or something is away."""
ANEW_SECONDS = 3600.0
"""After how long everything is read anew, whatever was heard."""
SOURCE = "ldap"
log = structlog.get_logger()


class DirectoryWatcher:
    """Keeps departments and people in step with the directory.

    Args:
        opening: returns the directory; may raise DirectoryUnavailable, as everything of it may.
        holder: a name that no other worker has.
    """

    def __init__(
        self, database: Database, opening: Callable[[], Directory | None], settings: Settings, holder: str
    ) -> None:
        self._database, self._opening, self._holder = database, opening, holder
        self._terms = Terms(holder, settings.directory_cap_percent, settings.directory_automatic)
        self._stop = threading.Event()

    def run(self) -> None:
        """Watch until `stop`."""
        while not self._stop.is_set():
            try:
                if self._database.write(self._take_lease).mine:
                    self._watch()
                    continue
            except DirectoryUnavailable as error:
                log.warning("the directory cannot be read", reason=error.reason.en)
                self._note(error)
            except LeaseLost:
                log.info("another worker watches the directory")
            except DatabaseUnavailable:
                log.warning("database away; the directory is not watched")
            except Exception:
                log.exception("the directory's state was not taken over")
            self._stop.wait(PAUSE_SECONDS)
        self._leave()

    def stop(self) -> None:
        """End at the next look; safe in a signal handler."""
        self._stop.set()

    def _watch(self) -> None:
        """Read everything and follow each change, until a new reading is wanted, the lease is gone, or `stop`."""
        directory = self._opening()
        if directory is None:
            self._stop.set()
            return
        with directory.watch() as watch:
            self._synchronise(watch.snapshot)
            end = time.monotonic() + ANEW_SECONDS
            while not self._stop.is_set() and time.monotonic() < end:
                changed = watch.changed(LOOK_SECONDS)
                standing = self._database.read(lambda session: look(session, SOURCE, self._holder))
                if standing is None:
                    standing = self._database.write(self._take_lease)
                if not standing.mine:
                    raise LeaseLost
                if standing.wanted:
                    return
                if changed:
                    self._synchronise(watch.snapshot)

    def _take_lease(self, session: Session) -> Standing:
        return take_lease(session, SOURCE, self._holder)

    def _synchronise(self, snapshot: Snapshot) -> None:
        began = time.monotonic()
        plan = self._database.write(partial(synchronise, seen=snapshot, source=SOURCE, terms=self._terms))
        seconds = round(time.monotonic() - began, 3)
        log.info("the directory was read", changes=len(plan.changes), findings=len(plan.findings), seconds=seconds)

    def _note(self, error: DirectoryUnavailable) -> None:
        try:
            self._database.write(lambda session: fail(session, SOURCE, self._holder, error.reason))
        except DatabaseUnavailable:
            log.warning("database away; the directory's failure is not noted")

    def _leave(self) -> None:
        try:
            self._database.write(lambda session: give_lease_back(session, SOURCE, self._holder), patience=0)
        except DatabaseUnavailable:
            log.info("database away; the directory's lease ends by itself")
