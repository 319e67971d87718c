"""Tables of approvals."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, false
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
    decisions: Mapped[list["Decision"]] = relationship(back_populates="chain", order_by="Decision.number")
    participants: Mapped[list["Participant"]] = relationship()

    __table_args__ = (UniqueConstraint("subject_kind", "subject_id", "number"), Base.__table_args__)


class Stage(Base):
    """A step of a chain: so many of these people have to say yes."""

    __tablename__ = "stage"

    id: Mapped[IdKey]
    chain_id: Mapped[str] = mapped_column(IdType, ForeignKey("chain.id"))
    position: Mapped[int]
    needed: Mapped[int] = mapped_column(default=1)
    """How many yeses: 1 is any-of, the number of its people is all-of; those who were added come on top."""
    editable: Mapped[list[str]] = mapped_column(JSON, server_default="[]")
    """Fields of the content that its approvers may change."""
    due: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """A `rules.Due`: by when it is to be decided, in working hours, and what happens then."""
    begun_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its people were asked, or asked anew."""
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Empty also after the reminder."""
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Worked out on the working calendar by a duty, soon after it has begun."""
    state: Mapped[Word] = mapped_column(default=PENDING)
    chain: Mapped[Chain] = relationship(back_populates="stages")
    assignments: Mapped[list["Assignment"]] = relationship(back_populates="stage", order_by="Assignment.id")

    __table_args__ = (
        UniqueConstraint("chain_id", "position"),
        Index("ix_stage_state_due_at", "state", "due_at"),
        Base.__table_args__,
    )


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
    added: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether another approver added him: his yes is needed besides those of the stage."""
    delegate_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"), index=True)
    """Who is asked for his word first; then it comes back."""
    decided_by: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"))
    """Who said yes or no: the person, his deputy, or a holder of the role."""
    stage: Mapped[Stage] = relationship(back_populates="assignments")
    person: Mapped[Person | None] = relationship(foreign_keys=person_id)
    delegate: Mapped[Person | None] = relationship(foreign_keys=delegate_id)

    __table_args__ = (
        UniqueConstraint("stage_id", "person_id"),
        Index("ix_assignment_person_id_state", "person_id", "state"),
        Index("ix_assignment_role_state", "role", "state"),
        Base.__table_args__,
    )


class Decision(Base):
    """An entry of a chain's log, as it was written; rows are only ever added, and the chain follows from them."""

    __tablename__ = "decision"

    id: Mapped[IdKey]
    chain_id: Mapped[str] = mapped_column(IdType, ForeignKey("chain.id"))
    number: Mapped[int] = mapped_column(server_default="0")
    """1 is how the chain was opened."""
    stage_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("stage.id"))
    """Empty where it concerns all stages."""
    assignment_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("assignment.id"))
    person_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"))
    """Who did it; empty for the platform."""
    for_person_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"))
    """Whose deputy he was in this."""
    to_person_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"))
    """Who is asked from then on."""
    verb: Mapped[Word]
    comment: Mapped[str] = mapped_column(LongText)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    """Whatever else the verb means for the chain: see `course`."""
    digest: Mapped[str] = mapped_column(String(64))
    """What he had before him."""
    at: Mapped[Moment]
    chain: Mapped[Chain] = relationship(back_populates="decisions")
    person: Mapped[Person | None] = relationship(foreign_keys=person_id)
    for_person: Mapped[Person | None] = relationship(foreign_keys=for_person_id)
    to_person: Mapped[Person | None] = relationship(foreign_keys=to_person_id)

    __table_args__ = (UniqueConstraint("chain_id", "number"), Base.__table_args__)


class Participant(Base):
    """Somebody who was asked, or said something: he keeps seeing the chain, and those of its subject after it."""

    __tablename__ = "chain_participant"

    chain_id: Mapped[str] = mapped_column(IdType, ForeignKey("chain.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"), primary_key=True, index=True)


class Deputy(Base):
    """Who decides in somebody's place while he is away."""

    __tablename__ = "deputy"

    id: Mapped[IdKey]
    person_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"), index=True)
    deputy_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"), index=True)
    reason: Mapped[Name]
    begins_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    """Brought forward when it is ended before."""
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    deputy: Mapped[Person] = relationship(foreign_keys=deputy_id)
