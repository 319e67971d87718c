"""Tables of what was found in the regions: what belongs to nobody, and all that is there."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jinyun.kit.database import Base, Document, IdKey, IdType, Moment, Name, OptionalDocument, UtcDateTime, Word
from jinyun.regions.models import Region

EVIDENCE_LENGTH = 1000


class Orphan(Base):
    """Something in a region that bears a token of ours and belongs to nobody."""

    __tablename__ = "orphan"

    id: Mapped[IdKey]
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    kind: Mapped[Word]
    """A word of `providers.base.MarkedKind`."""
    external_id: Mapped[str] = mapped_column(String(64))
    external_project_id: Mapped[str] = mapped_column(String(64))
    """The region's project that it is in."""
    name: Mapped[Name]
    token: Mapped[Name]
    evidence: Mapped[str] = mapped_column(String(EVIDENCE_LENGTH))
    """What the region said of it when it was last seen."""
    operation_id: Mapped[str | None] = mapped_column(IdType)
    """The operation whose token it bears; empty where this installation knows of none."""
    state: Mapped[Word]
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it came to be, as the region says."""
    first_seen_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    region: Mapped[Region] = relationship()

    __table_args__ = (
        UniqueConstraint("region_id", "kind", "external_id"),
        Index("ix_orphan_state_id", "state", "id"),
        Base.__table_args__,
    )


class EstateReading(Base):
    """How it stands with what is in one region already, and which worker watches it."""

    __tablename__ = "estate_reading"

    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"), primary_key=True)
    holder: Mapped[str | None] = mapped_column(String(64))
    """The worker that watches; only it writes what is observed."""
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    installation: Mapped[str | None] = mapped_column(String(64))
    """What tells the backend from any other: the instance UUID of a vCenter."""
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When everything was last read to the end."""
    current_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was last known that nothing has changed unseen: the age of the data counts from here."""
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when it cannot be watched; empty while all is well."""
    problem: Mapped[OptionalDocument]
    """Why: `code`, `en`, `zh`, `words` (the backend's)."""
    unreadable: Mapped[Document] = mapped_column(default=dict)
    """What the user may not read, as the number of things by property."""
    requested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when somebody waits for everything to be read anew."""
    region: Mapped[Region] = relationship()


class ObservedObject(Base):
    """Something that is in a region, whoever made it, as the region last showed it."""

    __tablename__ = "observed_object"

    id: Mapped[IdKey]
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    installation: Mapped[str] = mapped_column(String(64))
    """Of the backend: the same external id in another one is something else."""
    kind: Mapped[Word]
    """A word of `providers.estate.ObservedKind`."""
    external_id: Mapped[str] = mapped_column(String(64))
    """The region's id: of a vCenter's machine its moref."""
    uuid: Mapped[str | None] = mapped_column(String(64), index=True)
    """An id of its own, which it keeps when the region's id changes: of a machine its instance UUID."""
    name: Mapped[Name]
    cluster: Mapped[str | None] = mapped_column(String(255))
    host: Mapped[str | None] = mapped_column(String(255))
    power: Mapped[str | None] = mapped_column(String(64))
    """A word of `providers.estate.Power`; empty for what has none, or where it may not be read."""
    facts: Mapped[Document]
    """Everything else: see `providers.estate.Observed.document`."""
    unreadable: Mapped[list[str]] = mapped_column(default=list)
    """What of it the user may not read."""
    digest: Mapped[str] = mapped_column(String(64))
    """Of all that was shown: where it is the same, nothing has changed."""
    first_seen_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    changed_at: Mapped[Moment]
    """When it was last seen to be different from before."""
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was first seen to be there no more; it stays, and comes back when it does."""
    region: Mapped[Region] = relationship()
    addresses: Mapped[list["ObservedAddress"]] = relationship(order_by="ObservedAddress.position", viewonly=True)

    __table_args__ = (
        UniqueConstraint("region_id", "installation", "kind", "external_id"),
        Index("ix_observed_object_name_id", "name", "id"),
        Base.__table_args__,
    )


class ObservedAddress(Base):
    """An address that something observed has, as it tells itself; nothing keeps others from having it, too."""

    __tablename__ = "observed_address"

    object_id: Mapped[str] = mapped_column(IdType, ForeignKey("observed_object.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(45), primary_key=True, index=True)
    position: Mapped[int]
    """The main one is the first, 0."""
