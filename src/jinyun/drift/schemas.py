"""What the API shows and accepts of drift."""

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from jinyun.drift.fields import TITLES
from jinyun.drift.models import Drift
from jinyun.kit.bodies import Body
from jinyun.kit.texts import Language

DriftState = Literal["open", "ignored", "reverting", "accepted", "reverted", "settled", "dropped"]


class DriftView(BaseModel):
    """One field of a managed server's machine that is, or was, not as expected."""

    id: str
    server_id: str
    hostname: str
    project: str = Field(description="Code of the application system")
    region: str = Field(description="Code of the region")
    object_id: str = Field(description="The machine, among what is observed")
    field: str = Field(description="vcpus, memory_mib, disks, nics, power, host, name; presence: whether it is there")
    title: str = Field(description="The same in words")
    expected: Any
    found: Any
    state: str
    first_seen_at: datetime
    last_seen_at: datetime = Field(description="When it was last seen to become what it is")
    ignored_until: datetime | None
    decided_by: str | None = Field(description="Login of whoever decided last")
    decided_at: datetime | None
    comment: str
    operation_id: str | None = Field(description="The operation that reverts, or reverted, it")
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Drift, language: Language) -> "DriftView":
        """Show a drift; its server and machine are loaded with it."""
        same = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls(
            **same,
            hostname=row.server.hostname,
            project=row.server.project.code,
            region=row.machine.region.code,
            title=TITLES[row.field].in_language(language),
        )


class DriftDecision(Body):
    """What is said with a decision."""

    comment: str = Field(default="", max_length=500)


class DriftPause(DriftDecision):
    """Until when nobody wants to hear of it."""

    until: AwareDatetime
