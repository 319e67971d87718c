"""Tables of the regions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Numeric, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

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
from jinyun.regions.states import REGISTERING

RATIO = Numeric(6, 2, asdecimal=False)


class Region(Base):
    """One cloud, and how to reach it."""

    __tablename__ = "region"

    id: Mapped[IdKey]
    code: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[Name]
    provider: Mapped[Word]
    public: Mapped[Document]
    """The connection without its secret, text to text."""
    sealed_secret: Mapped[str | None] = mapped_column(Text)
    """Only workers can open it (`kit.vault`)."""
    bus: Mapped[OptionalDocument]
    """Where the region tells of changes, without the password: `url`, `topic`; empty where it has to be asked."""
    sealed_bus_secret: Mapped[str | None] = mapped_column(Text)
    simulated: Mapped[bool] = mapped_column(default=False)
    state: Mapped[Word] = mapped_column(default=REGISTERING)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Why it is unreachable: `code`, `en`, `zh`, `words` (the backend's)."""
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What it says of itself: `endpoint`, `release`."""
    version: Mapped[int] = mapped_column(default=1)
    """Goes up with each change by people; an open connection is good for one version."""
    created_at: Mapped[CreatedAt]
    sync_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was last set out to read the region."""
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was last read to the end."""


class Zone(Base):
    """An availability zone."""

    __tablename__ = "zone"

    id: Mapped[IdKey]
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    name: Mapped[Name]
    present: Mapped[bool] = mapped_column(default=True)
    """Whether the region still has it."""

    __table_args__ = (UniqueConstraint("region_id", "name"), Base.__table_args__)


class Pool(Base):
    """Hosts that belong together, as one thing that servers are placed in: a host aggregate, a cluster."""

    __tablename__ = "pool"

    id: Mapped[IdKey]
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    external_id: Mapped[Name]
    name: Mapped[Name]
    zone_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("zone.id"), index=True)
    hypervisor: Mapped[Word]
    """A word of `jinyun.regions.hypervisors`."""
    cpu_ratio: Mapped[float] = mapped_column(RATIO, default=1.0)
    """Virtual CPUs that may be promised for each one that there is."""
    memory_ratio: Mapped[float] = mapped_column(RATIO, default=1.0)
    criticality_class: Mapped[str | None] = mapped_column(String(64))
    """`key` or `general` where the pool is for such systems alone; empty where any may use it."""
    orderable: Mapped[bool] = mapped_column(default=False)
    """Whether new servers are placed here; the system administrator opens a pool once he has looked at it."""
    present: Mapped[bool] = mapped_column(default=True)
    """Whether the region still has it."""
    tags: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """What an order may ask for, or ask to keep away from."""
    licences: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """What its hosts are licensed for, such as `windows`: what needs that goes nowhere else."""
    dedicated_to: Mapped[str | None] = mapped_column(IdType)
    """A department (with all below it) or an application system; empty where any may use it."""
    owner_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("person.id"))
    """Who answers for it: a policy may have him asked about what is held in it."""
    owner_role: Mapped[str | None] = mapped_column(String(64))
    """A role for the whole system whose holders answer for it, where it is no person."""
    tiers: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """Codes of the storage tiers that reach its hosts; empty where all of the region do."""
    networks: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """Codes of the networks that reach its hosts; empty where all of the region do."""
    keeps_a_host: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether all that is promised must still fit when the largest host fails (N+1)."""
    weight: Mapped[float] = mapped_column(RATIO, default=1.0, server_default="1")
    """How much it is liked among its equals: its share left counts so many times."""
    version: Mapped[int] = mapped_column(default=1)
    """Goes up with each change by people."""
    figures: Mapped[int] = mapped_column(default=1, server_default="1")
    """Goes up with each reading of its hosts."""
    region: Mapped[Region] = relationship()
    zone: Mapped[Zone | None] = relationship()

    __table_args__ = (UniqueConstraint("region_id", "external_id"), Base.__table_args__)


class Host(Base):
    """A host with its physical size, and what all users of the cloud took of it."""

    __tablename__ = "host"

    id: Mapped[IdKey]
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    pool_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("pool.id"), index=True)
    external_id: Mapped[Name]
    name: Mapped[Name]
    hypervisor: Mapped[Word]
    up: Mapped[bool]
    """Answers; a host that vanished from the region is not up."""
    enabled: Mapped[bool]
    """Takes new servers."""
    vcpus: Mapped[int]
    memory_mib: Mapped[int]
    disk_gib: Mapped[int]
    cpu_ratio: Mapped[float] = mapped_column(RATIO)
    """What the region applies; the pool's is what it should be."""
    memory_ratio: Mapped[float] = mapped_column(RATIO)
    used_vcpus: Mapped[int]
    used_memory_mib: Mapped[int]
    used_disk_gib: Mapped[int]
    seen_at: Mapped[Moment]
    """When the region last named it."""
    maintenance: Mapped[OptionalDocument]
    """While nothing is placed on it: `since`, `by` (login), `reason`, `operation_id`, and `staying`, what could not be
    moved away: each with `name`, `server_id` (null where it is none of Jinyun's), and why in both languages."""
    pool: Mapped[Pool | None] = relationship()

    __table_args__ = (UniqueConstraint("region_id", "external_id"), Base.__table_args__)


class Store(Base):
    """Where disks lie: a datastore, a storage backend; and how full it is, whoever filled it."""

    __tablename__ = "store"

    id: Mapped[IdKey]
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    external_id: Mapped[Name]
    name: Mapped[Name]
    capacity_gib: Mapped[int] = mapped_column(BigInteger)
    free_gib: Mapped[int] = mapped_column(BigInteger)
    provisioned_gib: Mapped[int | None] = mapped_column(BigInteger)
    """What would be taken if all thin disks were full; empty where the region does not say."""
    present: Mapped[bool] = mapped_column(default=True)
    """Whether the region still has it."""

    __table_args__ = (UniqueConstraint("region_id", "external_id"), Base.__table_args__)


class ProjectBinding(Base):
    """The region's own project in which an application system's things are."""

    __tablename__ = "project_binding"

    id: Mapped[IdKey]
    project_id: Mapped[str] = mapped_column(IdType, ForeignKey("project.id"))
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"), index=True)
    external_id: Mapped[Name]

    __table_args__ = (UniqueConstraint("project_id", "region_id"), Base.__table_args__)
