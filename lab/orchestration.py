"""Bringing entries up: each starts as soon as what it needs is ready, many at the same time."""

import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from lab.progress import Progress
from lab.service import Entry, Job, Service, levels
from lab.supervision import Supervisor

POLL_SECONDS = 0.15


class NotReady(Exception):
    """A service did not become ready; the message says which and where to read on."""


def bring_up(entries: Mapping[str, Entry], supervisor: Supervisor, progress: Progress) -> None:
    """Start services and run jobs in the order of their needs.

    Raises:
        NotReady: a service was not ready in time.
    """
    levels(entries)  # refuses circles before anything starts
    failed = threading.Event()
    done: set[str] = set()
    waiting = dict(entries)
    running: dict[Future[None], Entry] = {}

    def one(entry: Entry) -> None:
        try:
            _bring_up_one(entry, supervisor, progress, failed)
        except BaseException:
            failed.set()
            raise

    with ThreadPoolExecutor(max_workers=max(1, len(entries))) as pool:
        while waiting or running:
            for entry in [e for e in waiting.values() if done.issuperset(set(e.needs) & set(entries))]:
                running[pool.submit(one, waiting.pop(entry.name))] = entry
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                entry = running.pop(future)
                future.result()
                done.add(entry.name)


def stop(services: Iterable[Service], supervisor: Supervisor) -> None:
    """Stop services, all at the same time."""
    known = supervisor.processes()
    names = [service.name for service in services if service.name in known and known[service.name].is_running]
    with ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
        list(pool.map(supervisor.stop_process, names))


def _bring_up_one(entry: Entry, supervisor: Supervisor, progress: Progress, failed: threading.Event) -> None:
    began = time.monotonic()
    if isinstance(entry, Job):
        entry.run()
    else:
        _start(entry, supervisor, failed)
    progress.step(entry.name, time.monotonic() - began)


def _start(service: Service, supervisor: Supervisor, failed: threading.Event) -> None:
    supervisor.start_process(service.name)
    deadline = time.monotonic() + service.ready_seconds
    while not failed.is_set():
        process = supervisor.process(service.name)
        if process.is_running and service.ready(process.pid):
            return
        if process.state == "FATAL" or time.monotonic() > deadline:
            raise NotReady(
                f"{service.name} did not become ready ({process.state.lower()} {process.problem}): "
                f"see `bin/lab logs {service.name}`, the file {supervisor.layout.logs}/{service.name}.log"
            )
        time.sleep(POLL_SECONDS)
