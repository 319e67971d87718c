"""What the API shows of access."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from jinyun.access.models import ApiToken, PersonSession
from jinyun.access.roles import ROLES
from jinyun.kit.actor import Grant
from jinyun.kit.bodies import Body
from jinyun.organisation.models import Person, Project

Code = Annotated[str, Field(min_length=1, max_length=64)]


class SignIn(Body):
    """Login and password, of the company directory or of a local account."""

    login: str = Field(min_length=1, max_length=255)
    password: str = Field(min_length=1, max_length=1024)


class SingleSignOnView(BaseModel):
    """Single sign-on: send the browser to `address`."""

    name: str
    address: str


class WaysView(BaseModel):
    """How one can sign in here."""

    password: bool
    directory: bool = Field(description="Whether passwords are those of the company directory")
    single_sign_on: SingleSignOnView | None


class SessionView(BaseModel):
    """A way in: send `token` as `Authorization: Bearer …`. It is shown this once."""

    token: str
    expires_at: datetime
    login: str
    name: str


class WebSessionView(BaseModel):
    """A session of the web console: send `csrf_token` as `X-CSRF-Token` with everything that changes something."""

    csrf_token: str
    expires_at: datetime
    idle_minutes: int
    login: str
    name: str


class OpenSessionView(BaseModel):
    """One of your sessions."""

    id: str
    kind: str = Field(description="`web` or `program`")
    way: str = Field(description="How you proved who you are: `directory`, `local` or `sign-on`")
    source_address: str | None
    user_agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool = Field(description="Whether it is this one")

    @classmethod
    def of(cls, row: PersonSession, current: str) -> "OpenSessionView":
        """Show a session."""
        return cls(
            id=row.id,
            kind=row.kind,
            way=row.way,
            source_address=row.source_address,
            user_agent=row.user_agent,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
            current=row.id == current,
        )


class NewPassword(Body):
    """Another password for your local account."""

    current: str = Field(min_length=1, max_length=1024)
    new: str = Field(min_length=12, max_length=1024)


class NewToken(Body):
    """A token to be made, for yourself or for a service account that you answer for."""

    name: str = Field(min_length=1, max_length=255)
    actions: list[Code] = Field(min_length=1, max_length=100, description="What it is good for, such as `server.read`")
    projects: list[Code] | None = Field(
        default=None, min_length=1, max_length=100, description="Codes of application systems; all by default"
    )
    expires_at: AwareDatetime
    service_account: str | None = Field(default=None, max_length=255, description="Login; yourself by default")


class TokenView(BaseModel):
    """A token."""

    id: str
    name: str
    actions: list[str] | None
    projects: list[str] | None = Field(description="Ids of application systems; null for all")
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, token: ApiToken) -> "TokenView":
        """Show a token without its secret."""
        return cls(
            id=token.id,
            name=token.name,
            actions=token.actions,
            projects=token.project_ids,
            created_at=token.created_at,
            expires_at=token.expires_at,
            last_used_at=token.last_used_at,
        )


class MadeToken(TokenView):
    """A new token; `token` is shown this once, and null where the answer is repeated."""

    token: str | None


class NewServiceAccount(Body):
    """A program of an application system that is to act by tokens."""

    login: str = Field(pattern=r"^svc-[a-z0-9][a-z0-9-]{0,58}$", description="`svc-` and lower case, digits, hyphens")
    name: str = Field(min_length=1, max_length=255)
    project: Code = Field(description="Code of the application system")


class ServiceAccountView(BaseModel):
    """A program of an application system."""

    login: str
    name: str
    project: str = Field(description="Code of the application system")

    @classmethod
    def of(cls, person: Person, project: Project) -> "ServiceAccountView":
        """Show a service account."""
        return cls(login=person.login, name=person.name, project=project.code)


class SignOnCode(Body):
    """What the command line fetches its session with, after a single sign-on in the browser."""

    code: str = Field(min_length=1, max_length=128)
    verifier: str = Field(min_length=43, max_length=128, pattern=r"^[A-Za-z0-9._~-]+$")


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
    password_due: bool = Field(description="Whether you have to change your password before anything else")
    grants: list[GrantView]
