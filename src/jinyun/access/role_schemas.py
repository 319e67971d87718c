"""What the API shows of roles, and of changes that take two people."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from jinyun.access.grants import Place
from jinyun.access.models import AccessChange, RoleGrant
from jinyun.access.second_person import state_of, title_of
from jinyun.access.table import Scope
from jinyun.kit.bodies import Body
from jinyun.kit.texts import Language
from jinyun.organisation.models import Person

GivenRole = Literal[
    "user",
    "approver",
    "department_administrator",
    "operator",
    "system_administrator",
    "security_administrator",
    "audit_administrator",
]


class NewRoleGrant(Body):
    """A role for somebody."""

    login: str = Field(min_length=1, max_length=255)
    role: GivenRole
    scope: Scope = "system"
    target: str = Field(default="", max_length=64, description="Code of the department or application system")


class Refusal(Body):
    """Why a change is refused, or taken back."""

    reason: str = Field(min_length=1, max_length=1000)


class RoleGrantView(BaseModel):
    """A role that somebody has, and where."""

    id: str
    login: str
    name: str
    role: str
    scope: Scope
    target: str = Field(description="Code of the department or application system; empty for the whole system")
    target_name: str
    created_at: datetime

    @classmethod
    def of(cls, grant: RoleGrant, person: Person, place: Place) -> "RoleGrantView":
        """Show a grant."""
        return cls(
            id=grant.id,
            login=person.login,
            name=person.name,
            role=grant.role,
            scope=grant.scope,
            target=place.code,
            target_name=place.name,
            created_at=grant.created_at,
        )


class ChangeView(BaseModel):
    """A change that takes two people."""

    id: str
    kind: str
    title: str = Field(description="What it comes to")
    content: dict[str, Any]
    state: Literal["waiting", "confirmed", "refused", "expired"]
    requested_by: str = Field(description="Login")
    requested_at: datetime
    expires_at: datetime
    decided_by: str | None = Field(description="Login")
    decided_at: datetime | None
    reason: str

    @classmethod
    def of(cls, change: AccessChange, language: Language) -> "ChangeView":
        """Show a change."""
        return cls(
            id=change.id,
            kind=change.kind,
            title=title_of(change).in_language(language),
            content=change.content,
            state=state_of(change),
            requested_by=change.requester.login,
            requested_at=change.requested_at,
            expires_at=change.expires_at,
            decided_by=change.decided_login,
            decided_at=change.decided_at,
            reason=change.reason,
        )


class GrantOutcome(BaseModel):
    """What became of it: `grant` where it holds now, `change` where a second administrator has to confirm it."""

    grant: RoleGrantView | None
    change: ChangeView | None
