"""Tables of the audit log; rows are only ever added, and numbered once."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from jinyun.kit.database import Base, CreatedAt, IdKey, IdType, Moment, Name, Word


class AuditRecord(Base):
    """Who did what to what, before and after, with its own digest."""

    __tablename__ = "audit_record"

    id: Mapped[IdKey]
    at: Mapped[Moment] = mapped_column(index=True)
    actor_id: Mapped[str | None] = mapped_column(IdType, index=True)
    actor_login: Mapped[Name]
    action: Mapped[Word]
    subject_kind: Mapped[Word]
    subject_id: Mapped[str] = mapped_column(String(64))
    subject_name: Mapped[Name]
    project_id: Mapped[str | None] = mapped_column(IdType, index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    source_address: Mapped[str | None] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(64))
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


def seal_statement(number: int, head: str, at: datetime) -> bytes:
    """Spell the end of the chain out for signing."""
    return f"jinyun-audit-seal:{number}:{head}:{at.isoformat()}".encode()
