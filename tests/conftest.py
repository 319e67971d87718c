"""A database for every test: SQLite in a file of its own, or the MariaDB that JINYUN_TEST_DATABASE_URL names."""

import importlib
import pkgutil
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from sqlalchemy import Connection, event, text

import jinyun
from jinyun.access import passwords, signing_in
from jinyun.kit import database as databases
from jinyun.kit import events
from jinyun.kit.database import Base, Database
from jinyun.kit.logs import configure_logs
from jinyun.kit.settings import Settings
from tests.clock import Clock
from tests.server import server_url

SERVER_URL = server_url()


@pytest.fixture(scope="session", autouse=True)
def _all_tables_known() -> None:
    """Import every room's tables: a foreign key needs the table that it points to."""
    importlib.import_module("jinyun.kit.idempotency")
    for module in pkgutil.walk_packages(jinyun.__path__, "jinyun."):
        if module.name.endswith(".models"):
            importlib.import_module(module.name)


@pytest.fixture(scope="session")
def _server() -> Iterator[Database | None]:
    if SERVER_URL is None:
        yield None
        return
    database = Database(SERVER_URL)
    Base.metadata.drop_all(database.engine)
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture(scope="session", autouse=True)
def _logs_as_in_production() -> None:
    """Log like the real thing: structlog left to itself draws every variable of every frame, for seconds."""
    configure_logs(Settings(log_json=True))


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Check passwords in a moment: how long the real thing takes is a matter of one test."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher.from_parameters(CHEAPEST)
        patch.setattr(passwords, "_hasher", cheap)
        patch.setattr(passwords, "_DECOY", cheap.hash("nobody's"))
        patch.setattr(signing_in, "REFUSAL_SECONDS", 0.0)
        yield


@pytest.fixture(scope="module", autouse=True)
def _own_listeners() -> Iterator[None]:
    """Let nobody hear of a test's news whom a test of another file subscribed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "_listeners", defaultdict(list))
        yield


@pytest.fixture(scope="session")
def _empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "jinyun.db"
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    database.dispose()
    return path


@pytest.fixture
def database(tmp_path: Path, _server: Database | None, _empty_file: Path) -> Iterator[Database]:
    """An empty database with all tables."""
    if _server is not None:
        _empty(_server)
        yield _server
        return
    shutil.copy(_empty_file, tmp_path / "jinyun.db")
    database = Database(f"sqlite:///{tmp_path}/jinyun.db")
    yield database
    database.dispose()


@pytest.fixture
def clock(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """The database's clock, moved by hand."""
    clock = Clock()
    monkeypatch.setattr(databases, "utc_now", clock)
    if database.is_sqlite:
        yield clock
        return

    def set_clock(connection: Connection) -> None:
        connection.exec_driver_sql("SET timestamp = %s", (clock.now.timestamp(),))

    event.listen(database.engine, "begin", set_clock)
    yield clock
    event.remove(database.engine, "begin", set_clock)
    database.engine.dispose()


def _empty(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("SET FOREIGN_KEY_CHECKS = 0"))
        for table in Base.metadata.tables.values():
            connection.execute(table.delete())
        connection.execute(text("SET FOREIGN_KEY_CHECKS = 1"))
