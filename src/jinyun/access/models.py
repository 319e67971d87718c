"""Tables of access: who holds which role, how people sign in."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from jinyun.kit.database import Base, CreatedAt, IdKey, IdType, Moment, Name, UtcDateTime, Word


class RoleGrant(Base):
    """A role given to a person at a scope."""

    __tablename__ = "role_grant"

    id: Mapped[IdKey]
    person_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"))
    role: Mapped[Word]
    scope: Mapped[Word]
    scope_id: Mapped[str] = mapped_column(String(36), default="")
    """Department or project; empty for the whole system."""
    created_at: Mapped[CreatedAt]

    __table_args__ = (UniqueConstraint("person_id", "role", "scope", "scope_id"), Base.__table_args__)


class LocalAccount(Base):
    """A password kept here, for when the directory is away."""

    __tablename__ = "local_account"

    person_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    """argon2id."""


class ApiToken(Base):
    """A way in for a program or the command line: only its digest is kept."""

    __tablename__ = "api_token"

    id: Mapped[IdKey]
    person_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"), index=True)
    name: Mapped[Name]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
