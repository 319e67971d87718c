"""HTTP seams shared by all rooms: problem documents, their declaration, the size limit."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from jinyun.kit.bodies import fault
from jinyun.kit.errors import InvalidField, MalformedRequest, NotFound, Problem, RequestTooLarge
from jinyun.kit.texts import Text, preferred_language

MAXIMUM_BODY_BYTES = 1024 * 1024
MAXIMUM_FIELD = 200
"""Characters of the name of a field at fault: the caller chose it, where there is no such field."""
NOT_DECLARED = MalformedRequest(
    reason=Text("its Content-Type is not application/json", "Content-Type 不是 application/json")
)
UNREADABLE = Text("its body cannot be read", "无法读取请求体")
PROBLEM_TYPE = "application/problem+json"
log = structlog.get_logger()


class ProblemDocument(BaseModel):
    """Why a request was not carried out (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str = Field(description="Stable: programs may depend on it")
    detail: str = Field(description="What is wrong, in the language of Accept-Language")
    hint: str = Field(description="What to do about it")
    field: str | None = Field(default=None, description="The part of the request that is at fault")


def problems(*classes: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Declare the problems that a route may answer with, by status, for the API document."""
    by_status: dict[int | str, list[str]] = {}
    for problem in classes:
        by_status.setdefault(problem.status, []).append(problem.code)
    return {
        status: {
            "description": ", ".join(f"`{code}`" for code in codes),
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
        for status, codes in by_status.items()
    }


class InternalError(Problem):
    """A bug of ours."""

    status = 500
    detail = Text("Something went wrong on our side; it was recorded.", "系统内部出现错误，已记录。")
    hint = Text("Tell the operators the request id {request_id}.", "请将请求编号 {request_id} 告知运维人员。")


class MethodNotAllowed(Problem):
    """The path exists but not this verb."""

    status = 405
    detail = Text("This address does not accept {method}.", "该地址不支持 {method} 方法。")
    hint = Text("Compare the request with the API document at /v1/openapi.json.", "请对照 /v1/openapi.json 检查请求。")


def answer(request: Request, problem: Problem) -> JSONResponse:
    """Render a problem in the caller's language."""
    language = preferred_language(request.headers.get("accept-language"))
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    wait = problem.retry_after or (2 if problem.status == 503 else None)
    headers |= {"Retry-After": str(wait)} if wait is not None else {}
    return JSONResponse(problem.as_document(language), problem.status, headers, PROBLEM_TYPE)


def install_problem_answers(app: FastAPI) -> None:
    """Have every error of the application answered as a problem document."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> Response:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        declared = request.headers.get("content-type", "")
        return answer(request, _first_fault(error) if "json" in declared or not _about_body(error) else NOT_DECLARED)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            response = answer(request, MethodNotAllowed(method=request.method))
            response.headers["Allow"] = (error.headers or {}).get("Allow", "")
            return response
        if error.status_code == 404:
            return answer(request, NotFound(kind="address", name=request.url.path))
        return answer(request, MalformedRequest(reason=UNREADABLE))

    @app.exception_handler(Exception)
    async def _bug(request: Request, error: Exception) -> Response:
        log.error("request failed", path=request.url.path, exc_info=error)
        return answer(request, InternalError(request_id=getattr(request.state, "request_id", "-")))


class BodyLimit:
    """Read bodies up to the size that a request may need, and refuse larger ones (ASGI middleware)."""

    def __init__(self, app: Callable[..., Awaitable[None]], limit: int = MAXIMUM_BODY_BYTES) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Count the bytes as they come; a declared length is refused at once."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        declared = request.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > self.limit:
            await answer(request, RequestTooLarge(limit=self.limit))(scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self.limit:
                await answer(request, RequestTooLarge(limit=self.limit))(scope, receive, send)
                return
        whole = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def again() -> Any:
            return whole.pop() if whole else await receive()

        await self.app(scope, again, send)


def _about_body(error: RequestValidationError) -> bool:
    return bool(error.errors()[0]["loc"][:1] == ("body",))


def _first_fault(error: RequestValidationError) -> Problem:
    first = error.errors()[0]
    location = _as_sent(first["loc"], error.body)
    found = fault(first)
    if first["type"] == "json_invalid" or len(location) < 2:
        return MalformedRequest(reason=found)
    field = ".".join(map(str, location[1:]))[:MAXIMUM_FIELD].encode(errors="replace").decode()
    return InvalidField(field, Text(f"{field}: {found.en}.", f"{field}：{found.zh}。"))


def _as_sent(location: Sequence[int | str], body: Any) -> list[int | str]:
    """Return where the fault lies without what Pydantic adds: in a choice by kind it names the kind as well."""
    sent = list(location[:1])
    here = body
    for part in location[1:-1]:
        if isinstance(here, dict) and part not in here:
            continue
        sent.append(part)
        inside = isinstance(here, dict) or (isinstance(here, list) and isinstance(part, int))
        here = here[part] if inside else None
    return [*sent, *location[1:][-1:]]
