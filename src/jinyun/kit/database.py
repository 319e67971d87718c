"""The database: tables' base, column types, and the unit of work.

MariaDB carries production, SQLite a first look; both get the same statements. Everything that writes goes through
`Database.write`, which commits before anybody is answered and repeats the whole function when the database asks for it.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar, cast

import pymysql
from sqlalchemy import (
    CHAR,
    JSON,
    Connection,
    DateTime,
    Engine,
    MetaData,
    Numeric,
    String,
    Update,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import CursorResult, Dialect, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from jinyun.kit.clock import utc_now
from jinyun.kit.errors import DatabaseUnavailable, OutcomeUncertain
from jinyun.kit.ids import new_id

Result = TypeVar("Result")

RETRIES = 8
PATIENCE_SECONDS = 6.0
"""How long a unit of work waits for a database that is away: longer than a cluster takes to find another writer."""
AWAY_PAUSE_SECONDS = 0.2
RESTED_SECONDS = 1.0
"""A connection that lay idle for longer is asked whether it still leads anywhere; asking always would cost trips."""
IDLE_SECONDS = 5
"""How long a transaction may lie still before MariaDB ends it: a process frozen in one must not freeze the others."""
LOCK_WAIT_SECONDS = 10
RETRIABLE_MARIADB = {
    1020,  # record changed since last read (snapshot isolation)
    1205,  # lock wait time-out
    1213,  # deadlock, and a certification failure of Galera
    1305,  # the savepoint does not exist: a deadlock inside it has rolled all of the transaction back
}
LOST_MARIADB = {
    1047,  # WSREP has not yet prepared node
    1053,  # server shutdown in progress
    1180,  # error during COMMIT: the node lost the cluster
    1290,  # server is read-only
    1927,  # connection was killed
    2002,
    2003,
    2006,  # server has gone away
    2013,  # lost connection during query
    4031,  # disconnected for inactivity
}

CATCH_UP = "SET STATEMENT wsrep_sync_wait = 1 FOR SELECT 1"
"""Waits until a node of a cluster has applied all that was committed before; costs a single server nothing.

Asked once a connection: only one node writes, so that what a connection could have missed was written by the node that
wrote before, and a new writer means new connections.
"""


class UtcDateTime(TypeDecorator[datetime]):
    """Moments: aware in Python, UTC with microseconds in the database."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Use DATETIME(6) where the dialect would cut to seconds."""
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment: nobody knows what it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


class Money(TypeDecorator[Decimal]):
    """Amounts of money with four decimals: exact in Python and in the database."""

    impl = Numeric(14, 4)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Keep it as text in SQLite, whose numbers are binary fractions."""
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else Numeric(14, 4))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Write it out for SQLite."""
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Give it back with its four decimals."""
        return None if value is None else Decimal(value)


IdType = String(36).with_variant(CHAR(36, collation="ascii_bin"), "mysql", "mariadb")

IdKey = Annotated[str, mapped_column(IdType, primary_key=True, default=new_id)]
"""Primary key of a table: a UUIDv7 made here."""
Reference = Annotated[str, mapped_column(IdType, index=True)]
"""Id of a row elsewhere; the foreign key is stated beside it where the row must exist."""
Moment = Annotated[datetime, mapped_column(UtcDateTime)]
CreatedAt = Annotated[datetime, mapped_column(UtcDateTime, default=utc_now)]
Word = Annotated[str, mapped_column(String(64))]
"""A name from a fixed set: a state, a kind, a role."""
Name = Annotated[str, mapped_column(String(255))]
Document = Annotated[dict[str, Any], mapped_column(JSON)]
"""A JSON object; replace it, never change it in place."""
OptionalDocument = Annotated[dict[str, Any] | None, mapped_column(JSON(none_as_null=True))]
"""A JSON object, or nothing at all."""


NOW = func.utc_timestamp(6, type_=UtcDateTime())
"""The database's own time, the only clock that leases and deadlines trust, for statements that ask for more."""
THE_TIME = select(NOW)
BEGUN_AT = "begun_at"


class Base(DeclarativeBase):
    """Base of all tables; constraints get predictable names so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }
    __table_args__: Any = {  # noqa: RUF012
        "mysql_engine": "InnoDB",
        "mysql_charset": "utf8mb4",
        "mysql_collate": "utf8mb4_bin",
    }


class Database:
    """One database and the only two ways to use it: `read` and `write`."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _mariadb_engine(url, pool_size)
        readers = self.engine.execution_options(jinyun_read_only=True)
        # SQLite has one writer at a time, and lets the others poll; a lock of our own wakes the next one at once.
        self._turn: AbstractContextManager[object] = threading.RLock() if self.is_sqlite else nullcontext()
        self._write_sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._read_sessions = sessionmaker(readers, expire_on_commit=False)

    def write(self, work: Callable[[Session], Result], *, patience: float = PATIENCE_SECONDS) -> Result:
        """Run `work` in one transaction and commit; repeat all of it when the database rolled it back.

        A connection that is lost before COMMIT was sent has changed nothing: the work is repeated on another one, for
        up to `patience` seconds. When the answer to COMMIT is lost, nobody here can tell what became of it: that is
        never repeated, and left to whoever knows how, as an Idempotency-Key or a lease does.

        Raises:
            DatabaseUnavailable: the database could not be reached, or kept rolling back; nothing was changed.
            OutcomeUncertain: the database was lost while it committed.
        """
        return _persist(lambda: self._write_once(work), patience)

    def read(self, work: Callable[[Session], Result], *, patience: float = PATIENCE_SECONDS) -> Result:
        """Run `work` in one transaction that changes nothing; repeat it as `write` does.

        Raises:
            DatabaseUnavailable: the database could not be reached.
        """
        return _persist(lambda: self._read_once(work), patience)

    def try_out(self, work: Callable[[Session], Result], *, patience: float = PATIENCE_SECONDS) -> Result:
        """Run `work` in one transaction as `write` does, and take all of it back: to see what would come of it.

        Raises:
            DatabaseUnavailable: the database could not be reached, or kept rolling back.
        """
        return _persist(lambda: self._try_once(work), patience)

    def _try_once(self, work: Callable[[Session], Result]) -> Result:
        with self._turn, self._write_sessions() as session, _thrown_away_when_lost(session):
            result = work(session)
            session.flush()
            session.rollback()
            return result

    def _write_once(self, work: Callable[[Session], Result]) -> Result:
        with self._turn, self._write_sessions() as session:
            with _thrown_away_when_lost(session):
                result = work(session)
                session.flush()
            try:
                session.commit()
            except DBAPIError as error:
                session.invalidate()
                if is_lost(error):
                    raise OutcomeUncertain from error
                raise
            return result

    def _read_once(self, work: Callable[[Session], Result]) -> Result:
        with self._read_sessions() as session, _thrown_away_when_lost(session):
            return work(session)

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _persist(attempt: Callable[[], Result], patience: float) -> Result:
    """Repeat an attempt: so many times when it was rolled back, so many seconds when the database is away."""
    end = time.monotonic() + patience
    rolled_back = 0
    while True:
        try:
            return attempt()
        except DBAPIError as error:
            if is_lost(error):
                given_up, pause = time.monotonic() >= end, AWAY_PAUSE_SECONDS
            elif is_retriable(error):
                rolled_back += 1
                given_up, pause = rolled_back == RETRIES, 0.01 * 2**rolled_back
            else:
                raise
            if given_up:
                raise DatabaseUnavailable from error
        time.sleep(random.uniform(0, pause))  # noqa: S311 - spreading, not secrecy


@contextmanager
def _thrown_away_when_lost(session: Session) -> Iterator[None]:
    """Keep a connection to a node that cannot work any more out of the pool: the next one may lead to another node."""
    try:
        yield
    except DBAPIError as error:
        if is_lost(error):
            session.invalidate()
        raise


def is_retriable(error: DBAPIError) -> bool:
    """Tell whether the database rolled the transaction back and asks for another try."""
    if _mariadb_code(error) in RETRIABLE_MARIADB:
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)


def is_lost(error: DBAPIError) -> bool:
    """Tell whether the database is away, as opposed to a mistake in a statement."""
    return error.connection_invalidated or _mariadb_code(error) in LOST_MARIADB


def database_now(session: Session) -> datetime:
    """Return the database's own time; see `NOW`."""
    if session.get_bind().dialect.name == "sqlite":
        return utc_now()  # one process, one clock
    return session.execute(THE_TIME).scalar_one()


def transaction_time(session: Session) -> datetime:
    """Return the database's time at which this unit of work first asked for it: one moment for all that it writes."""
    moment: datetime = session.info.get(BEGUN_AT) or session.info.setdefault(BEGUN_AT, database_now(session))
    return moment


def swapped(session: Session, statement: Update, values: Mapping[str, Any] | None = None) -> bool:
    """Run a compare-and-swap: an UPDATE whose condition names the version read; tell whether it still stood."""
    result = session.execute(statement, values, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount == 1


def _mariadb_code(error: DBAPIError) -> int | None:
    arguments = getattr(error.orig, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else None


def _mariadb_engine(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_recycle=600,
        pool_reset_on_return=None,  # `write` and `read` end their transactions themselves
        connect_args={
            "connect_timeout": 5,
            "read_timeout": 30,
            "write_timeout": 30,
            "charset": "utf8mb4",
            "init_command": CATCH_UP,
            # without this, each connection reads the system's certificates and then trusts whoever answers
            "ssl_disabled": "ssl_ca" not in make_url(url).query,
        },
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET SESSION idle_transaction_timeout = {IDLE_SECONDS}")
            cursor.execute(f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}")

    @event.listens_for(engine, "checkin")
    def _on_checkin(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _on_checkout(connection: Any, record: ConnectionPoolEntry, _fairy: Any) -> None:
        if time.monotonic() - record.info.get("rests_since", time.monotonic()) > RESTED_SECONDS:
            _ping(connection)

    return engine


def _ping(connection: Any) -> None:
    """Find out whether a connection still leads anywhere; the pool takes another one where it does not."""
    try:
        connection.ping(reconnect=False)
    except (OSError, pymysql.Error) as error:
        raise DisconnectionError from error


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        connection.create_function("utc_timestamp", 1, lambda _digits: f"{utc_now():%Y-%m-%d %H:%M:%S.%f}")
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "case_sensitive_like=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get("jinyun_read_only")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
