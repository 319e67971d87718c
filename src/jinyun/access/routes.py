"""Signing in and out."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials
from sqlalchemy.orm import Session

from jinyun.access import service as access
from jinyun.access.http import CurrentCall, anonymous, bearer, reading, writing
from jinyun.access.schemas import GrantView, SelfView, SessionView, SignIn
from jinyun.access.service import WrongCredentials
from jinyun.kit.database import Database
from jinyun.kit.errors import DatabaseUnavailable, InvalidField, MalformedRequest, OutcomeUncertain, RequestTooLarge
from jinyun.kit.http import InternalError, problems
from jinyun.organisation.models import Person

router = APIRouter(prefix="/v1", tags=["access"])
SIGN_IN_PROBLEMS = problems(
    WrongCredentials,
    MalformedRequest,
    InvalidField,
    RequestTooLarge,
    DatabaseUnavailable,
    OutcomeUncertain,
    InternalError,
)


@router.post("/sessions", status_code=201, responses=SIGN_IN_PROBLEMS)
def sign_in(request: Request, body: SignIn) -> SessionView:
    """Sign in with a local account."""
    database: Database = request.app.state.database
    lifetime = timedelta(hours=request.app.state.settings.token_hours)

    def work(session: Session) -> SessionView:
        clear, token = access.sign_in(session, anonymous(request), body.login, body.password, lifetime=lifetime)
        person = session.get_one(Person, token.person_id)
        return SessionView(token=clear, expires_at=token.expires_at, login=person.login, name=person.name)

    return database.write(work)


@router.delete("/sessions/current", status_code=204, responses=writing())
def sign_out(call: CurrentCall, credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> None:
    """Sign out: the token ends now."""
    call.write(lambda session, actor: access.sign_out(session, actor, credentials.credentials))


@router.get("/self", responses=reading())
def show_self(call: CurrentCall) -> SelfView:
    """Show who you are and what you may do."""
    actor = call.actor
    grants = [GrantView.of(grant) for grant in actor.grants]
    return SelfView(id=actor.person_id or "", login=actor.login, name=actor.name, grants=grants)
