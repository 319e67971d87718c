"""The unit of work: repeated when the database asks for it, and clear about when it cannot be reached."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pymysql
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import Session

from jinyun.kit.database import LOST_MARIADB, RETRIABLE_MARIADB, RETRIES, Database, database_now, is_lost, is_retriable
from jinyun.kit.errors import DatabaseUnavailable, NotFound
from jinyun.kit.idempotency import IdempotencyKey
from jinyun.kit.ids import new_id
from tests.together import at_once


def key(name: str = "k", at: datetime | None = None) -> IdempotencyKey:
    row = IdempotencyKey(actor_id=new_id(), key=name, request_digest="", answer=None)
    if at is not None:
        row.created_at = at
    return row


def names(database: Database) -> list[str]:
    return database.read(lambda session: sorted(session.scalars(select(IdempotencyKey.key))))


def broken(code: int) -> OperationalError:
    return OperationalError("SELECT 1", {}, pymysql.err.OperationalError(code, "the database said so"))


@pytest.mark.parametrize("code", sorted(RETRIABLE_MARIADB))
def test_the_whole_function_is_repeated_when_the_database_rolled_back(database: Database, code: int) -> None:
    attempts: list[int] = []

    def work(session: Session) -> int:
        attempts.append(len(attempts))
        session.add(key(f"try-{len(attempts)}"))
        session.flush()
        if len(attempts) < 3:
            raise broken(code)
        return len(attempts)

    assert database.write(work) == 3
    assert names(database) == ["try-3"]


def test_it_is_not_repeated_for_ever(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jinyun.kit.database.time.sleep", lambda seconds: None)
    attempts: list[int] = []

    def work(session: Session) -> None:
        attempts.append(1)
        raise broken(1213)

    with pytest.raises(DatabaseUnavailable):
        database.write(work)
    assert len(attempts) == RETRIES


@pytest.mark.parametrize("code", sorted(LOST_MARIADB))
def test_a_lost_connection_is_told_at_once_to_the_impatient(database: Database, code: int) -> None:
    attempts: list[int] = []

    def work(session: Session) -> None:
        attempts.append(1)
        raise broken(code)

    with pytest.raises(DatabaseUnavailable):
        database.write(work, patience=0)
    with pytest.raises(DatabaseUnavailable):
        database.read(work, patience=0)
    assert len(attempts) == 2
    assert is_lost(broken(code))
    assert not is_retriable(broken(code))


def test_a_mistake_of_ours_is_neither_repeated_nor_hidden(database: Database) -> None:
    attempts: list[int] = []

    def work(session: Session) -> None:
        attempts.append(1)
        raise broken(1064)

    with pytest.raises(DBAPIError):
        database.write(work)
    assert len(attempts) == 1


def test_a_problem_leaves_nothing_behind(database: Database) -> None:
    def work(session: Session) -> None:
        session.add(key())
        session.flush()
        raise NotFound(kind="server", name="x")

    with pytest.raises(NotFound):
        database.write(work)
    assert names(database) == []


def test_a_database_that_is_not_there() -> None:
    away = Database("mysql+pymysql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseUnavailable):
        away.read(lambda session: session.execute(select(1)), patience=0)
    with pytest.raises(DatabaseUnavailable):
        away.write(lambda session: session.execute(select(1)), patience=0)
    away.dispose()


def test_a_file_that_somebody_else_keeps_locked_is_tried_again(database: Database) -> None:
    attempts: list[int] = []

    def work(session: Session) -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("database is locked"))
        return "done"

    assert database.write(work) == "done"


def test_many_at_once_count_right(database: Database) -> None:
    actor = new_id()
    database.write(lambda s: s.add(IdempotencyKey(actor_id=actor, key="n", request_digest="0", answer=0)))

    def count(_number: int) -> None:
        def work(session: Session) -> None:
            row = session.scalars(select(IdempotencyKey).filter_by(actor_id=actor).with_for_update()).one()
            row.answer = row.answer + 1

        for _ in range(5):
            database.write(work)

    at_once(8, count)
    assert database.read(lambda s: s.scalars(select(IdempotencyKey.answer)).one()) == 40


def test_moments_come_back_aware_in_utc_and_to_the_microsecond(database: Database) -> None:
    noon = datetime(2026, 11, 22, 20, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    database.write(lambda session: session.add(key(at=noon)))
    stored = database.read(lambda session: session.scalars(select(IdempotencyKey.created_at)).one())
    assert stored == noon
    assert stored.tzinfo is UTC
    assert stored.microsecond == 123456


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive"):
        database.write(lambda session: session.add(key(at=datetime(2026, 11, 22))))  # noqa: DTZ001 - that is the point


def test_the_database_has_one_clock(database: Database) -> None:
    first = database.read(database_now)
    second = database.read(database_now)
    assert first.tzinfo is UTC
    assert first <= second


def test_capitals_and_accents_make_a_difference(database: Database) -> None:
    actor = new_id()

    def add(session: Session, name: str) -> None:
        session.add(IdempotencyKey(actor_id=actor, key=name, request_digest="", answer=None))

    for name in ("name", "NAME", "näme"):
        database.write(partial(add, name=name))
    with pytest.raises(IntegrityError):
        database.write(partial(add, name="name"))
