"""What the API shows of access."""

from datetime import datetime

from pydantic import BaseModel, Field

from jinyun.access.roles import ROLES
from jinyun.kit.actor import Grant
from jinyun.kit.bodies import Body


class SignIn(Body):
    """Login and password of a local account."""

    login: str = Field(min_length=1, max_length=255)
    password: str = Field(min_length=1, max_length=1024)


class SessionView(BaseModel):
    """A way in: send `token` as `Authorization: Bearer …`. It is shown this once."""

    token: str
    expires_at: datetime
    login: str
    name: str


class GrantView(BaseModel):
    """A role at a scope, and what it allows there."""

    role: str
    scope: str
    scope_id: str | None
    actions: list[str] = Field(description="What you may do there, such as `server.operate`")

    @classmethod
    def of(cls, grant: Grant) -> "GrantView":
        """Show a grant."""
        return cls(role=grant.role, scope=grant.scope, scope_id=grant.scope_id, actions=sorted(ROLES[grant.role]))


class SelfView(BaseModel):
    """Who you are and what you may do."""

    id: str
    login: str
    name: str
    grants: list[GrantView]
