"""A request sent twice is carried out once: the answer is kept in the transaction of the work."""

import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint, delete, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from jinyun.kit.clock import utc_now
from jinyun.kit.database import Base, CreatedAt, IdKey, IdType, is_retriable
from jinyun.kit.errors import BrokenIdempotencyKey, RequestInProgress

LIFETIME = timedelta(hours=24)


class IdempotencyKey(Base):
    """One request that was carried out, and what was answered."""

    __tablename__ = "idempotency_key"

    id: Mapped[IdKey]
    actor_id: Mapped[str] = mapped_column(IdType)
    key: Mapped[str] = mapped_column(String(128))
    request_digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[Any] = mapped_column(JSON)
    created_at: Mapped[CreatedAt] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("actor_id", "key"), Base.__table_args__)


class AnsweredBefore(Exception):
    """The request was carried out before; this is what was answered then."""

    def __init__(self, answer: Any) -> None:
        super().__init__("answered before")
        self.answer = answer


def request_digest(secret: bytes, method: str, path: str, body: bytes) -> str:
    """Return what tells two requests apart; keyed, because a body may hold a password that could be guessed."""
    return hmac.digest(secret, b"\n".join([method.encode(), path.encode(), body]), "sha256").hex()


def once(
    session: Session, actor_id: str, key: str, digest: str, work: Callable[[], Any], render: Callable[[Any], Any]
) -> Any:
    """Do `work` unless this key was used before; the key and the rendered answer commit with the work.

    Raises:
        AnsweredBefore: it was done; carries the answer.
        BrokenIdempotencyKey: the key was used for another request.
        RequestInProgress: another call with this key has not finished.
    """
    row = IdempotencyKey(actor_id=actor_id, key=key, request_digest=digest, answer=None)
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        _replay(session, actor_id, key, digest)
    except DBAPIError as error:
        if is_retriable(error):
            raise RequestInProgress from error
        raise
    result = work()
    row.answer = render(result)
    return result


def forget_old_keys(session: Session) -> None:
    """Delete the keys whose time has passed."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < utc_now() - LIFETIME))


def _replay(session: Session, actor_id: str, key: str, digest: str) -> None:
    stored = session.scalar(select(IdempotencyKey).filter_by(actor_id=actor_id, key=key))
    if stored is None:  # rolled back in the meantime
        raise RequestInProgress
    if stored.request_digest != digest:
        raise BrokenIdempotencyKey(field="Idempotency-Key")
    raise AnsweredBefore(stored.answer)
