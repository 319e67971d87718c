"""Tables of consoles."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from jinyun.kit.database import Base, CreatedAt, IdKey, IdType, Moment, UtcDateTime


class ConsoleTicket(Base):
    """A right to open one server's screen once, for one person, for a short time; only its digest is kept."""

    __tablename__ = "console_ticket"

    id: Mapped[IdKey]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    server_id: Mapped[str] = mapped_column(IdType, ForeignKey("server.id"), index=True)
    person_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"))
    operation_id: Mapped[str] = mapped_column(IdType)
    """The operation in which a worker asks the region for the screen."""
    endpoint: Mapped[dict[str, str] | None] = mapped_column(JSON)
    """Where the region serves the screen; never leaves the platform, and is forgotten when the ticket is used."""
    created_at: Mapped[CreatedAt] = mapped_column(index=True)
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
