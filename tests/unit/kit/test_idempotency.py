"""The same request twice has one effect, also when both come at once."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.audit.models import AuditRecord
from jinyun.audit.service import record
from jinyun.kit import idempotency
from jinyun.kit.actor import PLATFORM
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import BrokenIdempotencyKey, NotFound
from jinyun.kit.idempotency import LIFETIME, AnsweredBefore, IdempotencyKey, forget_old_keys, once
from jinyun.kit.ids import new_id
from tests.together import at_once

ACTOR = new_id()


def do_once(database: Database, key: str = "key-0001", digest: str = "d", *, fails: bool = False) -> Any:
    def effect(session: Session) -> dict[str, str]:
        record(session, PLATFORM, "effect", ("thing", "1", "one"))
        session.flush()
        if fails:
            raise NotFound(kind="server", name="x")
        return {"done": key}

    def work(session: Session) -> Any:
        return once(session, ACTOR, key, digest, lambda: effect(session), lambda result: result)

    try:
        return database.write(work)
    except AnsweredBefore as repeated:
        return repeated.answer


def effects(database: Database) -> int:
    return database.read(lambda session: session.scalar(select(func.count(AuditRecord.id)))) or 0


def test_a_repetition_is_answered_as_before(database: Database) -> None:
    assert [do_once(database) for _ in range(3)] == [{"done": "key-0001"}] * 3
    assert effects(database) == 1


def test_many_at_once_have_one_effect(database: Database) -> None:
    outcomes = at_once(8, lambda _number: do_once(database))
    assert outcomes.count({"done": "key-0001"}) + outcomes.count("request-in-progress") == 8
    assert {"done": "key-0001"} in outcomes
    assert effects(database) == 1


def test_another_request_with_the_same_key_is_refused(database: Database) -> None:
    do_once(database)
    with pytest.raises(BrokenIdempotencyKey):
        do_once(database, digest="other")
    assert effects(database) == 1


def test_what_failed_may_be_tried_again(database: Database) -> None:
    with pytest.raises(NotFound):
        do_once(database, fails=True)
    assert effects(database) == 0
    assert do_once(database) == {"done": "key-0001"}


def test_keys_are_forgotten_after_their_time(database: Database) -> None:
    do_once(database, "key-old")
    do_once(database, "key-new")

    def age(session: Session) -> None:
        old = session.scalars(select(IdempotencyKey).filter_by(key="key-old")).one()
        old.created_at = utc_now() - LIFETIME * 1.01

    database.write(age)
    database.write(forget_old_keys)
    assert database.read(lambda session: list(session.scalars(select(IdempotencyKey.key)))) == ["key-new"]


def test_the_lifetime_is_a_day() -> None:
    assert idempotency.LIFETIME.total_seconds() == 86_400
