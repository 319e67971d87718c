"""What requests carry: bounded, printable, and its mistakes in both languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import Field, ValidationError

from jinyun.kit.bodies import FAULTS, Body, fault
from jinyun.kit.http import BodyLimit, install_problem_answers

LIMIT = 1000


class Wish(Body):
    """A body with everything that can be wrong."""

    name: str = Field(min_length=2, max_length=5, pattern="^[a-z]+$")
    number: int = Field(default=1, ge=0, le=10)
    lines: list[str] = Field(default_factory=list, max_length=2)
    notes: dict[str, str] = Field(default_factory=dict)
    text: str = ""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app = FastAPI()
    install_problem_answers(app)
    app.add_middleware(BodyLimit, limit=LIMIT)

    @app.post("/wishes")
    def wish(body: Wish) -> str:
        return body.text

    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    ("wrong", "field", "chinese"),
    [
        ({}, "name", "name：缺少该字段。"),
        ({"name": "ok", "more": 1}, "more", "more：没有该字段。"),
        ({"name": "a"}, "name", "name：至少需要 2 个字符。"),
        ({"name": "abcdef"}, "name", "name：最多 5 个字符。"),
        ({"name": "AB"}, "name", "name：必须符合格式 ^[a-z]+$。"),
        ({"name": 1}, "name", "name：必须是文本。"),
        ({"name": "ok", "number": "x"}, "number", "number：必须是整数。"),
        ({"name": "ok", "number": 1.5}, "number", "number：必须是整数。"),
        ({"name": "ok", "number": -1}, "number", "number：不能小于 0。"),
        ({"name": "ok", "number": 11}, "number", "number：不能大于 10。"),
        ({"name": "ok", "lines": "x"}, "lines", "lines：必须是列表。"),
        ({"name": "ok", "lines": ["a", "b", "c"]}, "lines", "lines：最多 2 项。"),
        ({"name": "ok", "lines": ["\x07"]}, "lines", "lines：包含控制字符。"),
        ({"name": "ok", "notes": {"\x00": "x"}}, "notes", "notes：包含控制字符。"),
        ({"name": "ok", "text": "\x1b[2J"}, "text", "text：包含控制字符。"),
        ({"name": "ok", "text": None}, "text", "text：必须是文本。"),
    ],
)
def test_a_mistake_names_its_field(client: TestClient, wrong: object, field: str, chinese: str) -> None:
    answer = client.post("/wishes", json=wrong, headers={"Accept-Language": "zh"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid-field"
    assert answer.json()["field"] == field
    assert answer.json()["detail"] == chinese


def test_line_breaks_and_other_scripts_are_text(client: TestClient) -> None:
    text = "first\nsecond\tthird\r\n汉字 é 😀"
    assert client.post("/wishes", json={"name": "ok", "text": text}).json() == text


def test_the_name_of_a_field_that_there_is_not_is_cut(client: TestClient) -> None:
    answer = client.post("/wishes", json={"name": "ok", "x" * 500: 1})
    assert answer.status_code == 422
    assert answer.json()["field"] == "x" * 200


def test_a_field_whose_name_is_no_text(client: TestClient) -> None:
    answer = client.post("/wishes", content='{"name": "ok", "\\ud800": 1}', headers=JSON)
    assert answer.status_code == 422


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT])
def test_a_body_up_to_the_limit_is_read(client: TestClient, size: int) -> None:
    body = b'{"name": "ok"}'.ljust(size)
    assert client.post("/wishes", content=body, headers=JSON).status_code == 200
    assert client.post("/wishes", content=iter([body[:10], body[10:]]), headers=JSON).status_code == 200


def test_a_larger_one_is_refused_whether_or_not_it_says_so(client: TestClient) -> None:
    body = b'{"name": "ok"}'.ljust(LIMIT + 1)
    for content in (body, iter([body[:10], body[10:]])):
        answer = client.post("/wishes", content=content, headers=JSON)
        assert answer.status_code == 413
        assert answer.json()["code"] == "request-too-large"


def test_what_pydantic_finds_and_we_have_no_word_for_is_still_said() -> None:
    assert fault({"type": "of_the_future", "loc": ("x",)}).zh == "取值无效"


def test_every_word_can_be_filled_from_what_pydantic_says() -> None:
    with pytest.raises(ValidationError) as caught:
        Wish.model_validate({"name": "a", "number": 11, "lines": ["a", "b", "c"], "notes": 1, "x": 1})
    for error in caught.value.errors():
        assert error["type"] in FAULTS
        assert "{" not in fault(error).en
