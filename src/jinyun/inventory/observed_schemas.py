"""What the API shows of things that are in the regions already."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from jinyun.inventory.models import EstateReading, ObservedObject
from jinyun.kit.texts import Language
from jinyun.operations.schemas import ReasonView

ObservedKindName = Literal["server", "volume", "port"]
PowerName = Literal["on", "off", "suspended"]


class ObservedView(BaseModel):
    """Something that is in a region, whoever made it, as the region last showed it."""

    id: str
    region: str = Field(description="Code of the region")
    kind: str = Field(description="server, volume or port")
    external_id: str = Field(description="The region's id; of a vCenter's machine its moref")
    uuid: str | None = Field(description="An id that it keeps when the region's id changes")
    name: str
    cluster: str | None
    host: str | None
    power: str | None
    addresses: list[str] = Field(description="As it tells them itself, the main one first")
    first_seen_at: datetime
    changed_at: datetime = Field(description="When it was last seen to be different from before")
    current_at: datetime | None = Field(description="Until when nothing has changed unseen: how old this is")
    gone_at: datetime | None = Field(description="When it was first seen to be there no more")

    @classmethod
    def of(cls, row: ObservedObject, current_at: datetime | None) -> "ObservedView":
        """Show a thing; its region and addresses are loaded with it."""
        return cls(**_common(row, current_at))


class ObservedDetail(ObservedView):
    """Something that is in a region, with everything that is known of it."""

    facts: dict[str, Any] = Field(description="CPU, memory, disks, network cards, folder, snapshots and the like")
    unreadable: list[str] = Field(description="What of it Jinyun's user may not read")

    @classmethod
    def of(cls, row: ObservedObject, current_at: datetime | None) -> "ObservedDetail":
        """Show a thing whole; its region and addresses are loaded with it."""
        return cls(**_common(row, current_at), facts=row.facts, unreadable=row.unreadable)


class EstateView(BaseModel):
    """How it stands with what is in one region already."""

    region: str = Field(description="Code of the region")
    installation: str | None = Field(description="What tells the backend from any other")
    things: int = Field(description="How many there are, without those that are gone")
    read_at: datetime | None = Field(description="When everything was last read to the end")
    current_at: datetime | None = Field(description="Until when nothing has changed unseen")
    age_seconds: float | None = Field(description="How old the data is; null where there is none")
    failed_at: datetime | None = Field(description="Since when it cannot be watched; null while all is well")
    problem: ReasonView | None
    unreadable: dict[str, int] = Field(description="What Jinyun's user may not read, of how many things")
    requested_at: datetime | None = Field(description="Since when somebody waits for a new reading")

    @classmethod
    def of(cls, row: EstateReading, things: int, now: datetime, language: Language) -> "EstateView":
        """Show how it stands; its region is loaded with it."""
        return cls(
            region=row.region.code,
            installation=row.installation,
            things=things,
            read_at=row.read_at,
            current_at=row.current_at,
            age_seconds=None if row.current_at is None else max((now - row.current_at).total_seconds(), 0.0),
            failed_at=row.failed_at,
            problem=ReasonView.of(row.problem, language),
            unreadable=row.unreadable,
            requested_at=row.requested_at,
        )


def _common(row: ObservedObject, current_at: datetime | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "region": row.region.code,
        "kind": row.kind,
        "external_id": row.external_id,
        "uuid": row.uuid,
        "name": row.name,
        "cluster": row.cluster,
        "host": row.host,
        "power": row.power,
        "addresses": [each.address for each in row.addresses],
        "first_seen_at": row.first_seen_at,
        "changed_at": row.changed_at,
        "current_at": current_at,
        "gone_at": row.gone_at,
    }
