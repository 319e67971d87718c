"""Sessions, tokens and service accounts from a shell."""

import json
import threading
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from jinyun.access.digests import digest
from jinyun.access.models import SignOn
from jinyun.kit.clock import utc_now
from tests.api import APPLICANT, MANAGER
from tests.unit.cli.conftest import Jinyun, Served

SIGNED_OUT = 3


def shown(said: Any) -> Any:
    assert said.code == 0, said.err
    return json.loads(said.out)


def test_a_token_from_making_to_revoking(sign_in: Callable[..., None], jinyun: Jinyun, served: Served) -> None:
    sign_in(APPLICANT)
    made = shown(jinyun("token", "create", "robot", "--action", "server.read", "--days", "3", "-o", "json"))
    assert made["token"].startswith("jy_")
    (listed,) = shown(jinyun("token", "list", "-o", "json"))["items"]
    assert (listed["name"], listed["actions"]) == ("robot", ["server.read"])
    assert jinyun("token", "revoke", listed["id"]).code == 0
    assert shown(jinyun("token", "list", "-o", "json"))["items"] == []


def test_signing_out_everywhere_ends_the_other_sessions(sign_in: Callable[..., None], jinyun: Jinyun) -> None:
    sign_in(MANAGER, MANAGER)
    assert len(shown(jinyun("session", "list", "-o", "json"))["items"]) == 2
    sign_in(MANAGER)
    assert jinyun("logout", "--everywhere").code == 0
    assert jinyun("whoami").code == SIGNED_OUT


def test_one_session_can_be_ended(sign_in: Callable[..., None], jinyun: Jinyun) -> None:
    sign_in(MANAGER)
    (own,) = shown(jinyun("session", "list", "-o", "json"))["items"]
    assert jinyun("session", "end", own["id"]).code == 0
    assert jinyun("whoami").code == SIGNED_OUT


def test_a_service_account_from_making_to_ending(sign_in: Callable[..., None], jinyun: Jinyun, served: Served) -> None:
    sign_in(APPLICANT)
    owned = next(each for each in shown(jinyun("project", "list", "-o", "json"))["items"] if each["owner"] == APPLICANT)
    said = jinyun("service-account", "create", "svc-ci", "--project", owned["code"], "--name", "CI")
    assert said.code == 0, said.err
    token = shown(jinyun("token", "create", "ci", "--action", "server.read", "--for", "svc-ci", "-o", "json"))
    assert token["token"].startswith("jy_")
    (listed,) = shown(jinyun("service-account", "list", "-o", "json"))["items"]
    assert (listed["login"], listed["project"]) == ("svc-ci", owned["code"])
    assert jinyun("service-account", "end", "svc-ci").code == 0
    assert shown(jinyun("service-account", "list", "-o", "json"))["items"] == []


def test_without_single_sign_on_the_browser_is_not_opened(jinyun: Jinyun, served: Served) -> None:
    said = jinyun("login", "--sso", "--url", served.url)
    assert said.code == 1
    assert "single sign-on" in said.err


def test_the_browser_brings_a_code_that_only_this_command_line_can_use(
    jinyun: Jinyun, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser is played here: single sign-on succeeds, and a code is left for the challenge it came with."""
    served.trouble.app.state.single_sign_on = _Offered()

    def browse(address: str) -> bool:
        question = parse_qs(urlsplit(address).query)

        def leave_code(session: Any) -> None:
            person_id = served.bank.actor(APPLICANT).person_id
            session.add(
                SignOn(
                    digest=digest("the code"),
                    browser_digest="",
                    nonce="",
                    verifier="",
                    next_path="/",
                    loopback_port=int(question["loopback_port"][0]),
                    challenge=question["challenge"][0],
                    person_id=person_id,
                    expires_at=utc_now().replace(year=utc_now().year + 1),
                )
            )

        served.database.write(leave_code)
        back = f"http://127.0.0.1:{question['loopback_port'][0]}"
        threading.Thread(target=_visit, args=(f"{back}/favicon.ico", f"{back}/?code=the+code")).start()
        return True

    monkeypatch.setattr(webbrowser, "open", browse)
    said = jinyun("login", "--sso", "--url", served.url)
    assert said.code == 0, said.err
    assert shown(jinyun("whoami", "-o", "json"))["login"] == APPLICANT


class _Offered:
    name = "Company"


def _visit(*addresses: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for address in addresses:
        try:
            opener.open(address, timeout=5).read()
        except urllib.error.HTTPError as error:
            error.close()
