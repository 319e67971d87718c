"""Tables of notices."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from jinyun.kit.database import Base, CreatedAt, Document, IdKey, IdType, Moment, UtcDateTime, Word
from jinyun.notices.states import WAITING


class Notice(Base):
    """Something that one person is told, as it stands in his inbox."""

    __tablename__ = "inbox_message"

    id: Mapped[IdKey]
    person_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"))
    subject: Mapped[dict[str, Any]] = mapped_column(JSON)
    """In both languages, as is the body."""
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    path: Mapped[str] = mapped_column(String(255))
    """The page that it is about, for whoever is signed in."""
    created_at: Mapped[CreatedAt]
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_inbox_message_person_id_id", "person_id", "id"), Base.__table_args__)


class OutboxMessage(Base):
    """Something that is to reach somebody elsewhere; written in the transaction of what it tells of."""

    __tablename__ = "outbox_message"

    id: Mapped[IdKey]
    """Also the message's own id outside: whoever gets it twice can tell."""
    channel: Mapped[Word]
    notice_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("inbox_message.id"), index=True)
    content: Mapped[Document]
    """What the channel needs: of a mail `to`, `subject`, `body`, `path`."""
    state: Mapped[Word] = mapped_column(default=WAITING)
    next_at: Mapped[Moment]
    """When it may be tried next; while it is being sent, when whoever sends it has given up."""
    attempts: Mapped[int] = mapped_column(default=0)
    generation: Mapped[int] = mapped_column(default=0)
    """Changes with every attempt: whoever holds an older one writes nothing any more."""
    problem: Mapped[str] = mapped_column(String(500), default="")
    """What the other side said last."""
    created_at: Mapped[CreatedAt]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_outbox_message_state_next_at", "state", "next_at"), Base.__table_args__)


class NoticeLanguage(Base):
    """In which language somebody gets his mail; Chinese where he has not said."""

    __tablename__ = "notice_language"

    person_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2))
