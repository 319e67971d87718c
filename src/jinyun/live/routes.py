"""Hints as a stream of server-sent events."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from jinyun.access.errors import PasswordChangeNeeded
from jinyun.access.http import Credentials, entering_by
from jinyun.kit.actor import Actor
from jinyun.kit.database import Database
from jinyun.live.hub import Hub, Listener
from jinyun.live.tail import Change

router = APIRouter(prefix="/v1", tags=["live"])
HEARTBEAT_SECONDS = 15.0
COME_BACK_MS = 2000
HEADERS = {"X-Accel-Buffering": "no"}
"""A proxy in between must not wait for more."""


def the_hub(request: Request) -> Hub:
    """Return where the pages of this process listen."""
    hub: Hub = request.app.state.live
    return hub


@router.get("/changes", include_in_schema=False)
async def follow_changes(
    request: Request, hub: Annotated[Hub, Depends(the_hub)], credentials: Credentials
) -> StreamingResponse:
    """Say what changed as long as the caller is signed in: kind, id and version, and nothing of what it is now.

    It is no part of the API document: it has no end, and nobody needs it who can ask again.
    """
    database: Database = request.app.state.database
    enter = entering_by(request, credentials)

    def who(session: Session) -> Actor:
        return enter(session).actor

    actor = await run_in_threadpool(database.read, who)
    if actor.way_in is not None and actor.way_in.password_due:
        raise PasswordChangeNeeded
    return StreamingResponse(_stream(hub, hub.join(actor, who)), media_type="text/event-stream", headers=HEADERS)


async def _stream(hub: Hub, listener: Listener) -> AsyncIterator[str]:
    try:
        yield f"retry: {COME_BACK_MS}\nevent: heartbeat\ndata: {{}}\n\n"
        while not listener.ended:
            changes = await listener.next(HEARTBEAT_SECONDS)
            yield _event("changes", changes) if changes else "event: heartbeat\ndata: {}\n\n"
        yield "event: end\ndata: {}\n\n"
    finally:
        hub.leave(listener)


def _event(name: str, changes: list[Change]) -> str:
    hints = [{"kind": change.kind, "id": change.subject_id, "version": change.version} for change in changes]
    return f"event: {name}\ndata: {json.dumps(hints)}\n\n"
