"""Tables of what was found in the regions."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jinyun.kit.database import Base, IdKey, IdType, Moment, Name, UtcDateTime, Word
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
