"""Tables of the catalogue; ids of a region's own things stand only in the bindings."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jinyun.catalog.states import OFFERED, PROPOSED
from jinyun.kit.database import Base, CreatedAt, Document, IdKey, IdType, Money, Name, Word

FLAVOR = "flavor"
IMAGE = "image"
TIER = "tier"
ADDRESS = "address"

TIER_NAMES = {"high": "高性能存储 High performance", "general": "通用存储 General", "low": "低成本存储 Low cost"}
"""The usual storage tiers, by code; another one is made where the system administrator gives it a code and a name."""


class Flavor(Base):
    """A size of server."""

    __tablename__ = "flavor"

    id: Mapped[IdKey]
    code: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[Name]
    vcpus: Mapped[int]
    memory_mib: Mapped[int]
    disk_gib: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    """Whether it may be ordered."""


class Image(Base):
    """A system to install, in versions."""

    __tablename__ = "image"

    id: Mapped[IdKey]
    code: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[Name]
    versions: Mapped[list["ImageVersion"]] = relationship(back_populates="image")


class ImageVersion(Base):
    """One version of an image, with what it needs."""

    __tablename__ = "image_version"

    id: Mapped[IdKey]
    image_id: Mapped[str] = mapped_column(IdType, ForeignKey("image.id"))
    version: Mapped[Word]
    minimum_disk_gib: Mapped[int]
    minimum_memory_mib: Mapped[int]
    login_user: Mapped[Word]
    """Who one signs in as, with the key that was ordered."""
    state: Mapped[Word] = mapped_column(default=OFFERED)
    image: Mapped[Image] = relationship(back_populates="versions")

    __table_args__ = (UniqueConstraint("image_id", "version"), Base.__table_args__)


class StorageTier(Base):
    """A class of storage: `high`, `general`, `low`, or one that the bank named."""

    __tablename__ = "storage_tier"

    id: Mapped[IdKey]
    code: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[Name]


class Price(Base):
    """What something costs a month from a day on, until a later one says otherwise; rows are only ever added."""

    __tablename__ = "price"

    id: Mapped[IdKey]
    kind: Mapped[Word]
    """`flavor`, `tier` (of each GiB) or `address`."""
    code: Mapped[Word]
    """Of the flavor or tier; empty for addresses."""
    monthly: Mapped[Decimal] = mapped_column(Money)
    effective_from: Mapped[date] = mapped_column(Date)
    """A day in the bank's time zone; of two prices from the same day the one written later counts."""
    created_at: Mapped[CreatedAt]

    __table_args__ = (Index("ix_price_kind_code_effective_from", "kind", "code", "effective_from"), Base.__table_args__)


class Binding(Base):
    """What an entry of the catalogue is in a region; one table for each kind of entry."""

    __abstract__ = True

    id: Mapped[IdKey]
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"), index=True)
    external_id: Mapped[Name]
    external_name: Mapped[Name]
    present: Mapped[bool] = mapped_column(default=True)
    """Whether the region still has it, ready to use."""


class FlavorBinding(Binding):
    """What a flavor is in a region."""

    __tablename__ = "flavor_binding"

    flavor_id: Mapped[str] = mapped_column(IdType, ForeignKey("flavor.id"))

    __table_args__ = (UniqueConstraint("flavor_id", "region_id"), Base.__table_args__)


class ImageBinding(Binding):
    """What a version of an image is in a region."""

    __tablename__ = "image_binding"

    image_version_id: Mapped[str] = mapped_column(IdType, ForeignKey("image_version.id"))

    __table_args__ = (UniqueConstraint("image_version_id", "region_id"), Base.__table_args__)


class TierBinding(Binding):
    """What a storage tier is in a region: a volume type, which regions take by its name."""

    __tablename__ = "tier_binding"

    tier_id: Mapped[str] = mapped_column(IdType, ForeignKey("storage_tier.id"))

    __table_args__ = (UniqueConstraint("tier_id", "region_id"), Base.__table_args__)


BINDINGS: dict[str, type[Binding]] = {FLAVOR: FlavorBinding, IMAGE: ImageBinding, TIER: TierBinding}


class BindingProposal(Base):
    """Something that a region has and that could be offered."""

    __tablename__ = "binding_proposal"

    id: Mapped[IdKey]
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    kind: Mapped[Word]
    external_id: Mapped[Name]
    external_name: Mapped[Name]
    facts: Mapped[Document]
    """Sizes and needs as the region states them."""
    state: Mapped[Word] = mapped_column(default=PROPOSED)
    created_at: Mapped[CreatedAt]

    __table_args__ = (UniqueConstraint("region_id", "kind", "external_id"), Base.__table_args__)
