"""A database that goes away: what has changed nothing is repeated for a while, and what may have is not."""

from collections.abc import Callable

import pymysql
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from jinyun.kit.database import Database
from jinyun.kit.errors import DatabaseUnavailable, OutcomeUncertain
from jinyun.kit.idempotency import IdempotencyKey
from jinyun.kit.ids import new_id

LOST = 2013
NOT_READY = 1047
CERTIFICATION_FAILED = 1213


def broken(code: int, statement: str = "SELECT 1") -> OperationalError:
    return OperationalError(statement, {}, pymysql.err.OperationalError(code, "the database said so"))


def add(session: Session, key: str) -> None:
    session.add(IdempotencyKey(actor_id=new_id(), key=key, request_digest="", answer=None))
    session.flush()


def keys(database: Database) -> list[str]:
    return database.read(lambda session: list(session.scalars(select(IdempotencyKey.key))))


def failing(times: int, code: int, attempts: list[int]) -> Callable[[Session], None]:
    """Return work that writes something each time, and loses the database so many times."""

    def work(session: Session) -> None:
        attempts.append(1)
        add(session, f"attempt-{len(attempts)}")
        if len(attempts) <= times:
            raise broken(code)

    return work


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Codes that the next COMMITs fail with; they are carried out nevertheless where the connection is lost."""
    codes: list[int] = []
    commit = Session.commit

    def failing_commit(session: Session) -> None:
        if not codes:
            commit(session)
            return
        code = codes.pop(0)
        commit(session) if code == LOST else session.rollback()
        raise broken(code, "COMMIT")

    monkeypatch.setattr(Session, "commit", failing_commit)
    return codes


@pytest.mark.parametrize("code", [LOST, NOT_READY])
def test_work_that_lost_its_connection_is_repeated_on_another(database: Database, code: int) -> None:
    attempts: list[int] = []
    database.write(failing(3, code, attempts))
    assert len(attempts) == 4
    assert keys(database) == ["attempt-4"]


def test_reading_is_repeated(database: Database) -> None:
    attempts: list[int] = []

    def work(session: Session) -> str:
        attempts.append(1)
        if len(attempts) < 3:
            raise broken(LOST)
        return "read"

    assert database.read(work) == "read"


def test_nobody_waits_longer_than_he_wants_to(database: Database) -> None:
    attempts: list[int] = []
    with pytest.raises(DatabaseUnavailable) as told:
        database.write(failing(1000, LOST, attempts), patience=0.3)
    assert not isinstance(told.value, OutcomeUncertain)
    assert len(attempts) > 1
    attempts.clear()
    with pytest.raises(DatabaseUnavailable):
        database.write(failing(1000, LOST, attempts), patience=0)
    assert len(attempts) == 1
    assert keys(database) == []


def test_a_lost_commit_is_never_repeated(database: Database, commits: list[int]) -> None:
    commits.append(LOST)
    attempts: list[int] = []
    with pytest.raises(OutcomeUncertain):
        database.write(failing(0, LOST, attempts))
    assert len(attempts) == 1
    assert keys(database) == ["attempt-1"]


def test_a_commit_that_failed_certification_is_repeated(database: Database, commits: list[int]) -> None:
    commits.append(CERTIFICATION_FAILED)
    attempts: list[int] = []
    database.write(failing(0, LOST, attempts))
    assert len(attempts) == 2
    assert keys(database) == ["attempt-2"]
