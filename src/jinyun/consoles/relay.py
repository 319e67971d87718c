"""Carrying bytes between a browser and the region's screen; the region's address and token stay on this side."""

import asyncio
import contextlib

import websockets
from fastapi import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection
from websockets.typing import Origin, Subprotocol

OPEN_TIMEOUT_SECONDS = 10.0
LARGEST_FRAME_BYTES = 8 * 1024 * 1024


async def relay(browser: WebSocket, endpoint: dict[str, str]) -> None:
    """Connect to the region and carry bytes both ways until one side ends.

    Raises:
        OSError, websockets.WebSocketException: the region's screen cannot be reached.
    """
    subprotocols = [Subprotocol(name) for name in endpoint["subprotocols"].split(",") if name]
    async with websockets.connect(
        endpoint["url"],
        origin=Origin(endpoint["origin"]) if endpoint["origin"] else None,
        subprotocols=subprotocols or None,
        open_timeout=OPEN_TIMEOUT_SECONDS,
        max_size=LARGEST_FRAME_BYTES,
    ) as region:
        offered = browser.scope.get("subprotocols", [])
        await browser.accept(subprotocol="binary" if "binary" in offered else None)
        ways = [asyncio.create_task(_to_region(browser, region)), asyncio.create_task(_to_browser(region, browser))]
        _, pending = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in pending:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
    with contextlib.suppress(RuntimeError):  # the browser went first
        await browser.close()


async def _to_region(browser: WebSocket, region: ClientConnection) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await region.send(await browser.receive_bytes())


async def _to_browser(region: ClientConnection, browser: WebSocket) -> None:
    async for message in region:
        await browser.send_bytes(message if isinstance(message, bytes) else message.encode())
