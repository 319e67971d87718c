"""Tables of adoption."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jinyun.adoption.states import PENDING_APPROVAL, WAITING
from jinyun.inventory.models import ObservedObject
from jinyun.kit.database import Base, CreatedAt, IdKey, IdType, Name, OptionalDocument, UtcDateTime, Word
from jinyun.organisation.models import Person, Project
from jinyun.servers.models import Server


class AdoptionRule(Base):
    """How something is told of which application system it is: data that the system administrator sets."""

    __tablename__ = "adoption_rule"

    id: Mapped[IdKey]
    position: Mapped[int] = mapped_column(unique=True)
    """The first rule that finds an application system decides; the others are evidence."""
    source: Mapped[Word]
    """What of a machine is looked at: a word of `rules.SOURCES`."""
    key: Mapped[Name] = mapped_column(default="")
    """Category of the tag, or name of the custom field."""
    pattern: Mapped[Name]
    """What it must be like: see `rules.Pattern`."""
    gives: Mapped[Word]
    """A word of `rules.GIVES`."""
    project_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("project.id"))
    """The application system, where the rule names it."""
    note: Mapped[Name] = mapped_column(default="")
    created_by: Mapped[Name]
    """Login of whoever set it."""
    created_at: Mapped[CreatedAt]
    project: Mapped[Project | None] = relationship()


class AdoptionBatch(Base):
    """What somebody asked to have adopted at once."""

    __tablename__ = "adoption_batch"

    id: Mapped[IdKey]
    reason: Mapped[str] = mapped_column(String(500), default="")
    file: Mapped[str | None] = mapped_column(String(255))
    """Name of the file that it came in; empty where it was pressed."""
    submitted_by: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"))
    created_at: Mapped[CreatedAt] = mapped_column(index=True)
    submitter: Mapped[Person | None] = relationship()
    parts: Mapped[list["AdoptionPart"]] = relationship(back_populates="batch", order_by="AdoptionPart.id")


class AdoptionPart(Base):
    """The lines of a batch that are for one application system: its department decides on them together."""

    __tablename__ = "adoption_part"

    id: Mapped[IdKey]
    batch_id: Mapped[str] = mapped_column(IdType, ForeignKey("adoption_batch.id"))
    project_id: Mapped[str] = mapped_column(IdType, ForeignKey("project.id"))
    state: Mapped[Word] = mapped_column(default=PENDING_APPROVAL)
    chain_id: Mapped[str | None] = mapped_column(IdType)
    operation_id: Mapped[str | None] = mapped_column(IdType)
    comment: Mapped[str] = mapped_column(String(2000), default="")
    """What was said with the decision."""
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    batch: Mapped[AdoptionBatch] = relationship(back_populates="parts")
    project: Mapped[Project] = relationship()

    __table_args__ = (UniqueConstraint("batch_id", "project_id"), Base.__table_args__)


class AdoptionLine(Base):
    """One machine of a batch, and what became of it; the rows are the history of a machine's adoptions."""

    __tablename__ = "adoption_line"

    id: Mapped[IdKey]
    batch_id: Mapped[str] = mapped_column(IdType, ForeignKey("adoption_batch.id"))
    number: Mapped[int]
    """The line of the file, or the place in the list, from 1."""
    part_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("adoption_part.id"))
    object_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("observed_object.id"), index=True)
    machine: Mapped[Name]
    """As the line names it."""
    project_code: Mapped[Name]
    """As the line names it."""
    hostname: Mapped[str | None] = mapped_column(String(255))
    """What the server is to be called."""
    state: Mapped[Word] = mapped_column(default=WAITING)
    problem: Mapped[OptionalDocument]
    """Why it was refused: `code`, `en`, `zh`, `hint` (`en`, `zh`)."""
    notes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """What is worth knowing of its addresses: each `code`, `en`, `zh`."""
    server_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("server.id"))
    observed: Mapped[ObservedObject | None] = relationship()
    part: Mapped[AdoptionPart | None] = relationship()

    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        Index("ix_adoption_line_part_id_state", "part_id", "state"),
        Base.__table_args__,
    )


class AdoptionClaim(Base):
    """A machine that somebody asked for, or has; the primary key says who was first."""

    __tablename__ = "adoption_claim"

    object_id: Mapped[str] = mapped_column(IdType, ForeignKey("observed_object.id"), primary_key=True)
    line_id: Mapped[str] = mapped_column(IdType, ForeignKey("adoption_line.id"), unique=True)
    server_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("server.id"), unique=True)
    """Empty until it is adopted."""
    line: Mapped[AdoptionLine] = relationship()
    server: Mapped[Server | None] = relationship()
