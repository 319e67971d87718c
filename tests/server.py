"""The database server that tests run on where JINYUN_TEST_DATABASE_URL names a database of it."""

import os

import sqlalchemy


def server_url(purpose: str = "") -> str | None:
    """Return the database of this process, or None for SQLite; tests side by side have one each, made when missing.

    Whatever outlives one file of tests has a `purpose`, and with it a database that no other test empties.
    """
    named = os.environ.get("JINYUN_TEST_DATABASE_URL")
    parts = [part for part in (os.environ.get("PYTEST_XDIST_WORKER"), purpose) if part]
    if named is None or not parts:
        return named
    url = sqlalchemy.make_url(named)
    own = url.set(database="_".join([url.database or "", *parts]))
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        name = connection.dialect.identifier_preparer.quote_identifier(own.database or "")
        connection.exec_driver_sql(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    engine.dispose()
    return own.render_as_string(hide_password=False)
