"""Tables of access: who holds which role, how people sign in."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jinyun.kit.database import Base, CreatedAt, Document, IdKey, IdType, Moment, Name, UtcDateTime, Word
from jinyun.organisation.models import Person


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


class AccessChange(Base):
    """A change that one administrator asked for and that another one has to confirm."""

    __tablename__ = "access_change"

    id: Mapped[IdKey]
    kind: Mapped[Word]
    content: Mapped[Document]
    """What is to be done; its kind knows how to read it."""
    open_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    """SHA-256 of kind and content while it waits, empty afterwards: the same is not asked for twice at a time."""
    concerns_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"))
    """Whom it gives something or takes something from: he confirms it not."""
    requested_by: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"))
    requested_at: Mapped[CreatedAt]
    expires_at: Mapped[Moment]
    state: Mapped[Word]
    decided_by: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"))
    decided_login: Mapped[str | None] = mapped_column(String(255))
    """Who decided; on the host itself, the account there."""
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(1000), default="")
    """Why it was refused."""
    requester: Mapped[Person] = relationship(foreign_keys=requested_by)


class Bootstrap(Base):
    """One row, once this installation has its first administrators; its key decides between two who try at once."""

    __tablename__ = "bootstrap"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[Word]
    """`host` or `bank-file`."""
    closed_at: Mapped[CreatedAt]


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
