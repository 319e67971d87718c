"""What the API shows of volumes."""

from datetime import datetime

from pydantic import BaseModel, Field

from jinyun.volumes.models import Volume


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
        )
