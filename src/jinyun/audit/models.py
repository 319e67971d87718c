"""Tables of the audit log; rows are only ever added, numbered once, and archived when they are old."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from jinyun.kit.database import Base, CreatedAt, IdKey, IdType, Moment, Name, Word


class AuditRecord(Base):
    """Who did what to what, for whom, before and after, with its own digest."""

    __tablename__ = "audit_record"

    id: Mapped[IdKey]
    """In the order of time: lists are paged by it, and a span of time is a span of ids."""
    at: Mapped[Moment]
    actor_id: Mapped[str | None] = mapped_column(IdType)
    actor_login: Mapped[Name] = mapped_column(index=True)
    on_behalf_of: Mapped[str | None] = mapped_column(String(255), index=True)
    """Login of the person for whom it was done, where somebody else or the platform did it."""
    action: Mapped[Word] = mapped_column(index=True)
    subject_kind: Mapped[Word]
    subject_id: Mapped[str] = mapped_column(String(64))
    subject_name: Mapped[Name]
    project_id: Mapped[str | None] = mapped_column(IdType, index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    source_address: Mapped[str | None] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(64), index=True)
    order_number: Mapped[str | None] = mapped_column(String(32), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 over all of the above."""
    number: Mapped[int | None] = mapped_column(unique=True)
    """Place in the chain; empty until the sealer has been here."""
    chain: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 over the chain value of the record before and this digest."""

    __table_args__ = (Index("ix_audit_record_subject", "subject_kind", "subject_id"), Base.__table_args__)


class AuditChain(Base):
    """The end of the chain: one row, locked by whoever seals."""

    __tablename__ = "audit_chain"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_number: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(String(64))


class AuditSeal(Base):
    """A signed statement of where the chain ended at a moment; kept outside as well, it proves truncation."""

    __tablename__ = "audit_seal"

    id: Mapped[IdKey]
    at: Mapped[CreatedAt]
    number: Mapped[int] = mapped_column(unique=True)
    head: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(Text)
    """Ed25519 over `number`, `head` and `at`, base64."""

    def statement(self) -> bytes:
        """Return what the signature covers."""
        return seal_statement(self.number, self.head, self.at)


class AuditAnchor(Base):
    """Where the chain begins after its old part was archived: the last archived record; the newest row counts."""

    __tablename__ = "audit_anchor"

    id: Mapped[IdKey]
    at: Mapped[CreatedAt]
    number: Mapped[int] = mapped_column(unique=True)
    head: Mapped[str] = mapped_column(String(64))
    archive: Mapped[Name]
    """Name of the archive's file."""
    archive_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of that file."""
    signature: Mapped[str] = mapped_column(Text)
    """Ed25519 over all of the above but the id, base64."""

    def statement(self) -> bytes:
        """Return what the signature covers."""
        parts = (self.number, self.head, self.at.isoformat(), self.archive, self.archive_digest)
        return ":".join(["jinyun-audit-anchor", *map(str, parts)]).encode()


def seal_statement(number: int, head: str, at: datetime) -> bytes:
    """Spell the end of the chain out for signing."""
    return f"jinyun-audit-seal:{number}:{head}:{at.isoformat()}".encode()
