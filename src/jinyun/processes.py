"""The processes of an installation: API nodes, workers, or both in one for a first look."""

import gc
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
import uvicorn
from alembic import command
from alembic.config import Config
from fastapi import FastAPI

from jinyun.app import all_duties, all_recipes, create_app, wire_events
from jinyun.connectors.registry import company_directory
from jinyun.directory.watcher import DirectoryWatcher
from jinyun.inventory.watcher import EstateWatchers
from jinyun.kit.database import Database
from jinyun.kit.ids import new_id
from jinyun.kit.logs import configure_logs
from jinyun.kit.settings import Settings
from jinyun.networks.groups import ensure_standard_groups
from jinyun.operations.worker import WorkerProcess

OBJECTS_BETWEEN_LOOKS = 50_000
MIGRATIONS = Path(__file__).parent / "migrations"
log = structlog.get_logger()


def serve(settings: Settings) -> None:
    """Run an API node until it is told to stop; requests under way are finished."""
    configure_logs(settings)
    database = Database(settings.database_url)
    api = server(create_app(settings, database), settings)
    _spare_the_collector()
    api.run()
    database.dispose()


def work(settings: Settings) -> None:
    """Run a worker until SIGTERM or SIGINT; calls under way are finished, the rest is handed on."""
    configure_logs(settings)
    wire_events()
    database = Database(settings.database_url)
    worker = WorkerProcess(database, all_recipes(), settings, all_duties(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    with _directory_watched(settings, database), _estates_watched(settings, database):
        worker.run()
    database.dispose()


def run_all(settings: Settings) -> None:
    """Run an API node and a worker in one process, on one SQLite file."""
    configure_logs(settings)
    database = Database(settings.database_url)
    api = server(create_app(settings, database), settings)
    worker = WorkerProcess(database, all_recipes(), settings, all_duties(settings))
    thread = threading.Thread(target=worker.run, name="worker")
    thread.start()
    try:
        with _directory_watched(settings, database), _estates_watched(settings, database):
            api.run()
    finally:
        worker.stop()
        thread.join()
        database.dispose()


def upgrade_database(settings: Settings) -> None:
    """Bring the database's tables to this release, and make what every installation begins with."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = settings.database_url
    command.upgrade(config, "head")
    database = Database(settings.database_url)
    database.write(ensure_standard_groups)
    database.dispose()


@contextmanager
def _directory_watched(settings: Settings, database: Database) -> Iterator[None]:
    """Keep departments and people in step with the company directory, where there is one."""
    if not settings.directory_url:
        yield
        return
    watcher = DirectoryWatcher(database, lambda: company_directory(settings), settings, new_id())
    thread = threading.Thread(target=watcher.run, name="directory")
    thread.start()
    try:
        yield
    finally:
        watcher.stop()
        thread.join()


def _spare_the_collector() -> None:
    """Have the garbage collector look seldom, and never at what lives as long as the process.

    A request makes tens of thousands of objects that go by themselves; to look through all hosts for garbage after
    each few hundred of them would stop everybody for longer than a request takes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS, 20, 50)


@contextmanager
def _estates_watched(settings: Settings, database: Database) -> Iterator[None]:
    """Keep what is observed in the regions in step with them."""
    watchers = EstateWatchers(database, settings, new_id())
    thread = threading.Thread(target=watchers.run, name="estates")
    thread.start()
    try:
        yield
    finally:
        watchers.stop()
        thread.join()


class ApiServer(uvicorn.Server):
    """Serves the API; told to stop, it ends what has no end by itself, and waits for everything else."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let open pages go, so that they come back to another node at once."""
        self.config.app.state.live.close()  # type: ignore[union-attr]
        await super().shutdown(sockets)


def server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """Return what serves an application at this installation's address."""
    config = uvicorn.Config(
        app,
        host=settings.listen_host,
        port=settings.listen_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=20,
        forwarded_allow_ips=settings.trusted_proxies,
        h11_max_incomplete_event_size=64 * 1024,
    )
    return ApiServer(config)
