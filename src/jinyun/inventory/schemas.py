"""What the API shows of orphans."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from jinyun.inventory.models import Orphan

OrphanState = Literal["seen", "confirmed", "cleaning", "gone"]


class OrphanView(BaseModel):
    """Something in a region that belongs to nobody."""

    id: str
    region: str = Field(description="Code of the region")
    kind: str = Field(
        description="server, port or volume; attachment: records of a volume on servers that do not know it; "
        "reservation: a volume that counts as used although no record says by whom"
    )
    external_id: str = Field(description="The region's id; of an attachment or reservation the volume's")
    external_project_id: str = Field(description="The region's project that it is in")
    name: str
    token: str = Field(description="The mark that it bears")
    evidence: str = Field(description="What the region said of it when it was last seen")
    operation_id: str | None = Field(description="The operation that made it; null where none is known here")
    state: str
    made_at: datetime | None = Field(description="When it came to be, as the region says")
    first_seen_at: datetime
    last_seen_at: datetime

    @classmethod
    def of(cls, orphan: Orphan) -> "OrphanView":
        """Show an orphan."""
        return cls(
            id=orphan.id,
            region=orphan.region.code,
            kind=orphan.kind,
            external_id=orphan.external_id,
            external_project_id=orphan.external_project_id,
            name=orphan.name,
            token=orphan.token,
            evidence=orphan.evidence,
            operation_id=orphan.operation_id,
            state=orphan.state,
            made_at=orphan.made_at,
            first_seen_at=orphan.first_seen_at,
            last_seen_at=orphan.last_seen_at,
        )
