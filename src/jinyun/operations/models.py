"""Tables of the engine: the database is the only truth about what is going on."""

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from jinyun.kit.database import (
    Base,
    CreatedAt,
    Document,
    IdKey,
    IdType,
    Moment,
    Name,
    OptionalDocument,
    UtcDateTime,
    Word,
)


class OperationRow(Base):
    """One operation, where it stands, and who is at it."""

    __tablename__ = "operation"

    id: Mapped[IdKey]
    kind: Mapped[Word]
    state: Mapped[Word]
    project_id: Mapped[str | None] = mapped_column(IdType, index=True)
    subject_name: Mapped[Name]
    """What it is about, in words: a hostname, a region's code."""
    parameters: Mapped[Document]
    requested_by: Mapped[str | None] = mapped_column(IdType)
    requested_login: Mapped[Name]
    request_id: Mapped[str | None] = mapped_column(String(64))
    """The request that asked for it."""
    order_number: Mapped[str | None] = mapped_column(String(32))
    """The order that it is done for."""
    backend: Mapped[str | None] = mapped_column(String(96), index=True)
    """What it works with, for the breaker: a region's code; empty where it needs none."""
    weight: Mapped[float] = mapped_column(Float, default=1.0)
    """Share of a lane that its project gets against other projects."""
    position: Mapped[int] = mapped_column(default=0)
    """Index of the step whose turn it is."""
    handler: Mapped[str] = mapped_column(String(96))
    """Stored name of that step: workers claim only what they know."""
    generation: Mapped[int] = mapped_column(default=0)
    """Changes with every claim and release: whoever holds an older one is fenced off."""
    worker_id: Mapped[str | None] = mapped_column(IdType, index=True)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wake_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When a worker may look at it next: its wake-up time, or while leased the moment of takeover; empty when ended."""
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[OptionalDocument]
    """Why it does not go forward: `code`, `en`, `zh`, `words` (the backend's), `step`.

    Where an undo stopped, `cause` is why it went back.
    """
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_operation_state_id", "state", "id"), Base.__table_args__)


class OperationStep(Base):
    """One step of one operation; the plan is these rows, made when the operation is."""

    __tablename__ = "operation_step"

    id: Mapped[IdKey]
    operation_id: Mapped[str] = mapped_column(IdType, ForeignKey("operation.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(96))
    """`port`, or `attach:<key>`."""
    handler: Mapped[str] = mapped_column(String(96))
    key: Mapped[str | None] = mapped_column(String(64))
    lane: Mapped[str | None] = mapped_column(String(96))
    state: Mapped[Word]
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    """Transient errors in a row; sets the backoff."""
    result: Mapped[OptionalDocument]
    memory: Mapped[OptionalDocument]
    """What it remembers from one look to the next."""
    progress: Mapped[OptionalDocument]
    problem: Mapped[OptionalDocument]
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deadline_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("operation_id", "position"),
        Index("ix_operation_step_lane_ended_at", "lane", "ended_at"),
        Base.__table_args__,
    )


class OperationSubject(Base):
    """A thing that an active operation has; the primary key is the lock."""

    __tablename__ = "operation_subject"

    kind: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject_id: Mapped[str] = mapped_column(IdType, primary_key=True)
    operation_id: Mapped[str] = mapped_column(IdType, ForeignKey("operation.id"), index=True)


class OperationSharer(Base):
    """One of the active operations that have a thing together; the thing's own row names any of them."""

    __tablename__ = "operation_sharer"

    kind: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject_id: Mapped[str] = mapped_column(IdType, primary_key=True)
    operation_id: Mapped[str] = mapped_column(IdType, ForeignKey("operation.id"), primary_key=True, index=True)


class Lane(Base):
    """Admission to one backend for one kind of work."""

    __tablename__ = "lane"

    name: Mapped[str] = mapped_column(String(96), primary_key=True)
    ceiling: Mapped[int]
    """How many steps may be at it at once when it is well; an operator's word."""
    floor: Mapped[int] = mapped_column(default=1)
    """How many may be at it however badly it does."""
    allowance: Mapped[float] = mapped_column(Float)
    """How many may be at it now, between floor and ceiling: see `lanes`."""
    eased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the allowance was last cut."""
    in_use: Mapped[int] = mapped_column(default=0)
    virtual_time: Mapped[float] = mapped_column(Float, default=0.0)
    shares: Mapped[Document] = mapped_column(default=dict)
    """Virtual time up to which each project has been served."""
    generation: Mapped[int] = mapped_column(default=0)


class LaneGrant(Base):
    """A step's place in a lane: first in the queue, then inside, until the backend is read as finished."""

    __tablename__ = "lane_grant"

    step_id: Mapped[str] = mapped_column(IdType, primary_key=True)
    operation_id: Mapped[str] = mapped_column(IdType, index=True)
    lane: Mapped[str] = mapped_column(String(96), ForeignKey("lane.name"))
    share: Mapped[str] = mapped_column(String(36))
    """The project, or empty for the platform's own work."""
    weight: Mapped[float] = mapped_column(Float)
    queued_at: Mapped[Moment]
    granted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_lane_grant_queue", "lane", "granted_at", "queued_at"), Base.__table_args__)


class Breaker(Base):
    """Whether a backend can be worked with; while it is open, one operation at a time tries."""

    __tablename__ = "breaker"

    backend: Mapped[str] = mapped_column(String(96), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    """In a row."""
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when operations wait; empty while all is well."""
    probe_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the next operation may try."""
    problem: Mapped[OptionalDocument]
    generation: Mapped[int] = mapped_column(default=0)


class Alarm(Base):
    """Something that operators must know: raised once, cleared by itself when it is over."""

    __tablename__ = "alarm"

    id: Mapped[IdKey]
    kind: Mapped[Word]
    subject: Mapped[str] = mapped_column(String(96))
    text: Mapped[Document]
    raised_at: Mapped[Moment]
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class Worker(Base):
    """A process that runs operations, and when it was last heard of."""

    __tablename__ = "worker"

    id: Mapped[IdKey]
    name: Mapped[Name]
    started_at: Mapped[Moment]
    seen_at: Mapped[Moment]
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Schedule(Base):
    """Something that the platform does again and again; whoever moves `next_at` does it this time."""

    __tablename__ = "schedule"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    next_at: Mapped[Moment]
    ran_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    generation: Mapped[int] = mapped_column(default=0)
