"""Signing in and out, several people at one terminal, and which server gets whose token."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api import APPLICANT, MANAGER
from tests.unit.cli.conftest import Jinyun, Served, free_port

SignIn = Callable[..., None]


def session_file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "session.json"


def test_signing_in_says_who_one_is_and_until_when(served: Served, jinyun: Jinyun, sign_in: SignIn) -> None:
    sign_in(APPLICANT)
    said = jinyun("whoami", "-o", "json")
    assert json.loads(said.out)["login"] == APPLICANT
    shown = jinyun("whoami").out
    assert "李伟 Li Wei" in shown
    assert "user (application system)" in shown
    assert served.url in shown


def test_the_session_file_is_for_its_owner_alone(sign_in: SignIn, tmp_path: Path) -> None:
    sign_in(APPLICANT)
    assert stat.S_IMODE(session_file(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE(session_file(tmp_path).parent.stat().st_mode) == 0o700


def test_a_wrong_password_saves_nothing(served: Served, jinyun: Jinyun, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("guess")
    said = jinyun("login", APPLICANT, "--url", served.url, "--password-file", str(wrong))
    assert said.code == 3
    assert said.err.splitlines() == [
        "Login or password is wrong.",
        "Try again, or ask a security administrator.",
        "wrong-credentials",
    ]
    assert not session_file(tmp_path).exists()


def test_the_password_is_asked_where_no_file_has_it(
    served: Served, jinyun: Jinyun, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []

    def prompt(_text: str, **how: object) -> str:
        asked.append(how)
        return "correct horse"

    monkeypatch.setattr("typer.prompt", prompt)
    assert jinyun("login", APPLICANT, "--url", served.url).code == 0
    assert [how["hide_input"] for how in asked] == [True]


def test_several_people_act_at_one_terminal(jinyun: Jinyun, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(APPLICANT, MANAGER)

    def acting(*arguments: str) -> str:
        login: str = json.loads(jinyun(*arguments, "-o", "json").out)["login"]
        return login

    assert acting("whoami") == APPLICANT
    assert acting("-p", MANAGER, "whoami") == MANAGER
    assert acting("whoami", "--profile", MANAGER) == MANAGER
    assert acting("-p", APPLICANT, "whoami", "-p", MANAGER) == MANAGER
    monkeypatch.setenv("JINYUN_PROFILE", MANAGER)
    assert acting("whoami") == MANAGER


def test_signing_out_ends_one_session_on_the_server_and_here(
    served: Served, jinyun: Jinyun, sign_in: SignIn, tmp_path: Path
) -> None:
    sign_in(APPLICANT, MANAGER)
    saved = session_file(tmp_path).read_text()
    assert jinyun("logout").code == 0
    assert jinyun("whoami").code == 3
    assert jinyun("whoami", "-p", MANAGER).code == 0
    session_file(tmp_path).write_text(saved)
    assert jinyun("whoami").code == 3
    assert jinyun("logout").code == 0
    profiles = json.loads(session_file(tmp_path).read_text())["profiles"]
    assert [name for name, session in profiles.items() if session["token"]] == [MANAGER]


def test_a_token_goes_only_to_the_server_that_gave_it(served: Served, jinyun: Jinyun, sign_in: SignIn) -> None:
    sign_in(APPLICANT)
    elsewhere = served.url.replace("127.0.0.1", "localhost")
    served.trouble.seen.clear()
    assert jinyun("whoami", "--url", elsewhere).code == 3
    assert [request.get("authorization") for request in served.trouble.seen] == [None]
    assert jinyun("whoami", "--url", f"{served.url}/").code == 0


def test_who_never_signed_in_is_told_to(served: Served, jinyun: Jinyun) -> None:
    said = jinyun("todo", "--url", served.url)
    assert said.code == 3
    assert "jinyun login" in said.err
    assert said.out == ""


def test_a_broken_session_file_is_named(jinyun: Jinyun, tmp_path: Path) -> None:
    session_file(tmp_path).parent.mkdir()
    session_file(tmp_path).write_text("{")
    said = jinyun("whoami", "--url", f"http://127.0.0.1:{free_port()}")
    assert said.code == 1
    assert str(session_file(tmp_path)) in said.err
    assert "broken-session-file" in said.err
