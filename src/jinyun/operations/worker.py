"""A worker process: claims, runs, keeps its leases, does the periodic duties, stops without losing anything."""

import os
import socket
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import structlog
from sqlalchemy.orm import Session

from jinyun.kit.database import Database, database_now
from jinyun.kit.errors import DatabaseUnavailable
from jinyun.kit.ids import new_id
from jinyun.kit.settings import Settings
from jinyun.operations.claims import LeaseKeeper, claim
from jinyun.operations.definition import Recipes
from jinyun.operations.models import Worker as WorkerRow
from jinyun.operations.runner import Runner
from jinyun.operations.schedules import Periodic, run_due

IDLE_SECONDS = 0.1
"""How long an idle worker rests between two looks; a look costs well under a millisecond."""
DUTY_SECONDS = 1.0
log = structlog.get_logger()


class WorkerProcess:
    """Everything that one worker does, on threads of its own."""

    def __init__(
        self, database: Database, recipes: Recipes, settings: Settings, duties: Sequence[Periodic] = ()
    ) -> None:
        self.id = new_id()
        self.name = settings.worker_name or f"{socket.gethostname()}:{os.getpid()}"
        self._database, self._recipes, self._settings, self._duties = database, recipes, settings, duties
        self._leases = LeaseKeeper(database, self.id, settings)
        self._stop = threading.Event()
        self._finished = threading.Event()
        self._free = threading.Semaphore(settings.worker_threads)
        self._look_again = threading.Event()
        self._more_may_be_due = True
        """The last look found as much as there was room for; otherwise a free slot is no reason for another look."""
        self._runner = Runner(database, recipes, settings, self._leases, self._look_again.set)

    def run(self) -> None:
        """Work until `stop`; then finish the calls under way, hand the rest on, and return."""
        self._sign_on()
        helpers = [threading.Thread(target=target, daemon=True) for target in (self._keep_leases, self._do_duties)]
        for helper in helpers:
            helper.start()
        with ThreadPoolExecutor(self._settings.worker_threads, thread_name_prefix="step") as pool:
            while not self._stop.is_set():
                self._claim_and_run(pool)
        self._finished.set()
        for helper in helpers:
            helper.join()
        self._database.write(self._sign_off)
        log.info("worker stopped", worker=self.name)

    def stop(self) -> None:
        """Ask the worker to end gracefully; safe in a signal handler."""
        self._stop.set()
        self._look_again.set()

    def _claim_and_run(self, pool: ThreadPoolExecutor) -> None:
        self._more_may_be_due = True
        room = self._free_slots()
        claims = []
        try:
            judge = self._leases.may_judge
            claims = claim(self._database, self.id, self._recipes.handlers, room, self._settings, judge=judge)
        except DatabaseUnavailable:
            log.warning("database away; nothing claimed")
            self._stop.wait(1.0)
        self._leases.hold(claims)
        for held in claims:
            self._free.acquire()
            pool.submit(self._runner.run, held, self._stop.is_set).add_done_callback(self._give_slot_back)
        self._more_may_be_due = len(claims) == room
        if not claims or not self._more_may_be_due:
            self._look_again.wait(IDLE_SECONDS)
            self._look_again.clear()

    def _free_slots(self) -> int:
        room = 0
        while self._free.acquire(blocking=False):
            room += 1
        for _ in range(room):
            self._free.release()
        return room

    def _give_slot_back(self, future: Future[None]) -> None:
        self._free.release()
        if self._more_may_be_due:
            self._look_again.set()
        if error := future.exception():
            log.error("runner failed", exc_info=error)

    def _keep_leases(self) -> None:
        while not self._finished.wait(self._settings.lease_seconds / 4):
            try:
                self._leases.beat()
            except Exception:
                log.warning("heartbeat failed", exc_info=True)

    def _do_duties(self) -> None:
        while not self._finished.wait(DUTY_SECONDS):
            try:
                run_due(self._database, self._duties)
            except Exception:
                log.warning("no duties done", exc_info=True)

    def _sign_on(self) -> None:
        def work(session: Session) -> None:
            now = database_now(session)
            session.add(WorkerRow(id=self.id, name=self.name, started_at=now, seen_at=now))

        while not self._stop.is_set():
            try:
                self._database.write(work)
                break
            except DatabaseUnavailable:
                log.warning("database away; not begun")
                self._stop.wait(1.0)
        log.info("worker started", worker=self.name, threads=self._settings.worker_threads)

    def _sign_off(self, session: Session) -> None:
        row = session.get(WorkerRow, self.id)
        if row is not None:
            row.stopped_at = database_now(session)
