"""Requests that no honest client sends: each is answered with a problem document, none with an error of ours."""

import base64
import json
import socket
from collections.abc import Iterator

import httpx
import pytest

from jinyun.kit.http import MAXIMUM_BODY_BYTES, PROBLEM_TYPE
from tests.api import APPLICANT, OPERATOR, SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR
from tests.stories.stage import NETWORK, Caller, Stage, a_server, new_order

MEBIBYTE = 1024 * 1024
JSON = {"Content-Type": "application/json"}
NASTY_TEXTS = {
    "nul": "a\x00b",
    "escape": "\x1b[2Jgone",
    "surrogate": "\ud800",
    "reversed surrogates": "\udc00\ud800",
    "not a character": "\uffff",
    "far plane": "\U0010ffff",
    "right to left": "\u202etxt.exe",
    "combining": "e" + "\u0301" * 500,
    "long": "x" * 100_000,
    "quote": "'; DROP TABLE person; --",
    "braces": "{0} {kind} {__class__}",
    "percent": "%s%n%(name)s",
    "only blanks": " \t\n",
    "empty": "",
}


@pytest.fixture
def applicant(stage: Stage) -> Caller:
    return stage.as_(APPLICANT)


def problem(answer: httpx.Response, *statuses: int) -> dict[str, object]:
    assert answer.status_code in statuses, answer.text[:500]
    assert answer.headers["content-type"] == PROBLEM_TYPE
    document: dict[str, object] = answer.json()
    assert {"type", "title", "status", "code", "detail", "hint"} <= document.keys()
    return document


def test_ten_megabytes(applicant: Caller) -> None:
    answer = applicant.client.post("/v1/orders", content=b"x" * 10 * MEBIBYTE)
    assert problem(answer, 413)["code"] == "request-too-large"


def test_ten_megabytes_that_do_not_say_so(applicant: Caller) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(10 * 16):
            yield b"x" * (MEBIBYTE // 16)

    answer = applicant.client.post("/v1/orders", content=pieces())
    assert problem(answer, 413)["code"] == "request-too-large"


def test_the_largest_body_that_is_read(applicant: Caller) -> None:
    body = json.dumps(new_order(a_server("large-1", user_data="x"))).encode()
    answer = applicant.client.post("/v1/orders", content=body.ljust(MAXIMUM_BODY_BYTES), headers=JSON)
    assert answer.status_code == 201
    applicant.post(f"/v1/orders/{answer.json()['id']}/withdraw", None, 200)
    assert applicant.client.post("/v1/orders", content=body.ljust(MAXIMUM_BODY_BYTES + 1)).status_code == 413


@pytest.mark.parametrize("body", [b"[" * 500_000, b"\xff\xfe", b'{"project": NaN}', b"1" * 100_000, b"null", b""])
def test_bodies_that_are_no_order(applicant: Caller, body: bytes) -> None:
    problem(applicant.client.post("/v1/orders", content=body, headers=JSON), 422)


@pytest.mark.parametrize("text", NASTY_TEXTS.values(), ids=NASTY_TEXTS.keys())
def test_nasty_texts_everywhere(stage: Stage, text: str) -> None:
    places: list[tuple[str, str, str, dict[str, object]]] = [
        (APPLICANT, "POST", "/v1/orders", new_order(a_server("nasty-1"), project=text)),
        (APPLICANT, "POST", "/v1/orders", {**new_order(a_server("nasty-1")), text: 1}),
        (APPLICANT, "POST", "/v1/orders", new_order(a_server("nasty-1", network=text))),
        (APPLICANT, "POST", "/v1/orders", new_order(a_server("nasty-1", flavor=text))),
        (APPLICANT, "POST", "/v1/orders", new_order(a_server("nasty-1", image=text))),
        (APPLICANT, "POST", "/v1/orders", new_order(a_server("nasty-1", address=text))),
        (APPLICANT, "POST", "/v1/orders", new_order(a_server("nasty-1", keypair=text))),
        (APPLICANT, "POST", "/v1/keypairs", {"name": "nasty", "public_key": f"ssh-ed25519 {text}"}),
        (APPLICANT, "POST", "/v1/sessions", {"login": text, "password": text}),
        (
            SYSTEM_ADMINISTRATOR,
            "POST",
            "/v1/regions",
            {"code": "x1", "name": text, "provider": text, "public": {"world": text}},
        ),
        (OPERATOR, "POST", f"/v1/networks/{NETWORK}/addresses", {"address": text, "note": text}),
        (OPERATOR, "POST", "/v1/security-groups", {"code": text, "name": text, "rules": [{"direction": text}]}),
        (
            SECURITY_ADMINISTRATOR,
            "PUT",
            "/v1/quotas",
            {"scope": "project", "code": text, "resource": "vcpus", "limit": 1},
        ),
        (
            SECURITY_ADMINISTRATOR,
            "POST",
            "/v1/projects",
            {"code": "nasty", "name": text, "department": text, "owner": text},
        ),
    ]
    for login, method, path, body in places:
        answer = stage.as_(login).client.request(method, path, content=json.dumps(body), headers=JSON)
        assert answer.status_code < 500, f"{path} {body}: {answer.text[:300]}"
        if answer.status_code >= 400:
            problem(answer, *range(400, 500))


@pytest.mark.parametrize("text", NASTY_TEXTS.values(), ids=NASTY_TEXTS.keys())
def test_what_is_accepted_comes_back_unchanged(applicant: Caller, text: str) -> None:
    body = {**new_order(a_server("kept-1")), "purpose": text}
    answer = applicant.client.post("/v1/orders", content=json.dumps(body), headers=JSON)
    if answer.status_code != 201:
        assert problem(answer, 422)["field"] == "purpose"
        return
    order = applicant.get(f"/v1/orders/{answer.json()['id']}")
    assert order["purpose"] == text
    applicant.post(f"/v1/orders/{order['id']}/withdraw", None, 200)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/projects/%00",
        "/v1/projects/%ff%fe",
        "/v1/projects/%ED%A0%80",
        "/v1/networks/%F0%9F%92%A5/addresses",
        "/v1/regions/a%2Fb",
        "/v1/regions/" + "x" * 5000,
        "/v1/orders?number=%00",
        "/v1/servers?hostname=%25_%5C",
        "/v1/servers?address=%27",
        "/v1/servers?limit=99999999999999999999999999",
        "/v1/servers?limit=NaN",
        "/v1/servers?limit=1&limit=2",
        "/v1/pools?region=%00",
        "/v1/binding-proposals?region=" + "x" * 5000,
        "/v1/keypairs?unknown=1",
    ],
)
def test_addresses_that_lead_nowhere(stage: Stage, path: str) -> None:
    for login in (APPLICANT, OPERATOR):
        answer = stage.as_(login).client.get(path)
        assert answer.status_code in {200, 403, 404, 422}, answer.text[:300]


@pytest.mark.parametrize(
    "values",
    [
        [2**70],
        [-(2**70)],
        ["x", "y"],
        [True],
        [None],
        [1.5],
        [[]],
        [{}],
        ["\ud800"],
        ["\x00"],
        ["é"],
        ["汉"],
        {},
        "x",
        1,
    ],
)
@pytest.mark.parametrize(
    ("login", "path"), [(APPLICANT, "/v1/orders"), (OPERATOR, f"/v1/networks/{NETWORK}/addresses")]
)
def test_marks_that_somebody_made_himself(stage: Stage, login: str, path: str, values: object) -> None:
    mark = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
    answer = stage.as_(login).client.get(path, params={"after": mark})
    assert answer.status_code in {200, 422}, answer.text[:300]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Request-Id": "x" * 5000},
        {"X-Request-Id": "é\xff"},
        {"Accept-Language": "x;q=abc,zh;q=nan," + "a," * 2000},
        {"Idempotency-Key": "ÿ" * 20},
        {"Idempotency-Key": "x" * 129},
        {"Content-Type": "application/json; charset=utf-16"},
        {"If-Match": "*"},
    ],
)
def test_headers_that_no_honest_client_sends(applicant: Caller, headers: dict[str, str]) -> None:
    raw = {key.encode(): value.encode("latin-1") for key, value in headers.items()}
    answer = applicant.client.post("/v1/keypairs", json={"name": "h", "public_key": "no key"}, headers=raw)
    problem(answer, 422)


def test_a_request_that_never_ends_its_body_is_let_go(stage: Stage, applicant: Caller) -> None:
    with socket.create_connection(("127.0.0.1", stage.port)) as connection:
        connection.sendall(b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    applicant.get("/v1/self")
