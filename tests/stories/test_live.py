"""Open pages hear what changed, over HTTP, for as long as somebody is signed in."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import pytest

from jinyun.access import passwords
from tests.api import APPLICANT, FOREIGN_APPLICANT
from tests.stories.stage import Stage, a_server, new_order

PASSWORD = "correct horse battery"
PATIENCE_SECONDS = 30


@pytest.fixture
def signed_in(stage: Stage) -> httpx.Client:
    """A browser of the applicant's, without a page."""
    person = stage.person_id(APPLICANT)
    stage.database.write(partial(passwords.set_password, person_id=person, password=PASSWORD))
    browser = httpx.Client(base_url=stage.url, timeout=PATIENCE_SECONDS, trust_env=False)
    body = {"login": APPLICANT, "password": PASSWORD}
    browser.post("/v1/web-sessions", json=body, headers={"Origin": stage.url}).raise_for_status()
    return browser


@contextmanager
def events(browser: httpx.Client) -> Iterator[Iterator[tuple[str, list[dict[str, str]]]]]:
    with browser.stream("GET", "/v1/changes") as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        yield _parsed(answer.iter_lines())


def _parsed(lines: Iterator[str]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_who_is_not_signed_in_hears_nothing(stage: Stage) -> None:
    answer = httpx.get(f"{stage.url}/v1/changes", trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


def test_an_open_page_hears_of_its_server_and_not_of_others(stage: Stage, signed_in: httpx.Client) -> None:
    with events(signed_in) as heard:
        assert next(heard)[0] == "heartbeat"
        foreign = new_order(a_server("not-theirs-1"), project="trade-finance")
        theirs = stage.as_(FOREIGN_APPLICANT).post("/v1/orders", foreign, 201)
        stage.deliver(APPLICANT, a_server("heard-of-1"))
        server = stage.as_(APPLICANT).get("/v1/servers", hostname="heard-of-1")["items"][0]
        stage.as_(APPLICANT).done(stage.as_(APPLICANT).post(f"/v1/servers/{server['id']}/stop", None, 202))
        kinds = set()
        for _, hints in heard:
            kinds |= {hint["kind"] for hint in hints}
            ids = {hint["id"] for hint in hints}
            assert theirs["id"] not in ids
            if server["id"] in ids:
                break
        assert {"order", "operation", "server"} <= kinds


def test_it_ends_with_the_session(stage: Stage, signed_in: httpx.Client) -> None:
    with events(signed_in) as heard:
        assert next(heard)[0] == "heartbeat"
        stage.as_(APPLICANT).send("DELETE", "/v1/sessions", None, 204)
        assert [name for name, _ in heard][-1] == "end"
    assert signed_in.get("/v1/changes").status_code == 401
