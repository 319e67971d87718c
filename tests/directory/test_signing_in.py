"""Signing in over HTTP with the passwords of a real slapd."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from jinyun.app import create_app
from jinyun.directory import service as people
from jinyun.kit.actor import PLATFORM
from jinyun.kit.database import Database
from jinyun.kit.vault import create_keys
from jinyun.organisation.models import Department, Person
from lab.sample_directory import Worker, person_entry, place_of
from tests.api import APPLICANT, MANAGER, SampleBank
from tests.directory.server import PASSWORDS, Server, running

PASSWORD = PASSWORDS[APPLICANT]
CHINESE = "张伟"
INJECTIONS = ["*", "*)(uid=*", ")(uid=*", f"{APPLICANT})(|(uid=*", "li.we*", "\\6ci.wei", "张*", "张伟)(uid=*"]


@pytest.fixture
def api(database: Database, server: Server, tmp_path: Path) -> TestClient:
    """Jinyun beside the directory, with people who come from there."""
    SampleBank(database)

    def bring(session: Session) -> None:
        department = session.scalars(select(Department)).first()
        assert department is not None
        people.create_person(session, PLATFORM, CHINESE, CHINESE, mail="", department=department)
        session.execute(update(Person).values(source="ldap"))

    database.write(bring)
    create_keys(tmp_path / "keys")
    settings = server.settings(key_directory=tmp_path / "keys")
    return TestClient(create_app(settings, database), base_url=settings.public_url)


@pytest.fixture
def chinese(server: Server) -> Iterator[str]:
    """Somebody of the directory whose login is Chinese."""
    worker = Worker(CHINESE, CHINESE, "retail", None)
    server.add(place_of(CHINESE), person_entry(worker, PASSWORD) | {"mail": ""})
    yield CHINESE
    server.delete(place_of(CHINESE))


def signing_in(api: TestClient, login: str, password: str) -> httpx.Response:
    answer: httpx.Response = api.post("/v1/sessions", json={"login": login, "password": password})
    return answer


def refusal(api: TestClient, login: str, password: str) -> tuple[int, str]:
    answer = signing_in(api, login, password)
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.parametrize("login", [APPLICANT, CHINESE])
@pytest.mark.usefixtures("chinese")
def test_the_right_password_opens_a_session(api: TestClient, login: str) -> None:
    answer = signing_in(api, login, PASSWORD)
    assert answer.status_code == 201, answer.text
    who = api.get("/v1/self", headers={"Authorization": f"Bearer {answer.json()['token']}"})
    assert who.json()["login"] == login


@pytest.mark.parametrize(
    ("login", "password"), [(APPLICANT, PASSWORDS[MANAGER]), (APPLICANT, " "), ("nobody", PASSWORD)]
)
def test_another_password_does_not(api: TestClient, login: str, password: str) -> None:
    assert refusal(api, login, password) == (401, "wrong-credentials")


@pytest.mark.parametrize(
    ("login", "password"),
    [(APPLICANT, ""), (APPLICANT, "\0"), (f"{APPLICANT}\0", PASSWORD), ("", PASSWORD)],
    ids=["empty-password", "nul-password", "login-and-nul", "empty-login"],
)
def test_nothing_and_a_nul_byte_do_not_get_as_far_as_the_directory(api: TestClient, login: str, password: str) -> None:
    """A server takes an empty password for an anonymous sign-in and says yes."""
    assert refusal(api, login, password) == (422, "invalid-field")


@pytest.mark.parametrize("login", INJECTIONS)
@pytest.mark.usefixtures("chinese")
def test_a_login_is_never_a_filter(api: TestClient, login: str) -> None:
    assert refusal(api, login, PASSWORD) == (401, "wrong-credentials")


def test_after_too_many_guesses_the_right_one_has_to_wait_as_well(api: TestClient) -> None:
    for _ in range(5):
        assert refusal(api, APPLICANT, "a guess") == (401, "wrong-credentials")
    answer = signing_in(api, APPLICANT, PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-attempts")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_directory_that_is_down_says_so_and_removes_nobody(database: Database, tmp_path: Path) -> None:
    SampleBank(database)
    create_keys(tmp_path / "keys")
    count = select(func.count()).where(Person.active)
    before = database.read(lambda session: session.scalar(count))
    with running(tmp_path) as mortal:
        api = TestClient(create_app(mortal.settings(key_directory=tmp_path / "keys"), database))
        assert signing_in(api, APPLICANT, PASSWORD).status_code == 201
        mortal.stop()
        for _ in range(6):
            assert refusal(api, APPLICANT, PASSWORD) == (503, "directory-away")
        assert signing_in(api, APPLICANT, PASSWORD).headers["Retry-After"]
        mortal.start()
        assert signing_in(api, APPLICANT, PASSWORD).status_code == 201, "nobody was locked out by it"
    assert database.read(lambda session: session.scalar(count)) == before
