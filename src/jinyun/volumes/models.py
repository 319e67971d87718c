"""Tables of volumes."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jinyun.catalog.models import StorageTier
from jinyun.kit.database import Base, CreatedAt, IdKey, IdType, Name, UtcDateTime, Word
from jinyun.organisation.models import Project
from jinyun.regions.models import Region


class Volume(Base):
    """A volume; `size_gib` is what the user sees and pays for."""

    __tablename__ = "volume"

    id: Mapped[IdKey]
    project_id: Mapped[str] = mapped_column(IdType, ForeignKey("project.id"), index=True)
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"), index=True)
    tier_id: Mapped[str] = mapped_column(IdType, ForeignKey("storage_tier.id"))
    name: Mapped[Name] = mapped_column(index=True)
    size_gib: Mapped[int]
    state: Mapped[Word]
    external_id: Mapped[str | None] = mapped_column(String(64), index=True)
    server_hostname: Mapped[str | None] = mapped_column(String(63))
    """The server that it is on."""
    hold_id: Mapped[str | None] = mapped_column(IdType)
    """What it takes of quota and capacity."""
    snapshot_id: Mapped[str | None] = mapped_column(IdType)
    """What it began with; that may be gone since."""
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When its lease is over; empty where it has no end."""
    lease_noticed: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The end of lease that notice was given of."""
    purge_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When it leaves the recycle bin for good."""
    created_at: Mapped[CreatedAt]
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    project: Mapped[Project] = relationship()
    region: Mapped[Region] = relationship()
    tier: Mapped[StorageTier] = relationship()


class Snapshot(Base):
    """What a volume held at a moment; it counts like a volume of that size."""

    __tablename__ = "snapshot"

    id: Mapped[IdKey]
    project_id: Mapped[str] = mapped_column(IdType, ForeignKey("project.id"), index=True)
    volume_id: Mapped[str] = mapped_column(IdType, ForeignKey("volume.id"), index=True)
    name: Mapped[Name] = mapped_column(index=True)
    size_gib: Mapped[int]
    state: Mapped[Word]
    external_id: Mapped[str | None] = mapped_column(String(64), index=True)
    hold_id: Mapped[str] = mapped_column(IdType)
    """What it takes of quota."""
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When it is removed; empty where it is kept until somebody deletes it."""
    lease_noticed: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The end that notice was given of."""
    created_at: Mapped[CreatedAt]
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    project: Mapped[Project] = relationship()
    volume: Mapped[Volume] = relationship()
