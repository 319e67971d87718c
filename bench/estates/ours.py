"""Jinyun's reading of a vCenter, in a process of its own: how long it takes, and how much memory."""

import resource
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from sqlalchemy.orm import Session

from jinyun.inventory.watcher import EstateWatcher
from jinyun.inventory.watching import take_lease
from jinyun.kit.database import Base, Database
from jinyun.kit.settings import Settings
from jinyun.kit.vault import create_keys, seal
from jinyun.providers.vsphere import region as _loaded  # noqa: F401 - its client library is the interpreter's own memory
from jinyun.regions.connections import connect
from jinyun.regions.models import Region
from jinyun.tables import load_tables

HOLDER = "bench"
KIB_IN_MIB = 1024


@dataclass(frozen=True, slots=True)
class Task:
    """A vCenter to be read into a database."""

    database_url: str
    keys: Path
    public: dict[str, str]
    password: str


def prepare(task: Task) -> str:
    """Make the tables and the region; return its id."""
    load_tables()
    database = Database(task.database_url)
    Base.metadata.create_all(database.engine)
    create_keys(task.keys)

    def make(session: Session) -> str:
        secret = seal(task.keys, task.password)
        region = Region(code="vc", name="vc", provider="vsphere", public=task.public, sealed_secret=secret)
        session.add(region)
        session.flush()
        return region.id

    made = database.write(make)
    database.dispose()
    return made


def read(task: Task, region_id: str, pipe: Pipe) -> None:
    """Read everything once; tell seconds, and MiB above what the process had before."""
    watcher, database, settings = _watcher(task, region_id)
    before = _resident_mib()
    estate = connect(database, settings, region_id).estate
    assert estate is not None  # noqa: S101 - a vCenter has one
    database.write(lambda session: take_lease(session, region_id, HOLDER))
    with estate.watch() as watch:
        began = time.monotonic()
        watcher.read_whole(estate, watch)
        seconds = time.monotonic() - began
    pipe.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_IN_MIB - before))


def follow(task: Task, region_id: str) -> None:
    """Watch until this process is ended."""
    watcher, _database, _settings = _watcher(task, region_id)
    watcher.run()


def _watcher(task: Task, region_id: str) -> tuple[EstateWatcher, Database, Settings]:
    load_tables()
    database = Database(task.database_url)
    settings = Settings(database_url=task.database_url, key_directory=task.keys, call_timeout_seconds=60)
    database.read(lambda session: session.get(Region, region_id))
    return EstateWatcher(database, settings, region_id, HOLDER, threading.Event()), database, settings


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024**2
