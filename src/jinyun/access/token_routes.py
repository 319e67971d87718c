"""Tokens and service accounts over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from jinyun.access import queries, service_accounts, tokens
from jinyun.access.errors import NotAProgram, SessionNeeded
from jinyun.access.http import CurrentCall, reading, writing
from jinyun.access.schemas import MadeToken, NewServiceAccount, NewToken, ServiceAccountView, TokenView
from jinyun.kit.actor import Actor
from jinyun.kit.bodies import Named
from jinyun.kit.errors import AlreadyExists
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery

router = APIRouter(prefix="/v1", tags=["access"])
Holder = Annotated[str | None, Query(max_length=255, description="A service account's; your own by default")]


@router.post("/tokens", status_code=201, responses=writing(SessionNeeded, NotAProgram, AlreadyExists))
def create_token(call: CurrentCall, body: NewToken) -> MadeToken:
    """Make a token, which is shown this once; it never does more than its person may at that moment."""

    def work(session: Session, actor: Actor) -> MadeToken:
        person = service_accounts.holder(session, actor, body.service_account)
        wish = tokens.Wish(body.name, body.actions, body.expires_at, body.projects)
        clear, token = tokens.make(session, actor, person, wish, call.settings)
        return MadeToken(token=clear, **TokenView.of(token).model_dump())

    return call.write(work, shown_once="token")


@router.get("/tokens", responses=reading(SessionNeeded, NotAProgram))
def list_tokens(call: CurrentCall, page: PageQuery, service_account: Holder = None) -> Page[TokenView]:
    """List your living tokens, or those of a service account that you answer for; the newest first."""
    return call.read(
        lambda session, actor: queries.list_tokens(
            session, service_accounts.holder(session, actor, service_account).id, page
        )
    )


@router.delete("/tokens/{token_id}", status_code=204, responses=writing(SessionNeeded))
def revoke_token(call: CurrentCall, token_id: Id) -> None:
    """Revoke a token of yours, or of a service account that you answer for: it works nowhere from now on."""
    call.write(lambda session, actor: service_accounts.revoke_token(session, actor, token_id))


@router.post("/service-accounts", status_code=201, responses=writing(SessionNeeded, AlreadyExists))
def create_service_account(call: CurrentCall, body: NewServiceAccount) -> ServiceAccountView:
    """Make a service account of an application system that you answer for; it comes in by tokens alone."""

    def work(session: Session, actor: Actor) -> ServiceAccountView:
        return ServiceAccountView.of(*service_accounts.create(session, actor, body.login, body.name, body.project))

    return call.write(work)


@router.get("/service-accounts", responses=reading(SessionNeeded))
def list_service_accounts(call: CurrentCall, page: PageQuery) -> Page[ServiceAccountView]:
    """List the service accounts that you answer for, by login."""
    return call.read(lambda session, actor: service_accounts.list_accounts(session, actor, page))


@router.delete("/service-accounts/{login}", status_code=204, responses=writing(SessionNeeded, NotAProgram))
def end_service_account(call: CurrentCall, login: Named) -> None:
    """End a service account with all its tokens."""
    call.write(lambda session, actor: service_accounts.end(session, actor, login))
