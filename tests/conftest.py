"""A database for every test: SQLite in a file of its own, or the MariaDB that JINYUN_TEST_DATABASE_URL names."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

import jinyun
from jinyun.kit.database import Base, Database
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


@pytest.fixture
def database(tmp_path: Path, _server: Database | None) -> Iterator[Database]:
    """An empty database with all tables."""
    if _server is not None:
        _empty(_server)
        yield _server
        return
    database = Database(f"sqlite:///{tmp_path}/jinyun.db")
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


def _empty(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("SET FOREIGN_KEY_CHECKS = 0"))
        for table in Base.metadata.tables.values():
            connection.execute(table.delete())
        connection.execute(text("SET FOREIGN_KEY_CHECKS = 1"))
