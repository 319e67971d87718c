"""Talking to the API: every request may be repeated, because a write carries a key that makes it count once."""

import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from jinyun.cli.failures import Failure, Refused, SignedOut, Unreachable
from jinyun.cli.language import here
from jinyun.kit.texts import Language, Text

Document = dict[str, Any]
ATTEMPTS = 5
"""How often a request is sent at most."""
PATIENT_ATTEMPTS = 60
"""The same for whoever only looks on: that takes about eight minutes."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
"""Seconds between two attempts; the pause doubles."""
LONGEST_WISH = 60.0
"""Seconds; a server that asks for more patience (Retry-After) is taken at its word: it is away."""
AWAY = frozenset({502, 503, 504})
TIMEOUT = httpx.Timeout(60.0, connect=5.0)
IN_PROGRESS = "request-in-progress"

NO_ANSWER = Text("{url} does not answer: {why}.", "{url} 没有响应：{why}。")
CHECK_ADDRESS = Text(
    "Check the address (`--url`, JINYUN_URL) and whether the server runs.",
    "请检查地址（`--url`、JINYUN_URL）以及服务是否正在运行。",
)
AGAIN = Text("No answer yet ({why}); asking again.", "尚无响应（{why}），正在重试。")
STRANGE_ANSWER = Text("{url} answers {status}, but not as Jinyun does.", "{url} 返回 {status}，但不像是金云的应答。")


class Client:
    """The API as one person sees it."""

    def __init__(
        self, url: str, token: str | None, language: Language, *, note: Callable[[Text], None] = lambda _: None
    ) -> None:
        self.url = url.rstrip("/")
        self._note = note
        headers = {"Accept-Language": "zh-CN" if language == "zh" else "en", "User-Agent": "jinyun"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            self._http = httpx.Client(base_url=self.url, headers=headers, timeout=TIMEOUT)
        except (httpx.InvalidURL, ValueError) as error:
            raise _unreachable(self.url, str(error)) from error

    def get(self, path: str, *, patiently: bool = False, **query: object) -> Any:
        """Read something; what is None in `query` is left out. Raises Refused, SignedOut, Unreachable."""
        return self._read(path, query, PATIENT_ATTEMPTS if patiently else ATTEMPTS)[0]

    def get_tagged(self, path: str) -> tuple[Any, str]:
        """Read something and its ETag. Raises as `get`."""
        return self._read(path, {}, ATTEMPTS)

    def pages(self, path: str, **query: object) -> Iterator[Document]:
        """Read a list page by page. Raises as `get`."""
        after = None
        while True:
            page: Document = self._read(path, {**query, "after": after}, ATTEMPTS)[0]
            yield page
            after = page["next"]
            if after is None:
                return

    def items(self, path: str, **query: object) -> Iterator[Document]:
        """Read a whole list. Raises as `get`."""
        for page in self.pages(path, limit=500, **query):
            yield from page["items"]

    def post(self, path: str, body: object = None) -> Any:
        """Do something, once however often it has to be sent. Raises as `get`."""
        return self._write("POST", path, body)

    def download(self, path: str, **query: object) -> bytes:
        """Read a file. Raises as `get`."""
        wanted = {name: str(value) for name, value in query.items() if value is not None}
        answer = self._send(self._http.build_request("GET", path, params=wanted), ATTEMPTS)
        if not answer.is_success:
            raise _failure(answer)
        return answer.content

    def put(self, path: str, body: object) -> Any:
        """Set something. Raises as `get`."""
        return self._write("PUT", path, body)

    def patch(self, path: str, body: object, *, if_match: str | None = None) -> Any:
        """Change something, where it has versions as it was read. Raises as `get`."""
        return self._write("PATCH", path, body, {"If-Match": if_match} if if_match is not None else None)

    def delete(self, path: str) -> Any:
        """Take something away. Raises as `get`."""
        return self._write("DELETE", path, None)

    def _read(self, path: str, query: Mapping[str, object], attempts: int) -> tuple[Any, str]:
        parameters = {key: _parameter(value) for key, value in query.items() if value is not None}
        answer = self._send(self._http.build_request("GET", path, params=parameters), attempts)
        return _content(answer), answer.headers.get("ETag", "")

    def _write(self, method: str, path: str, body: object, headers: dict[str, str] | None = None) -> Any:
        headers = {"Idempotency-Key": uuid.uuid4().hex} | (headers or {})
        if body is not None:
            headers["Content-Type"] = "application/json"
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = self._http.build_request(method, path, content=content, headers=headers)
        return _content(self._send(request, ATTEMPTS))

    def _send(self, request: httpx.Request, attempts: int) -> httpx.Response:
        """Send a request until it is answered, at most so often."""
        for attempt in range(1, attempts + 1):
            try:
                return self._try(request)
            except _NotNow as not_now:
                pause = _pause(attempt) if not_now.wish is None else not_now.wish
                if attempt == attempts or pause > LONGEST_WISH:
                    raise not_now.failure from not_now
                self._note(AGAIN.format(why=not_now.why))
                time.sleep(pause)
        raise ValueError("at least one attempt")

    def _try(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = self._http.send(request)
        except httpx.UnsupportedProtocol as error:
            raise _unreachable(self.url, str(error)) from error
        except httpx.TransportError as error:
            why = str(error) or type(error).__name__
            raise _NotNow(_unreachable(self.url, why), why) from error
        if answer.status_code in AWAY or _problem(answer).get("code") == IN_PROGRESS:
            wish = answer.headers.get("Retry-After", "")
            raise _NotNow(_failure(answer), str(answer.status_code), float(wish) if wish.isdecimal() else None)
        return answer


class _NotNow(Exception):
    """No answer this time; another attempt may have one."""

    def __init__(self, failure: Failure, why: str, wish: float | None = None) -> None:
        super().__init__(why)
        self.failure, self.why, self.wish = failure, why, wish


def _pause(attempt: int) -> float:
    """Return the seconds to wait after an attempt, spread so that callers do not come back all at once."""
    return min(FIRST_PAUSE * 2.0**attempt / 2, LONGEST_PAUSE) * random.uniform(0.75, 1.25)  # noqa: S311


def _content(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise _failure(answer)
    if answer.status_code == 204:
        return None
    try:
        return answer.json()
    except ValueError as error:
        raise _strange(answer) from error


def _failure(answer: httpx.Response) -> Failure:
    problem = _problem(answer)
    if answer.status_code in AWAY:
        return Unreachable.of(problem) if problem else _unreachable(str(answer.url), str(answer.status_code))
    if not problem:
        return _strange(answer)
    return SignedOut.of(problem) if answer.status_code == 401 else Refused.of(problem)


def _problem(answer: httpx.Response) -> Document:
    """Return the problem document of an answer, empty where it is none."""
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) and {"detail", "code"} <= document.keys() else {}


def _strange(answer: httpx.Response) -> Failure:
    detail = STRANGE_ANSWER.format(url=answer.url, status=answer.status_code)
    return Failure(here(detail), here(CHECK_ADDRESS), code="strange-answer")


def _unreachable(url: str, why: str) -> Unreachable:
    return Unreachable(here(NO_ANSWER.format(url=url, why=why or "?")), here(CHECK_ADDRESS))


def _parameter(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
