"""Tables of quotas, holds and the load of pools."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from jinyun.capacity.amounts import Amount
from jinyun.capacity.states import HELD
from jinyun.kit.database import Base, CreatedAt, Document, IdKey, IdType, Moment, Name, UtcDateTime, Word
from jinyun.kit.ids import new_id

PROJECT = "project"
DEPARTMENT = "department"


class Quota(Base):
    """The most that an application system, or a department with all below it, may have of a resource.

    `used` and `held` are kept with each hold, in its transaction; a level without a row has no limit.
    """

    __tablename__ = "quota"

    id: Mapped[IdKey]
    scope: Mapped[Word]
    scope_id: Mapped[str] = mapped_column(IdType)
    """A project or a department."""
    resource: Mapped[Word]
    """`vcpus`, `memory_mib`, `servers`, `bare_metal_servers`, `addresses`, or `storage_gib:<tier>`."""
    limit: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[int] = mapped_column(BigInteger, default=0)
    held: Mapped[int] = mapped_column(BigInteger, default=0)
    set_by: Mapped[str | None] = mapped_column(String(255))
    """Login of whoever set the limit last."""
    set_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("scope", "scope_id", "resource"), Base.__table_args__)


class Hold(Base):
    """What one thing (an order's item, a server) has of quota and of a pool."""

    __tablename__ = "hold"

    id: Mapped[IdKey]
    holder_kind: Mapped[Word]
    holder_id: Mapped[str] = mapped_column(String(64))
    project_id: Mapped[str] = mapped_column(IdType, ForeignKey("project.id"))
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"), index=True)
    pool_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("pool.id"))
    """Empty for what needs no host, such as a volume alone."""
    host: Mapped[str | None] = mapped_column(String(255))
    """Name of the host that was chosen with it; empty where one is found when it is delivered."""
    group_id: Mapped[str | None] = mapped_column(IdType, index=True)
    """The server group that its servers are of; its table is a room below."""
    wishes: Mapped[dict[str, list[str]] | None] = mapped_column(JSON(none_as_null=True))
    """What was wanted of the pool by name: see `PlacementRequest.wishes`; empty for nothing."""
    state: Mapped[Word] = mapped_column(default=HELD)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when somebody must decide; empty once it was confirmed."""
    lines: Mapped[dict[str, int]] = mapped_column(JSON)
    """Of each resource, how much counts against quotas."""
    vcpus: Mapped[int] = mapped_column(default=0)
    memory_mib: Mapped[int] = mapped_column(BigInteger, default=0)
    disk_gib: Mapped[int] = mapped_column(BigInteger, default=0)
    settling_vcpus: Mapped[int] = mapped_column(default=0)
    """What was delivered lately: see `placement`."""
    settling_memory_mib: Mapped[int] = mapped_column(BigInteger, default=0)
    settling_disk_gib: Mapped[int] = mapped_column(BigInteger, default=0)
    settling_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    explanation: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Why this pool: see `placement.Explanation`."""
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_hold_holder", "holder_kind", "holder_id"),
        Index("ix_hold_project_id_state", "project_id", "state"),
        Index("ix_hold_pool_id_settling_since", "pool_id", "settling_since"),
        Index("ix_hold_state_expires_at", "state", "expires_at"),
        Base.__table_args__,
    )

    @property
    def amount(self) -> Amount:
        """What it takes of the pool."""
        return Amount(self.vcpus, self.memory_mib, self.disk_gib)

    @amount.setter
    def amount(self, amount: Amount) -> None:
        self.vcpus, self.memory_mib, self.disk_gib = amount.vcpus, amount.memory_mib, amount.disk_gib

    @property
    def settling(self) -> Amount:
        """What of it the region's figures may not show yet."""
        return Amount(self.settling_vcpus, self.settling_memory_mib, self.settling_disk_gib)

    @settling.setter
    def settling(self, amount: Amount) -> None:
        self.settling_vcpus = amount.vcpus
        self.settling_memory_mib, self.settling_disk_gib = amount.memory_mib, amount.disk_gib


class PoolLoad(Base):
    """What Jinyun has promised and delivered in one pool; locked by whoever changes it."""

    __tablename__ = "pool_load"

    pool_id: Mapped[str] = mapped_column(IdType, ForeignKey("pool.id"), primary_key=True)
    held_vcpus: Mapped[int] = mapped_column(default=0)
    held_memory_mib: Mapped[int] = mapped_column(BigInteger, default=0)
    held_disk_gib: Mapped[int] = mapped_column(BigInteger, default=0)
    used_vcpus: Mapped[int] = mapped_column(default=0)
    used_memory_mib: Mapped[int] = mapped_column(BigInteger, default=0)
    used_disk_gib: Mapped[int] = mapped_column(BigInteger, default=0)
    mark: Mapped[str] = mapped_column(IdType, default=new_id, server_default="")
    """Another one with each change, never seen before: what is known of the pool is as old as its mark."""

    @property
    def held(self) -> Amount:
        """Promised, not delivered."""
        return Amount(self.held_vcpus, self.held_memory_mib, self.held_disk_gib)

    @property
    def used(self) -> Amount:
        """Delivered."""
        return Amount(self.used_vcpus, self.used_memory_mib, self.used_disk_gib)

    def add(self, *, held: Amount = Amount(), used: Amount = Amount()) -> None:  # noqa: B008 - frozen
        """Count more (or, where negative, less)."""
        new_held, new_used = self.held + held, self.used + used
        self.held_vcpus, self.held_memory_mib, self.held_disk_gib = new_held.parts()
        self.used_vcpus, self.used_memory_mib, self.used_disk_gib = new_used.parts()
        self.mark = new_id()


class CapacitySample(Base):
    """How full something was at one moment."""

    __tablename__ = "capacity_sample"

    id: Mapped[IdKey]
    kind: Mapped[Word]
    """`pool`, `tier`, `store`, `cluster`."""
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    subject: Mapped[Name]
    """See `sampling.Sample`."""
    name: Mapped[Name]
    """As it was called then."""
    at: Mapped[Moment]
    """A whole ten minutes."""
    grain: Mapped[Word]
    """`1d` for the first of a day (UTC), `1h` for the first of another hour, `10m` for all others."""
    figures: Mapped[Document]

    __table_args__ = (
        UniqueConstraint("kind", "region_id", "subject", "at"),
        Index("ix_capacity_sample_kind_at", "kind", "at"),
        Index("ix_capacity_sample_grain_at", "grain", "at"),
        Base.__table_args__,
    )
