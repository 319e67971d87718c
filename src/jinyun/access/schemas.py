"""What the API shows of access."""

from datetime import datetime

from pydantic import BaseModel, Field

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
    """A role at a scope."""

    role: str
    scope: str
    scope_id: str | None


class SelfView(BaseModel):
    """Who you are and what you may do."""

    id: str
    login: str
    name: str
    grants: list[GrantView]
