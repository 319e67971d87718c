"""Tables of access: who holds which role, how people sign in."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Integer, String, UniqueConstraint, false
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
    must_change: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether somebody else chose the password: until its owner has chosen another, nothing else is open to him."""


class PersonSession(Base):
    """Somebody signed in: a browser holds the secret as a cookie, the command line as a bearer; its digest is kept."""

    __tablename__ = "person_session"

    id: Mapped[IdKey]
    person_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"), index=True)
    kind: Mapped[Word]
    """`web` or `program`: the one never works as the other."""
    way: Mapped[Word]
    """How the person proved who he is: `directory`, `local` or `sign-on`."""
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    source_address: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[Name]
    created_at: Mapped[CreatedAt]
    last_seen_at: Mapped[Moment]
    """Written at most once a minute."""
    expires_at: Mapped[Moment] = mapped_column(index=True)
    """When it ends however busy it is."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiToken(Base):
    """A way in for a program: only its digest is kept."""

    __tablename__ = "api_token"

    id: Mapped[IdKey]
    person_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"), index=True)
    name: Mapped[Name]
    taken_name: Mapped[str | None] = mapped_column(String(255))
    """The name again while the token lives, empty afterwards: a person has no two living tokens of one name."""
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    actions: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """What it may be used for; empty for all that its person may (nobody can make such a one any more)."""
    project_ids: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """For which application systems; empty for all."""
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[Moment]
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Written at most once a minute."""
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("person_id", "taken_name"), Base.__table_args__)


class FailureCount(Base):
    """Failed sign-ins: of a login, from an address, or of a login from an address."""

    __tablename__ = "failure_count"

    login_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the login as it was typed, which may be a password; empty for all logins."""
    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Empty for all addresses."""
    failures: Mapped[int] = mapped_column(Integer, default=0)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When this login was last right from this address."""
    touched_at: Mapped[Moment] = mapped_column(index=True)
    """When anything happened to it last; what is old enough is forgotten."""


class SignOn(Base):
    """A single sign-on under way: good once, for minutes, for the browser that began it."""

    __tablename__ = "sign_on"

    id: Mapped[IdKey]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the `state` while the provider is asked; afterwards of the code that the command line gets its session by."""
    browser_digest: Mapped[str] = mapped_column(String(64))
    """Of the cookie that the browser was given beforehand."""
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))
    """Of our own PKCE towards the provider."""
    next_path: Mapped[str] = mapped_column(String(512))
    """Where the browser goes afterwards; a path of ours."""
    loopback_port: Mapped[int | None]
    """Where the command line waits on its own machine; empty for the web console."""
    challenge: Mapped[str] = mapped_column(String(64))
    """PKCE of the command line towards us."""
    person_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"))
    """Who it turned out to be."""
    expires_at: Mapped[Moment] = mapped_column(index=True)
