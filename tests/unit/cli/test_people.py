"""Other people's ways in, one's own password, and application systems that change, at the terminal."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from jinyun.access import passwords
from tests.api import APPLICANT, MANAGER, SECURITY_ADMINISTRATOR
from tests.unit.cli.conftest import PASSWORD, Jinyun, Served

NEW = "quite another password"
SIGNED_OUT = 3


@pytest.fixture
def keeper(served: Served, sign_in: Callable[..., None]) -> str:
    """The profile of a security administrator who is signed in."""
    person_id = served.bank.actor(SECURITY_ADMINISTRATOR).person_id or ""
    served.database.write(lambda session: passwords.set_password(session, person_id, PASSWORD))
    sign_in(APPLICANT, SECURITY_ADMINISTRATOR)
    return SECURITY_ADMINISTRATOR


def tried(served: Served, login: str, password: str) -> int:
    answer = httpx.post(f"{served.url}/v1/sessions", json={"login": login, "password": password}, trust_env=False)
    return answer.status_code


def test_a_login_that_failed_too_often_is_unlocked(served: Served, jinyun: Jinyun, keeper: str) -> None:
    for _ in range(5):
        assert tried(served, MANAGER, "a guess") == 401
    assert tried(served, MANAGER, PASSWORD) == 429
    assert jinyun("person", "unlock", MANAGER).code == 1, "an applicant may not"
    said = jinyun("-p", keeper, "person", "unlock", MANAGER)
    assert said.code == 0, said.err
    assert tried(served, MANAGER, PASSWORD) == 201
    assert jinyun("-p", keeper, "person", "unlock", "nobody").code == 1


def test_somebody_is_signed_out_everywhere(jinyun: Jinyun, keeper: str) -> None:
    assert jinyun("whoami").code == 0
    assert jinyun("person", "sign-out", MANAGER).code == 1
    said = jinyun("-p", keeper, "person", "sign-out", APPLICANT)
    assert (said.code, APPLICANT in said.err) == (0, True)
    assert jinyun("whoami").code == SIGNED_OUT


def test_people_are_listed_for_whoever_manages_them(jinyun: Jinyun, keeper: str) -> None:
    assert MANAGER in jinyun("-p", keeper, "person", "list").out


@pytest.mark.usefixtures("keeper")
def test_a_password_that_was_given_is_changed_first(served: Served, jinyun: Jinyun, tmp_path: Path) -> None:
    person_id = served.bank.actor(APPLICANT).person_id or ""
    served.database.write(lambda session: passwords.set_password(session, person_id, PASSWORD, must_change=True))
    refused = jinyun("order", "list")
    assert (refused.code, "jinyun password" in refused.err) == (1, True)
    files = {"--current-file": tmp_path / "current", "--new-file": tmp_path / "new"}
    for file, content in zip(files.values(), (PASSWORD, NEW), strict=True):
        file.write_text(f"{content}\n")
    said = jinyun("password", *(str(part) for pair in files.items() for part in pair))
    assert said.code == 0, said.err
    assert jinyun("order", "list").code == 0
    assert (tried(served, APPLICANT, PASSWORD), tried(served, APPLICANT, NEW)) == (401, 201)


def test_an_application_system_is_changed(jinyun: Jinyun, keeper: str) -> None:
    change = ("--owner", "chen.yu", "--criticality", "key", "--environment", "test", "--department", "corporate")
    said = jinyun("-p", keeper, "-o", "json", "project", "set", "mobile-banking", *change, "--name", "手机银行二期")
    assert said.code == 0, said.err
    shown = json.loads(said.out)
    assert (shown["criticality"], shown["environment"], shown["name"]) == ("key", "test", "手机银行二期")
    assert ("chen.yu" in str(shown["owner"]), "corporate" in str(shown["department"])) == (True, True)
    wrong = jinyun("-p", keeper, "project", "set", "mobile-banking", "--criticality", "vital")
    assert (wrong.code, "criticality" in wrong.err) == (1, True)
    assert jinyun("project", "set", "mobile-banking", "--name", "mine").code == 1, "a member may not"
