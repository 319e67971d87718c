"""The least of a cloud that a client can sign in to; its compute service answers by a script."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Document = dict[str, Any]


class Silence:
    """The answer that does not come while the client waits."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class HangUp:
    """The connection is closed instead of an answer."""


Answer = tuple[int, Document] | Silence | HangUp


class Cloud(ThreadingHTTPServer):
    """A cloud on a free port; `script` is what compute answers to each path, `asked` what reached it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: dict[str, list[Answer]] = {}
        self.asked: list[str] = []
        self.password = "right"
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def microversions(self) -> Document:
        links = [{"rel": "self", "href": f"{self.url}/compute/v2.1/"}]
        return {"id": "v2.1", "status": "CURRENT", "version": "2.104", "min_version": "2.1", "links": links}

    def token(self) -> Document:
        user = {"id": "u1", "name": "jinyun", "domain": {"id": "default", "name": "Default"}}
        return {
            "token": {
                "methods": ["password"],
                "expires_at": "2099-01-01T00:00:00.000000Z",
                "issued_at": "2026-01-01T00:00:00.000000Z",
                "user": user,
                "project": {"id": "p1", "name": "admin", "domain": user["domain"]},
                "roles": [{"id": "r1", "name": "admin"}],
                "catalog": [self._service("compute", "/compute/v2.1"), self._service("placement", "/placement")],
            }
        }

    def _service(self, kind: str, path: str) -> Document:
        endpoint = {"interface": "public", "region_id": "one", "region": "one", "url": self.url + path}
        return {"type": kind, "name": kind, "id": kind, "endpoints": [endpoint]}


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    server: Cloud

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path.startswith(("/compute/v2.1/", "/placement/")) and path not in {"/compute/v2.1/", "/placement/"}:
            self._follow_script()
        elif path.startswith("/placement"):
            version = {"id": "v1.0", "status": "CURRENT", "max_version": "1.39", "min_version": "1.0"}
            self._answer(200, {"versions": [{**version, "links": [{"rel": "self", "href": ""}]}]})
        elif path.startswith("/compute"):
            self._answer(200, {"version": self.server.microversions()})
        else:
            links = [{"rel": "self", "href": f"{self.server.url}/v3/"}]
            self._answer(200, {"version": {"id": "v3.14", "status": "stable", "links": links}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or "{}")
        if self.path != "/v3/auth/tokens":
            self._follow_script()
        elif body["auth"]["identity"]["password"]["user"]["password"] == self.server.password:
            self._answer(201, self.server.token(), {"X-Subject-Token": "t1"})
        else:
            self._answer(401, {"error": {"message": "The request you have made requires authentication."}})

    def _follow_script(self) -> None:
        path = self.path.removeprefix("/compute/v2.1")
        self.server.asked.append(f"{self.command} {path}")
        answers = self.server.script[path.split("?")[0]]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, tuple):
            self._answer(*answer)
        else:
            self.server.over.wait(answer.seconds if isinstance(answer, Silence) else 0)
            self.close_connection = True

    def _answer(self, status: int, document: Document, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Type": "application/json"}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Stay quiet."""


@contextmanager
def running_cloud() -> Iterator[Cloud]:
    """Run a cloud for a while."""
    cloud = Cloud()
    thread = threading.Thread(target=cloud.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        cloud.over.set()
        cloud.shutdown()
        cloud.server_close()
        thread.join()
