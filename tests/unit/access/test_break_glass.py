"""A local account that is used past the company directory is an alarm: in the API as it is wired, over HTTP."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from jinyun.app import create_app
from jinyun.kit.settings import Settings
from tests.unit.access.stage import ORIGIN, PASSWORD, CompanyDirectory, House


@pytest.fixture
def api(house: House) -> TestClient:
    """The whole API; the directory knows the operator `otto`, and `alice` has a local account."""
    settings = Settings(key_directory=house.settings.key_directory, public_url=ORIGIN)
    app = create_app(settings, house.database)
    app.state.password_check = CompanyDirectory({"otto": PASSWORD})
    return TestClient(app, base_url=ORIGIN)


def signed_in(api: TestClient, login: str) -> dict[str, str]:
    answer = api.post("/v1/sessions", json={"login": login, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def alarms(api: TestClient, operator: dict[str, str]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get("/v1/alarms", headers=operator).json()["items"]
    return items


def test_break_glass_is_an_alarm_for_the_operators(api: TestClient) -> None:
    operator = signed_in(api, "otto")
    assert alarms(api, operator) == []
    for _ in range(2):
        signed_in(api, "alice")
    (alarm,) = alarms(api, operator)
    assert (alarm["kind"], alarm["subject"], alarm["cleared_at"]) == ("break-glass", "alice", None)
    assert alarm["text"].startswith("alice signed in from testclient with a local account")


def test_so_it_is_while_the_directory_is_down(api: TestClient, house: House) -> None:
    operator = signed_in(api, "otto")
    api.app.state.password_check.is_up = False  # type: ignore[attr-defined]
    signed_in(api, "alice")
    assert [alarm["kind"] for alarm in alarms(api, operator)] == ["break-glass"]
    refused = api.post("/v1/sessions", json={"login": "otto", "password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (503, "directory-away")
