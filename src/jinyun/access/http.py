"""What a route gets: who calls, and the two ways to the database."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jinyun.access import entering
from jinyun.access.entering import Entered
from jinyun.access.errors import ForeignRequest, NotSignedIn, PasswordChangeNeeded
from jinyun.access.signing_in import Door
from jinyun.access.web import BACKGROUND_HEADER, require_own_page, session_cookie
from jinyun.kit.actor import Actor
from jinyun.kit.database import Database
from jinyun.kit.errors import (
    BrokenIdempotencyKey,
    DatabaseUnavailable,
    Forbidden,
    InvalidField,
    MalformedRequest,
    NotFound,
    OutcomeUncertain,
    Problem,
    RequestInProgress,
    RequestTooLarge,
)
from jinyun.kit.http import InternalError
from jinyun.kit.http import problems as declare
from jinyun.kit.idempotency import AnsweredBefore, once, request_digest
from jinyun.kit.settings import Settings
from jinyun.kit.texts import preferred_language
from jinyun.kit.vault import request_secret

Answer = TypeVar("Answer")
bearer = HTTPBearer(auto_error=False, description="A session from `POST /v1/sessions`, or a token")
IdempotencyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=8, max_length=128, description="Makes a repetition harmless for 24 hours"
    ),
]


class Call:
    """One request to the API by a signed-in person."""

    def __init__(self, request: Request, actor: Actor, idempotency_key: str | None, body: bytes) -> None:
        self.actor = actor
        self.settings: Settings = request.app.state.settings
        self._database: Database = request.app.state.database
        self._key = idempotency_key
        self._request = (request.method, request.url.path, body)

    def read(self, work: Callable[[Session, Actor], Answer]) -> Answer:
        """Run `work` in a transaction that changes nothing."""
        return self._database.read(lambda session: work(session, self.actor))

    def write(self, work: Callable[[Session, Actor], Answer], *, shown_once: str | None = None) -> Answer:
        """Run `work` in a transaction, once for each Idempotency-Key; it is committed when this returns.

        The field `shown_once` of the answer is a secret: it is not kept, and null when the answer is repeated.
        """
        return self._database.write(partial(self._work, work, shown_once))

    def try_out(self, work: Callable[[Session, Actor], Answer]) -> Answer:
        """Run `work` in a transaction of which nothing is kept."""
        return self._database.try_out(lambda session: work(session, self.actor))

    def write_first(self, work: Callable[[Session], Answer]) -> Answer:
        """Run `work` in a short transaction of its own before that of the call: nobody waits for both."""
        return self._database.write(work)

    def _work(self, work: Callable[[Session, Actor], Answer], shown_once: str | None, session: Session) -> Answer:
        if self._key is None or self.actor.person_id is None:
            return work(session, self.actor)
        digest = request_digest(request_secret(self.settings.key_directory), *self._request)
        answer: Answer = once(
            session,
            self.actor.person_id,
            self._key,
            digest,
            lambda: work(session, self.actor),
            partial(_kept, shown_once=shown_once),
        )
        return answer


def anonymous(request: Request) -> Actor:
    """Return a caller who has not signed in."""
    return Actor(
        person_id=None,
        login="anonymous",
        name="",
        language=preferred_language(request.headers.get("accept-language")),
        source_address=request.client.host if request.client else None,
        request_id=request.state.request_id,
    )


def door(request: Request) -> Door:
    """Return where people sign in."""
    state = request.app.state
    return Door(state.database, state.password_check, state.settings)


Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


def entering_by(request: Request, credentials: HTTPAuthorizationCredentials | None) -> Callable[[Session], Entered]:
    """Return what finds out who calls, by bearer or else by cookie, and raises NotSignedIn.

    Raises:
        NotSignedIn: nothing was brought.
        ForeignRequest: it came by cookie, changes something, and was not sent by a page of ours.
    """
    settings: Settings = request.app.state.settings
    caller = anonymous(request)
    if credentials is not None:
        bearer_secret = credentials.credentials
        return lambda session: entering.by_bearer(session, caller, bearer_secret, settings)
    clear = request.cookies.get(session_cookie(settings), "")
    if not clear:
        raise NotSignedIn
    require_own_page(request, clear, settings)
    return lambda session: entering.by_cookie(session, caller, clear, settings)


def current_actor(request: Request, credentials: Credentials) -> Actor:
    """Return who calls, by bearer or else by cookie.

    Raises:
        NotSignedIn: there is no way in that is good.
        ForeignRequest: it came by cookie, changes something, and was not sent by a page of ours.
    """
    database: Database = request.app.state.database
    entered = database.read(entering_by(request, credentials))
    if entered.is_stale and BACKGROUND_HEADER not in request.headers:
        with suppress(DatabaseUnavailable):  # whoever only reads needs no database that can be written to
            database.write(lambda session: entering.note_use(session, entered), patience=0)
    return entered.actor


async def _body(request: Request) -> bytes:
    return await request.body()


async def first_call(
    request: Request,
    actor: Annotated[Actor, Depends(current_actor)],
    body: Annotated[bytes, Depends(_body)],
    idempotency_key: IdempotencyHeader = None,
) -> Call:
    """Return the call of somebody whose password may still be the one that he was given."""
    return Call(request, actor, idempotency_key, body)


FirstCall = Annotated[Call, Depends(first_call)]
"""For what he needs to change it, and for nothing else."""


async def current_call(call: FirstCall) -> Call:
    """Return the call that a route works with. Raises PasswordChangeNeeded."""
    if call.actor.way_in is not None and call.actor.way_in.password_due:
        raise PasswordChangeNeeded
    return call


CurrentCall = Annotated[Call, Depends(current_call)]

COMMON_PROBLEMS: tuple[type[Problem], ...] = (
    NotSignedIn,
    Forbidden,
    ForeignRequest,
    PasswordChangeNeeded,
    MalformedRequest,
    InvalidField,
    RequestTooLarge,
    DatabaseUnavailable,
)
WRITE_PROBLEMS: tuple[type[Problem], ...] = (BrokenIdempotencyKey, RequestInProgress, OutcomeUncertain)


def reading(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Declare what a route that reads may answer besides its result."""
    return declare(*COMMON_PROBLEMS, *problems, InternalError)


def reading_one(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Declare what a route that reads one object may answer besides its result."""
    return reading(NotFound, *problems)


def writing(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Declare what a route that changes something may answer besides its result."""
    return declare(*COMMON_PROBLEMS, NotFound, *WRITE_PROBLEMS, *problems, InternalError)


def install_access(app: FastAPI) -> None:
    """Give every request its id, and repeat stored answers to repeated requests."""

    app.add_middleware(RequestIds)

    @app.exception_handler(AnsweredBefore)
    async def _answered_before(request: Request, repeated: AnsweredBefore) -> Response:
        status = request.scope["route"].status_code or 200
        headers = {"Idempotency-Replayed": "true"}
        return Response(None, status, headers) if status == 204 else JSONResponse(repeated.answer, status, headers)


class RequestIds:
    """Names each request, as its sender or else as we like, and says so in the answer (ASGI middleware)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        name = request.headers.get("x-request-id", "")[:64] or secrets.token_hex(8)
        request.state.request_id = name

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-Id"] = name
            await send(message)

        await self.app(scope, receive, send_named)


def _kept(answer: object, shown_once: str | None) -> Any:
    """Return an answer as it is kept to be repeated."""
    kept = jsonable_encoder(answer)
    return kept if shown_once is None else kept | {shown_once: None}
