"""Hands out the web console beside the API, with the headers that keep a browser safe."""

import secrets
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGES = Path(__file__).parent / "pages"
"""Where `console/` is built to."""
NONCE = "__NONCE__"
"""Stands in index.html for a word that is made anew for each answer: only styles that know it are applied."""
API = "/v1"
ASSETS = "/assets/"
A_YEAR = "public, max-age=31536000, immutable"
"""The name of an asset has the hash of its content."""


def install_pages(app: FastAPI, folder: Path = PAGES, *, https: bool = False) -> None:
    """Have everything outside of the API answered by the console in `folder`, where it was built."""
    if (folder / "index.html").is_file():
        app.add_middleware(Pages, folder=folder)
    app.add_middleware(SafeHeaders, https=https)


class Pages:
    """Answers whatever is not the API: a file of the console, or its one page, which finds its way by the address."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app = app
        self.folder = folder.resolve()
        self.index = (folder / "index.html").read_text(encoding="utf-8")
        self.files = GZipMiddleware(StaticFiles(directory=folder), minimum_size=1000)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a page, and leave every other one to the API."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or is_api(scope["path"]):
            await self.app(scope, receive, send)
        elif scope["path"].startswith(ASSETS) or self._is_file(scope["path"]):
            await self._send_file(scope, receive, send)
        else:
            page = HTMLResponse(self.index.replace(NONCE, scope["nonce"]))
            await page(scope, receive, send)

    async def _send_file(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.files(scope, receive, send)
        except HTTPException as missing:
            await PlainTextResponse(missing.detail, missing.status_code)(scope, receive, send)

    def _is_file(self, path: str) -> bool:
        name = path.removeprefix("/")
        return name != "index.html" and bool(name) and "/" not in name and (self.folder / name).is_file()


class SafeHeaders:
    """Says to browsers what they may do with an answer, and who may keep it."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self.app = app
        self.https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to whatever is answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["nonce"] = secrets.token_urlsafe(16)

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                found = message["status"] in {200, 304}
                headers.update(safe_headers(scope["path"], scope["nonce"], found=found, https=self.https))
            await send(message)

        await self.app(scope, receive, send_safely)


def safe_headers(path: str, nonce: str, *, found: bool, https: bool) -> dict[str, str]:
    """Return the headers of an answer; `found`: whether it may be kept."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'" if is_api(path) else _policy(nonce),
    }
    if is_api(path):
        headers["Cache-Control"] = "no-store"
    else:
        headers["Cache-Control"] = A_YEAR if found and path.startswith(ASSETS) else "no-cache"
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def is_api(path: str) -> bool:
    """Tell whether a path is the API's."""
    return path == API or path.startswith(f"{API}/")


def _policy(nonce: str) -> str:
    """Return what the console may do: load from here, speak to here, and no script that is not a file of ours."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
