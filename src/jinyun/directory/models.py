"""Tables of the synchronisation with the company directory."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from jinyun.kit.database import Base, Document, IdKey, UtcDateTime, Word


class DirectorySync(Base):
    """How it stands with one directory, and which worker watches it."""

    __tablename__ = "directory_sync"

    source: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str | None] = mapped_column(String(64))
    """The worker that watches; only it may change what came from there."""
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was last seen to be the same here and there."""
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when it cannot be read; empty while all is well."""
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    summary: Mapped[Document] = mapped_column(default=dict)
    """Counts of the newest plan: see `plan.Summary`."""
    digest: Mapped[str | None] = mapped_column(String(64))
    """Of the newest plan."""
    lines_digest: Mapped[str | None] = mapped_column(String(64))
    """Of the lines that are kept of it."""
    state: Mapped[Word]
    """See `states`."""
    confirmed_digest: Mapped[str | None] = mapped_column(String(64))
    requested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when an administrator waits for a new reading."""
    requested_mode: Mapped[Word] = mapped_column(default="sync")


class DirectoryLine(Base):
    """One line of the newest plan: what changes, or what is wrong in the directory."""

    __tablename__ = "directory_line"

    id: Mapped[IdKey]
    source: Mapped[str] = mapped_column(String(32))
    kind: Mapped[Word]
    """`change` or `finding`."""
    subject_kind: Mapped[Word]
    position: Mapped[int]
    text: Mapped[dict[str, str]] = mapped_column(JSON)

    __table_args__ = (UniqueConstraint("source", "kind", "position"), Base.__table_args__)
