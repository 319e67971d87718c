"""Consoles over HTTP and websocket."""

import asyncio
from datetime import datetime
from functools import partial

import structlog
import websockets
from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketState

from jinyun.access.http import CurrentCall, writing
from jinyun.consoles import service as consoles
from jinyun.consoles.relay import relay
from jinyun.consoles.service import TicketRefused
from jinyun.kit.actor import Actor
from jinyun.kit.database import Database
from jinyun.kit.errors import DatabaseUnavailable
from jinyun.kit.ids import Id
from jinyun.servers.errors import WrongServerState

router = APIRouter(prefix="/v1", tags=["consoles"])
REFUSED = 4403
"""Close code: the ticket is no good (private range of RFC 6455, section 7.4.2)."""
UNREACHABLE = 4502
"""Close code: the region's screen cannot be reached."""
LOOK_SECONDS = 0.2
LOOKS = 100
log = structlog.get_logger()


class ConsoleTicketView(BaseModel):
    """A ticket for one connection to a server's screen."""

    ticket: str
    websocket_url: str = Field(description="Speaks RFB in binary frames; works once, with the ticket in it")
    operation_id: str
    expires_at: datetime


@router.post("/servers/{server_id}/console", status_code=201, responses=writing(WrongServerState))
def issue_console_ticket(call: CurrentCall, server_id: Id) -> ConsoleTicketView:
    """Give a ticket for a server's screen."""

    def work(session: Session, actor: Actor) -> ConsoleTicketView:
        clear, ticket = consoles.issue(session, actor, server_id)
        address = call.settings.public_url.replace("http", "ws", 1) + f"/v1/consoles/{clear}"
        return ConsoleTicketView(
            ticket=clear, websocket_url=address, operation_id=ticket.operation_id, expires_at=ticket.expires_at
        )

    return call.write(work)


@router.websocket("/consoles/{ticket}")
async def open_console(browser: WebSocket, ticket: str) -> None:
    """Carry a server's screen to whoever holds the ticket."""
    database: Database = browser.app.state.database
    try:
        endpoint = await _redeem(database, ticket)
        await relay(browser, endpoint)
    except (TicketRefused, DatabaseUnavailable):
        await _turn_away(browser, REFUSED)
    except (OSError, websockets.WebSocketException) as error:
        log.warning("console unreachable", error=str(error))
        await _turn_away(browser, UNREACHABLE)


async def _turn_away(browser: WebSocket, code: int) -> None:
    """Close with a code: a browser learns it only from a connection that was accepted."""
    if browser.application_state is WebSocketState.CONNECTING:
        await browser.accept()
    await browser.close(code)


async def _redeem(database: Database, ticket: str) -> dict[str, str]:
    """Use the ticket up and wait until the region has said where the screen is."""
    ticket_id = await run_in_threadpool(database.write, partial(_take, ticket))
    for _ in range(LOOKS):
        endpoint = await run_in_threadpool(database.read, partial(_endpoint, ticket_id))
        if endpoint is not None:
            return endpoint
        await asyncio.sleep(LOOK_SECONDS)
    raise TicketRefused


def _take(ticket: str, session: Session) -> str:
    return consoles.take(session, ticket)


def _endpoint(ticket_id: str, session: Session) -> dict[str, str] | None:
    return consoles.endpoint(session, ticket_id)
