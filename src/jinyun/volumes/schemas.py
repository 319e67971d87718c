"""What the API shows of volumes."""

from datetime import datetime

from pydantic import BaseModel, Field

from jinyun.kit.bodies import Body
from jinyun.volumes.models import Snapshot, Volume


class VolumeView(BaseModel):
    """A volume."""

    id: str
    name: str
    project: str = Field(description="Code of its application system")
    region: str
    tier: str
    size_gib: int
    state: str
    server: str | None = Field(description="Hostname of the server that it is on")
    operation_id: str | None = Field(description="The operation that has it right now")
    created_at: datetime
    expires_at: datetime | None = Field(description="When its lease is over")
    purge_at: datetime | None = Field(description="When it leaves the recycle bin for good")

    @classmethod
    def of(cls, volume: Volume, operation_id: str | None = None) -> "VolumeView":
        """Show a volume."""
        return cls(
            id=volume.id,
            name=volume.name,
            project=volume.project.code,
            region=volume.region.code,
            tier=volume.tier.code,
            size_gib=volume.size_gib,
            state=volume.state,
            server=volume.server_hostname,
            operation_id=operation_id,
            created_at=volume.created_at,
            expires_at=volume.expires_at,
            purge_at=volume.purge_at,
        )


class Extend(Body):
    """The larger size."""

    size_gib: int = Field(ge=1, le=65_536)


class SnapshotView(BaseModel):
    """What a volume held at a moment."""

    id: str
    name: str
    project: str = Field(description="Code of its application system")
    region: str
    tier: str
    size_gib: int
    volume_id: str
    volume: str = Field(description="Name of the volume")
    state: str
    operation_id: str | None = Field(description="The operation that has it right now")
    created_at: datetime
    expires_at: datetime | None = Field(description="When it is removed; null where it is kept")

    @classmethod
    def of(cls, snapshot: Snapshot, operation_id: str | None = None) -> "SnapshotView":
        """Show a snapshot."""
        volume = snapshot.volume
        return cls(
            id=snapshot.id,
            name=snapshot.name,
            project=snapshot.project.code,
            region=volume.region.code,
            tier=volume.tier.code,
            size_gib=snapshot.size_gib,
            volume_id=volume.id,
            volume=volume.name,
            state=snapshot.state,
            operation_id=operation_id,
            created_at=snapshot.created_at,
            expires_at=snapshot.expires_at,
        )
