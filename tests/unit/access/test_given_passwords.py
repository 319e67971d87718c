"""A password that somebody else chose opens one door: to the change of it."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select

from jinyun.access import bootstrap, passwords
from jinyun.access.bootstrap import StillAdministered, host_actor
from jinyun.access.events import AdministratorRecovered
from jinyun.access.grants import RolesExcludeEachOther
from jinyun.access.models import LocalAccount, RoleGrant
from jinyun.access.roles import SECURITY_ADMINISTRATOR
from jinyun.access.sessions import PROGRAM
from jinyun.access.signing_in import sign_in
from jinyun.app import create_app
from jinyun.audit.models import AuditRecord
from jinyun.kit import events
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.operations.models import Alarm
from tests.unit.access.stage import DIRECTORY_PASSWORD, ORIGIN, CompanyDirectory, House

GIVEN, CHOSEN = "given on a slip of paper", "chosen by myself 汉字"
HOST = host_actor("root@host-1")


@pytest.fixture
def given(house: House) -> House:
    """The bank; alice's password was given to her."""
    house.change(lambda s: passwords.set_password(s, house.bank.people["alice"], GIVEN, must_change=True))
    return house


def alice(house: House) -> TestClient:
    """Alice at work with the whole API."""
    client = TestClient(create_app(house.settings, house.database), base_url=ORIGIN)
    client.headers["Authorization"] = f"Bearer {house.terminal('alice', GIVEN).headers['Authorization'].split()[1]}"
    return client


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/projects"),
        ("GET", "/v1/orders"),
        ("GET", "/v1/sessions"),
        ("POST", "/v1/tokens"),
        ("DELETE", "/v1/sessions"),
    ],
)
def test_nothing_else_is_open_before(given: House, method: str, path: str) -> None:
    body = {"name": "t", "actions": ["server.read"], "expires_at": "2099-01-01T00:00:00Z"} if method == "POST" else None
    answer = alice(given).request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "password-change-needed")


def test_who_one_is_and_the_way_out_are_open(given: House) -> None:
    client = alice(given)
    assert client.get("/v1/self").json()["password_due"] is True
    assert client.delete("/v1/sessions/current").status_code == 204


def test_after_the_change_all_is_open(given: House) -> None:
    client = alice(given)
    same = client.put("/v1/self/password", json={"current": GIVEN, "new": GIVEN})
    assert (same.status_code, same.json()["field"]) == (422, "new")
    assert client.put("/v1/self/password", json={"current": GIVEN, "new": CHOSEN}).status_code == 204
    assert client.get("/v1/projects").status_code == 200
    assert client.get("/v1/self").json()["password_due"] is False
    assert given.terminal("alice", CHOSEN).get("/v1/self").status_code == 200


def test_in_the_console_it_is_the_same(given: House) -> None:
    browser = given.signed_in_browser("alice", GIVEN)
    assert browser.get("/v1/web-sessions/current").status_code == 200
    assert browser.get("/v1/sessions").json()["code"] == "password-change-needed"
    assert browser.put("/v1/self/password", json={"current": GIVEN, "new": CHOSEN}).status_code == 204
    assert browser.get("/v1/sessions").status_code == 200


def test_whoever_came_by_the_directory_is_not_asked(given: House) -> None:
    given.directory = CompanyDirectory({"bob": DIRECTORY_PASSWORD})
    assert given.terminal("bob", DIRECTORY_PASSWORD).get("/v1/sessions").status_code == 200


def without_security_administrator(house: House) -> None:
    house.change(lambda s: s.execute(delete(RoleGrant).where(RoleGrant.role == SECURITY_ADMINISTRATOR)))


def test_root_makes_a_security_administrator_where_there_is_none_left(house: House) -> None:
    create_app(house.settings, house.database)
    without_security_administrator(house)
    house.change(lambda s: bootstrap.recover(s, HOST, "bob", GIVEN))
    opened = sign_in(house.door, Actor(None, "anonymous", "", source_address="10.0.0.9"), "bob", GIVEN, PROGRAM)
    assert opened.person.login == "bob"
    assert house.database.read(lambda s: s.get_one(LocalAccount, opened.person.id).must_change)
    held = select(RoleGrant.role).where(RoleGrant.person_id == opened.person.id)
    assert house.database.read(lambda s: list(s.scalars(held))) == [SECURITY_ADMINISTRATOR]
    noted = select(AuditRecord).where(AuditRecord.action == "bootstrap.recover")
    (record,) = house.database.read(lambda s: list(s.scalars(noted)))
    assert (record.actor_login, record.source_address, record.subject_name) == ("root@host-1", "host", "bob")
    (alarm,) = house.database.read(lambda s: list(s.scalars(select(Alarm))))
    assert (alarm.kind, alarm.subject) == ("administrator-recovered", "bob")
    with pytest.raises(StillAdministered):
        house.change(lambda s: bootstrap.recover(s, HOST, "rita", GIVEN))


def test_while_there_is_one_root_makes_none(house: House) -> None:
    heard: list[AdministratorRecovered] = []
    events.subscribe(AdministratorRecovered, lambda _session, event: heard.append(event))
    with pytest.raises(StillAdministered):
        house.change(lambda s: bootstrap.recover(s, HOST, "bob", GIVEN))
    assert heard == []


@pytest.mark.parametrize(
    ("login", "error"), [("nobody", NotFound), ("aud", RolesExcludeEachOther), ("otto", RolesExcludeEachOther)]
)
def test_not_everybody_can_be_made_one(house: House, login: str, error: type[Exception]) -> None:
    without_security_administrator(house)
    with pytest.raises(error):
        house.change(lambda s: bootstrap.recover(s, HOST, login, GIVEN))
