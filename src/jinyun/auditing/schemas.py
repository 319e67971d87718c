"""What the API shows of the audit log."""

from datetime import datetime
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, Field

from jinyun.audit.models import AuditRecord
from jinyun.kit.bodies import Named


class RecordView(BaseModel):
    """Who did what to what, for whom and from where."""

    id: str
    number: int | None = Field(description="Place in the chain; null for the seconds until it is sealed")
    at: datetime
    person: str = Field(description="Login of who did it; `jinyun` is the platform")
    on_behalf_of: str | None = Field(description="Login of the person for whom it was done")
    action: str
    subject_kind: str
    subject_id: str
    subject_name: str
    project_id: str | None
    source_address: str | None
    request_id: str | None
    order_number: str | None

    @classmethod
    def of(cls, row: AuditRecord) -> Self:
        """Show a record."""
        return cls.model_validate(_shown(row))


class RecordDetail(RecordView):
    """A record with what was changed, and its place in the chain."""

    before: dict[str, Any] | None = Field(description="Secrets are masked")
    after: dict[str, Any] | None
    digest: str = Field(description="SHA-256 of the record's content")
    chain: str | None = Field(description="SHA-256 over the chain value before and this digest")


class RecordFilter(BaseModel):
    """Which records to list; what is not given does not matter."""

    person: Named | None = Field(default=None, description="Login of who did it")
    on_behalf_of: Named | None = Field(default=None, description="Login of the person for whom it was done")
    action: str | None = Field(default=None, max_length=64, description="How the action begins: `quota.`")
    subject_kind: str | None = Field(default=None, max_length=64)
    subject_id: str | None = Field(default=None, max_length=64, description="Only with `subject_kind`")
    project: Named | None = Field(default=None, description="Id or code of an application system")
    request_id: str | None = Field(default=None, max_length=64)
    order_number: str | None = Field(default=None, max_length=32)
    since: AwareDatetime | None = Field(default=None, description="From this moment on")
    until: AwareDatetime | None = Field(default=None, description="Before this moment")


def _shown(row: AuditRecord) -> dict[str, Any]:
    names = {*RecordDetail.model_fields} - {"person"}
    return {name: getattr(row, name) for name in names} | {"person": row.actor_login}
