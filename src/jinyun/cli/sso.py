"""Signing in with the browser: it comes back to a port of this machine, with a code that is good for this process."""

import base64
import hashlib
import secrets
import threading
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import Failure
from jinyun.cli.language import here
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

PATIENCE_SECONDS = 600.0
OPEN = Text("Sign in with your browser: {address}", "请在浏览器中登录：{address}")
CAME_BACK = Text("You are signed in; you may close this page.", "登录成功，可以关闭此页面。")
NOT_OFFERED = Text("{url} has no single sign-on.", "{url} 未配置单点登录。")
BY_PASSWORD = Text("Sign in with your password (`jinyun login`).", "请使用密码登录（`jinyun login`）。")
NO_ANSWER = Text("Nobody signed in with the browser.", "浏览器中未完成登录。")
AGAIN = Text("Try again (`jinyun login --sso`).", "请重试（`jinyun login --sso`）。")


@dataclass
class Waiting:
    """Listens on a free port of this machine until the browser brings a code."""

    code: str | None = None
    came: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.server = HTTPServer(("127.0.0.1", 0), _handler_for(self))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self) -> "Waiting":
        """Begin to wait."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()

    def wait(self) -> str:
        """Return the code. Raises Failure where nobody comes."""
        self.came.wait(PATIENCE_SECONDS)
        if self.code is None:
            raise Failure(here(NO_ANSWER), here(AGAIN), code="no-browser")
        return self.code


def sign_in_with_browser(terminal: Terminal) -> Mapping[str, Any]:
    """Have the person sign in with his browser, and return the session.

    Raises:
        Failure: there is no single sign-on, or nobody came back.
    """
    offered = terminal.api.get(path_to("sign-in"))["single_sign_on"]
    if offered is None:
        raise Failure(here(NOT_OFFERED.format(url=terminal.url)), here(BY_PASSWORD), code="no-single-sign-on")
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    with Waiting() as waiting:
        question = urlencode({"loopback_port": waiting.server.server_port, "challenge": challenge})
        address = f"{offered['address']}?{question}"
        terminal.note(OPEN.format(address=address))
        webbrowser.open(address)
        code = waiting.wait()
    opened: Mapping[str, Any] = terminal.api.post(path_to("sign-on", "sessions"), {"code": code, "verifier": verifier})
    return opened


def _handler_for(waiting: Waiting) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            codes = parse_qs(urlsplit(self.path).query).get("code")
            if not codes:
                self.send_error(404)
                return
            page = here(CAME_BACK).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)
            waiting.code = codes[0]
            waiting.came.set()

        def log_message(self, *_: object) -> None:
            """Say nothing: the terminal belongs to the person."""

    return Handler
