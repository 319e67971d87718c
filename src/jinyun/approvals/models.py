"""Tables of approvals."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jinyun.approvals.states import PENDING
from jinyun.kit.database import Base, CreatedAt, Document, IdKey, IdType, Moment, Name, UtcDateTime, Word
from jinyun.organisation.models import Person, Project


class PolicyVersion(Base):
    """The rules that chains are made by, from a moment on; rows are only ever added."""

    __tablename__ = "policy_version"

    id: Mapped[IdKey]
    number: Mapped[int] = mapped_column(unique=True)
    """1 for the first one that was written down; 0 is the built-in policy, which has no row."""
    note: Mapped[Name]
    content: Mapped[Document]
    """A `rules.Policy`."""
    effective_from: Mapped[Moment] = mapped_column(index=True)
    confirmed_by: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]


class Chain(Base):
    """One request for approval of one exact content."""

    __tablename__ = "chain"

    id: Mapped[IdKey]
    subject_kind: Mapped[Word]
    subject_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    """1 for the subject's first chain; a changed request gets the next."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what is to be approved, made by the subject's room."""
    applicant_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"), index=True)
    """Empty where the platform asks."""
    project_id: Mapped[str] = mapped_column(IdType, ForeignKey("project.id"), index=True)
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    """What it is about, in both languages."""
    facts: Mapped[Document]
    """What an approver wants to know: sizes, price, reason."""
    order_number: Mapped[str | None] = mapped_column(String(32))
    """The order that is to be approved, where it is one."""
    policy_number: Mapped[int] = mapped_column(default=0, server_default="0")
    """The version of the policy that made its stages; 0 is the built-in one."""
    rule: Mapped[Name] = mapped_column(default="", server_default="")
    """The rule of that version that it came under."""
    state: Mapped[Word] = mapped_column(default=PENDING)
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    applicant: Mapped[Person | None] = relationship()
    project: Mapped[Project] = relationship()
    stages: Mapped[list["Stage"]] = relationship(back_populates="chain", order_by="Stage.position")
    decisions: Mapped[list["Decision"]] = relationship(back_populates="chain", order_by="Decision.id")

    __table_args__ = (UniqueConstraint("subject_kind", "subject_id", "number"), Base.__table_args__)


class Stage(Base):
    """A step of a chain: so many of these people have to say yes."""

    __tablename__ = "stage"

    id: Mapped[IdKey]
    chain_id: Mapped[str] = mapped_column(IdType, ForeignKey("chain.id"))
    position: Mapped[int]
    needed: Mapped[int] = mapped_column(default=1)
    """How many yeses: 1 is any-of, the number of its people is all-of."""
    state: Mapped[Word] = mapped_column(default=PENDING)
    chain: Mapped[Chain] = relationship(back_populates="stages")
    assignments: Mapped[list["Assignment"]] = relationship(back_populates="stage", order_by="Assignment.id")

    __table_args__ = (UniqueConstraint("chain_id", "position"), Base.__table_args__)


class Assignment(Base):
    """What one person, or whoever holds a role, has to decide."""

    __tablename__ = "assignment"

    id: Mapped[IdKey]
    stage_id: Mapped[str] = mapped_column(IdType, ForeignKey("stage.id"))
    person_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"))
    role: Mapped[str | None] = mapped_column(String(64))
    """Set instead of the person where it waits in the queue of a role."""
    reason: Mapped[dict[str, str]] = mapped_column(JSON)
    """Why this person, in both languages."""
    state: Mapped[Word] = mapped_column(default=PENDING)
    stage: Mapped[Stage] = relationship(back_populates="assignments")
    person: Mapped[Person | None] = relationship()

    __table_args__ = (
        UniqueConstraint("stage_id", "person_id"),
        UniqueConstraint("stage_id", "role"),
        Index("ix_assignment_person_id_state", "person_id", "state"),
        Index("ix_assignment_role_state", "role", "state"),
        Base.__table_args__,
    )


class Decision(Base):
    """Somebody's word, as it was given; rows are only ever added."""

    __tablename__ = "decision"

    id: Mapped[IdKey]
    chain_id: Mapped[str] = mapped_column(IdType, ForeignKey("chain.id"), index=True)
    stage_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("stage.id"))
    """Empty for a withdrawal: it concerns all stages."""
    person_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"))
    """Empty where the platform withdrew it."""
    verb: Mapped[Word]
    comment: Mapped[str] = mapped_column(LongText)
    digest: Mapped[str] = mapped_column(String(64))
    """What he had before him."""
    at: Mapped[Moment]
    chain: Mapped[Chain] = relationship(back_populates="decisions")
    person: Mapped[Person | None] = relationship()
