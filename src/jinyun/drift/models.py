"""Tables of drift."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jinyun.drift.states import OPEN
from jinyun.inventory.models import ObservedObject
from jinyun.kit.database import Base, Document, IdKey, IdType, Moment, UtcDateTime, Word
from jinyun.servers.models import Server


class Baseline(Base):
    """What Jinyun expects of one managed server's machine."""

    __tablename__ = "drift_baseline"

    server_id: Mapped[str] = mapped_column(IdType, ForeignKey("server.id"), primary_key=True)
    object_id: Mapped[str] = mapped_column(IdType, ForeignKey("observed_object.id"))
    expected: Mapped[Document]
    """By field, see `fields.values_of`."""
    loose: Mapped[list[str]] = mapped_column(default=list)
    """Fields that an operation has just changed: what is seen of them next is what is expected."""
    loose_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Drift(Base):
    """One field of a managed server's machine that is, or was, not as expected; the rows are the history."""

    __tablename__ = "drift"

    id: Mapped[IdKey]
    server_id: Mapped[str] = mapped_column(IdType, ForeignKey("server.id"), index=True)
    object_id: Mapped[str] = mapped_column(IdType, ForeignKey("observed_object.id"))
    field: Mapped[Word]
    """A word of `fields.FIELDS`."""
    standing: Mapped[str | None] = mapped_column(String(100), unique=True)
    """Server and field while it is different; empty afterwards: a field drifts once at a time."""
    expected: Mapped[Any] = mapped_column(JSON)
    found: Mapped[Any] = mapped_column(JSON)
    state: Mapped[Word] = mapped_column(default=OPEN)
    first_seen_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    """When it was last seen to become what it is."""
    ignored_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(255))
    """Login of whoever decided last."""
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    comment: Mapped[str] = mapped_column(String(500), default="")
    operation_id: Mapped[str | None] = mapped_column(IdType)
    """The operation that reverts, or reverted, it."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    server: Mapped[Server] = relationship()
    machine: Mapped[ObservedObject] = relationship()

    __table_args__ = (Index("ix_drift_state_id", "state", "id"), Base.__table_args__)
