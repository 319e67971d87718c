"""Single sign-on: one question, one browser, one answer, of one provider, meant for us."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from jinyun.access.errors import SignOnAway, SignOnNotOffered, SignOnRefused
from jinyun.access.housekeeping import forget_old
from jinyun.access.models import LocalAccount, PersonSession, SignOn
from jinyun.access.sign_on import is_local_path, single_sign_on
from jinyun.access.sign_on_routes import router
from jinyun.audit.models import AuditRecord
from jinyun.connectors.oidc import OidcClient, OidcProvider, OidcUnavailable, challenge_of
from jinyun.kit.clock import utc_now
from jinyun.kit.settings import Settings
from jinyun.organisation.models import SERVICE, Person
from tests.unit.access import lying_provider as lies
from tests.unit.access.lying_provider import KEYS, LyingProvider
from tests.unit.access.stage import ORIGIN, PASSWORD, House

SESSION, PRE_SESSION = "__Host-jinyun-session", "__Host-jinyun-sign-on"
VERIFIER = "v" * 43
LONG_AGO, FAR_AHEAD = 1_500_000_000, 4_000_000_000
"""In 2017 and in 2096; the same in every process, because tests are called by their arguments."""


@pytest.fixture
def provider() -> LyingProvider:
    return LyingProvider()


@pytest.fixture
def browser(house: House, provider: LyingProvider) -> TestClient:
    return browser_of(house, provider)


def browser_of(house: House, provider: LyingProvider, group: str | None = None) -> TestClient:
    app = house.app(router)
    app.state.single_sign_on = provider.offered(group=group)
    brought(house, "ldap")
    return TestClient(app, base_url=ORIGIN, follow_redirects=False, raise_server_exceptions=False)


def brought(house: House, source: str | None) -> None:
    """Have alice come from a directory, or be one who was entered here."""
    house.change(lambda session: session.execute(update(Person).where(Person.login == "alice").values(source=source)))


def begin(browser: TestClient, provider: LyingProvider, **query: Any) -> str:
    """Send the browser off and return the state that it takes along."""
    answer = browser.get("/v1/sign-on", params=query)
    assert answer.status_code == 303, answer.text
    return provider.asked(answer.headers["location"])


def come_back(browser: TestClient, state: str, **more: Any) -> Any:
    return browser.get("/v1/sign-on/callback", params={"state": state, "code": "a-code"} | more)


def refused(answer: Any) -> bool:
    return (answer.status_code, answer.json().get("code")) == (403, SignOnRefused.code)


def nobody_is_in(house: House) -> bool:
    return not house.database.read(lambda session: list(session.scalars(select(PersonSession))))


def test_who_the_provider_names_is_in(house: House, browser: TestClient, provider: LyingProvider) -> None:
    answer = come_back(browser, begin(browser, provider, next="/orders?state=open"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders?state=open")
    assert browser.get("/v1/self").json()["login"] == "alice"
    assert PRE_SESSION not in browser.cookies
    (row,) = house.database.read(lambda session: list(session.scalars(select(PersonSession))))
    assert (row.way, row.kind) == ("sign-on", "web")


def test_the_question_has_pkce_state_and_nonce_and_the_code_is_redeemed_with_them(
    browser: TestClient, provider: LyingProvider
) -> None:
    come_back(browser, begin(browser, provider))
    (question,), (redeemed,) = provider.questions, provider.redeemed
    assert (question["response_type"], question["code_challenge_method"]) == ("code", "S256")
    assert question["redirect_uri"] == redeemed["redirect_uri"] == f"{ORIGIN}/v1/sign-on/callback"
    assert question["code_challenge"] == challenge_of(redeemed["code_verifier"])
    assert len(question["state"]) >= 43
    assert len(question["nonce"]) >= 43
    assert redeemed["authorization"] == "Basic amlueXVuOnMzY3JldCUzQSUyNg=="


def test_session_fixation_the_session_from_before_does_not_go_on(
    house: House, browser: TestClient, provider: LyingProvider
) -> None:
    headers = {"Origin": ORIGIN}
    browser.post("/v1/web-sessions", json={"login": "alice", "password": PASSWORD}, headers=headers)
    before = browser.cookies[SESSION]
    come_back(browser, begin(browser, provider))
    assert browser.cookies[SESSION] != before
    assert house.browser(cookies={SESSION: before}).get("/v1/self").status_code == 401


def test_state_mix_up_an_answer_nobody_here_asked_for(
    house: House, browser: TestClient, provider: LyingProvider
) -> None:
    begin(browser, provider)
    assert refused(come_back(browser, "of-his-own-making"))
    assert nobody_is_in(house)


def test_state_mix_up_an_answer_to_another_browser(house: House, browser: TestClient, provider: LyingProvider) -> None:
    """An attacker sends the victim the address that his own sign-on came back to: the victim would act as him."""
    attackers = begin(browser, provider)
    victim = browser_of(house, provider)
    assert refused(come_back(victim, attackers))
    begin(victim, provider)
    assert refused(come_back(victim, attackers))
    assert nobody_is_in(house)


def test_an_answer_is_good_once(house: House, browser: TestClient, provider: LyingProvider) -> None:
    state = begin(browser, provider)
    kept = browser.cookies[PRE_SESSION]
    assert come_back(browser, state).status_code == 303
    browser.cookies.set(PRE_SESSION, kept)
    assert refused(come_back(browser, state))
    assert len(provider.redeemed) == 1


def test_an_answer_that_failed_cannot_be_tried_again(browser: TestClient, provider: LyingProvider) -> None:
    state = begin(browser, provider)
    provider.claims = {"nonce": "another"}
    assert refused(come_back(browser, state))
    provider.claims = {}
    assert refused(come_back(browser, state))


def test_an_answer_that_took_too_long_is_none(house: House, browser: TestClient, provider: LyingProvider) -> None:
    state = begin(browser, provider)
    house.change(lambda session: session.execute(update(SignOn).values(expires_at=utc_now())))
    assert refused(come_back(browser, state))


def test_issuer_mix_up_the_answer_of_another_provider(
    house: House, browser: TestClient, provider: LyingProvider
) -> None:
    """Its code is not even sent anywhere: it may be one that an attacker wants redeemed."""
    assert refused(come_back(browser, begin(browser, provider), iss="https://other.example"))
    assert not provider.redeemed
    assert come_back(browser, begin(browser, provider), iss=lies.ISSUER).status_code == 303


def test_issuer_mix_up_a_provider_that_says_who_it_is_must_say_it(house: House) -> None:
    provider = LyingProvider(metadata={"authorization_response_iss_parameter_supported": True})
    browser = browser_of(house, provider)
    assert refused(come_back(browser, begin(browser, provider)))
    assert come_back(browser, begin(browser, provider), iss=lies.ISSUER).status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another question"},
        {"nonce": None},
        {"iss": "https://other.example"},
        {"iss": f"{lies.ISSUER}/"},
        {"iss": None},
        {"aud": "another-application"},
        {"aud": None},
        {"aud": []},
        {"aud": ["jinyun", "another-application"]},
        {"aud": ["jinyun", "another-application"], "azp": "another-application"},
        {"azp": "another-application"},
        {"exp": LONG_AGO},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": FAR_AHEAD},
        {"iat": None},
        {"nbf": FAR_AHEAD},
        {"at_hash": lies.half_hash("another access token")},
        {"sub": None},
        {"sub": ""},
        {"preferred_username": None},
        {"preferred_username": ""},
        {"preferred_username": ["alice"]},
        {"preferred_username": "nobody"},
        {"preferred_username": "ALICE"},
    ],
    ids=str,
)
def test_an_id_token_that_is_not_for_this_sign_on_lets_nobody_in(
    house: House, browser: TestClient, provider: LyingProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    assert refused(come_back(browser, begin(browser, provider)))
    assert nobody_is_in(house)
    refusals = select(AuditRecord).where(AuditRecord.action == "session.refuse")
    assert len(house.database.read(lambda session: list(session.scalars(refusals)))) == 1


@pytest.mark.parametrize("claims", [{"aud": ["jinyun"]}, {"aud": ["jinyun", "x"], "azp": "jinyun"}, {"at_hash": None}])
def test_what_a_provider_may_say_as_well_lets_one_in(
    browser: TestClient, provider: LyingProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    assert come_back(browser, begin(browser, provider)).status_code == 303


@pytest.mark.parametrize(
    "forge",
    [
        lies.unsigned,
        lies.signed_with_public_key,
        lies.signed_with_client_secret,
        lies.signed_by_a_stranger,
        lies.changed_afterwards,
        lambda _claims: "not.a.token",
        lambda _claims: "",
    ],
)
def test_a_signature_that_is_not_the_providers_lets_nobody_in(
    house: House, browser: TestClient, provider: LyingProvider, forge: Callable[[dict[str, Any]], str]
) -> None:
    provider.forge = forge
    answer = come_back(browser, begin(browser, provider))
    assert answer.status_code in {403, 503}
    assert nobody_is_in(house)


def test_new_keys_of_the_provider_are_found(browser: TestClient, provider: LyingProvider, monkeypatch: Any) -> None:
    assert come_back(browser, begin(browser, provider)).status_code == 303
    provider.signing, provider.published = KEYS[1], [KEYS[1]]
    monkeypatch.setattr("jinyun.connectors.oidc.NEW_KEYS_AT_MOST_EVERY_SECONDS", 0.0)
    assert come_back(browser, begin(browser, provider)).status_code == 303
    assert provider.fetched.count("/keys") == 2
    assert provider.fetched.count("/.well-known/openid-configuration") == 1


def test_false_signatures_do_not_have_keys_fetched_all_the_time(browser: TestClient, provider: LyingProvider) -> None:
    provider.signing = RSAKey.generate_key(2048, {"kid": "unknown"})
    for _ in range(5):
        assert refused(come_back(browser, begin(browser, provider)))
    assert provider.fetched.count("/keys") == 1


def test_a_verifier_that_does_not_fit_is_refused_by_the_provider(
    house: House, browser: TestClient, provider: LyingProvider
) -> None:
    """What PKCE is for: a stolen code is worth nothing in another sign-on."""
    state = begin(browser, provider)
    house.change(lambda session: session.execute(update(SignOn).values(verifier="x" * 43)))
    assert refused(come_back(browser, state))


@pytest.mark.parametrize("more", [{"error": "access_denied", "code": None}, {"code": None}])
def test_who_is_refused_there_is_not_in_here(
    house: House, browser: TestClient, provider: LyingProvider, more: dict[str, Any]
) -> None:
    query = {"state": begin(browser, provider)} | {name: value for name, value in more.items() if value}
    assert refused(browser.get("/v1/sign-on/callback", params=query))
    assert nobody_is_in(house)


@pytest.mark.parametrize(
    ("groups", "is_in"), [(["staff", "cloud"], True), ("cloud", True), (["staff"], False), ([], False), (None, False)]
)
def test_a_group_can_be_demanded(house: House, groups: Any, is_in: bool) -> None:
    provider = LyingProvider(claims={"groups": groups})
    browser = browser_of(house, provider, group="cloud")
    assert come_back(browser, begin(browser, provider)).status_code == (303 if is_in else 403)
    assert nobody_is_in(house) is not is_in


def test_a_local_account_that_was_entered_here_is_not_opened(
    house: House, browser: TestClient, provider: LyingProvider
) -> None:
    brought(house, None)
    assert refused(come_back(browser, begin(browser, provider)))
    house.change(lambda session: session.execute(delete(LocalAccount)))
    assert come_back(browser, begin(browser, provider)).status_code == 303


def test_neither_who_left_nor_a_program_comes_in(house: House, browser: TestClient, provider: LyingProvider) -> None:
    for change in ({"active": False}, {"active": True, "kind": SERVICE}):
        statement = update(Person).where(Person.login == "alice").values(**change)
        house.change(partial(Session.execute, statement=statement))
        assert refused(come_back(browser, begin(browser, provider)))


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "evil.example",
        "",
        "/\t/evil.example",
        "/a\\b",
        "/\r\nSet-Cookie: x=y",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_led_to_another_site_afterwards(browser: TestClient, path: str) -> None:
    assert not is_local_path(path)
    answer = browser.get("/v1/sign-on", params={"next": path})
    assert (answer.status_code, answer.json()["field"]) == (422, "next")


def test_a_provider_that_is_down_says_so(browser: TestClient, provider: LyingProvider) -> None:
    provider.is_up = False
    answer = browser.get("/v1/sign-on")
    assert (answer.status_code, answer.json()["code"]) == (503, SignOnAway.code)


def test_a_provider_that_speaks_for_another_is_not_asked(house: House) -> None:
    provider = LyingProvider(metadata={"issuer": "https://other.example"})
    assert browser_of(house, provider).get("/v1/sign-on").json()["code"] == SignOnAway.code


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_nothing_is_asked_over_the_network_in_clear(house: House, endpoint: str) -> None:
    provider = LyingProvider(metadata={endpoint: "http://sign-on.bank.example/x"})
    browser = browser_of(house, provider)
    answer = browser.get("/v1/sign-on")
    if answer.status_code == 303:
        answer = come_back(browser, provider.asked(answer.headers["location"]))
    assert answer.json()["code"] == SignOnAway.code
    with pytest.raises(OidcUnavailable):
        OidcProvider(OidcClient("http://sign-on.bank.example", "jinyun"), httpx.Client())


def test_an_installation_without_single_sign_on_says_so(house: House) -> None:
    app = house.app(router)
    assert TestClient(app).get("/v1/sign-on").json()["code"] == SignOnNotOffered.code
    assert TestClient(app).get("/v1/sign-in").json()["single_sign_on"] is None
    assert single_sign_on(Settings()) is None


def test_where_there_is_one_its_address_is_shown(browser: TestClient) -> None:
    shown = {"name": "Company", "address": f"{ORIGIN}/v1/sign-on"}
    assert browser.get("/v1/sign-in").json()["single_sign_on"] == shown


class CommandLine:
    """A command line that waits on a port of its machine."""

    def __init__(self, browser: TestClient, provider: LyingProvider) -> None:
        self.browser, self.provider = browser, provider

    def code(self, verifier: str = VERIFIER) -> str:
        state = begin(self.browser, self.provider, loopback_port=43210, challenge=challenge_of(verifier))
        parts = urlsplit(come_back(self.browser, state).headers["location"])
        assert (parts.scheme, parts.netloc) == ("http", "127.0.0.1:43210")
        return str(parse_qs(parts.query)["code"][0])

    def fetch(self, code: str, verifier: str = VERIFIER) -> Any:
        return self.browser.post("/v1/sign-on/sessions", json={"code": code, "verifier": verifier})


def test_the_command_line_gets_a_session_of_its_own(house: House, browser: TestClient, provider: LyingProvider) -> None:
    command_line = CommandLine(browser, provider)
    opened = command_line.fetch(command_line.code()).json()
    assert opened["login"] == "alice"
    assert house.program(opened["token"]).get("/v1/self").json()["login"] == "alice"
    assert SESSION not in browser.cookies


def test_the_code_of_a_command_line_is_good_once_for_a_minute_and_for_it_alone(
    house: House, browser: TestClient, provider: LyingProvider
) -> None:
    command_line = CommandLine(browser, provider)
    code = command_line.code()
    assert refused(command_line.fetch(code, "another-command-lines-verifier-of-43-characters"))
    assert command_line.fetch(code).status_code == 201
    assert refused(command_line.fetch(code))
    late = command_line.code()
    house.change(lambda session: session.execute(update(SignOn).values(expires_at=utc_now() - timedelta(seconds=1))))
    assert refused(command_line.fetch(late))


def test_a_state_is_no_code_and_a_code_no_state(house: House, browser: TestClient, provider: LyingProvider) -> None:
    command_line = CommandLine(browser, provider)
    state = begin(browser, provider, loopback_port=43210, challenge=challenge_of(VERIFIER))
    assert refused(command_line.fetch(state))
    assert refused(come_back(browser, command_line.code()))


def test_a_command_line_must_bring_its_challenge(browser: TestClient) -> None:
    answer = browser.get("/v1/sign-on", params={"loopback_port": 43210})
    assert (answer.status_code, answer.json()["field"]) == (422, "challenge")


def test_what_came_to_nothing_is_forgotten(house: House, browser: TestClient, provider: LyingProvider) -> None:
    begin(browser, provider)
    assert house.database.write(forget_old) == 0
    house.change(lambda session: session.execute(update(SignOn).values(expires_at=utc_now() - timedelta(seconds=1))))
    assert house.database.write(forget_old) == 1
