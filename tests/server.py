"""The database server that tests run on where JINYUN_TEST_DATABASE_URL names a database of it."""

import os

import sqlalchemy


def server_url() -> str | None:
    """Return the database of this process, or None for SQLite; tests side by side have one each, made when missing."""
    named = os.environ.get("JINYUN_TEST_DATABASE_URL")
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if named is None or worker is None:
        return named
    url = sqlalchemy.make_url(named)
    own = url.set(database=f"{url.database}_{worker}")
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        name = connection.dialect.identifier_preparer.quote_identifier(own.database or "")
        connection.exec_driver_sql(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    engine.dispose()
    return own.render_as_string(hide_password=False)
