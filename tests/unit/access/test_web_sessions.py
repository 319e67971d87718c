"""The console's sessions: a cookie that is never an old one, good for our own pages alone, until it lies idle."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from jinyun.access.errors import ForeignRequest, NotSignedIn
from jinyun.access.models import PersonSession
from jinyun.kit.clock import utc_now
from tests.unit.access.stage import PASSWORD, House

COOKIE = "__Host-jinyun-session"
CREDENTIALS = {"login": "alice", "password": PASSWORD}


def stored(house: House) -> list[PersonSession]:
    return house.database.read(lambda s: list(s.scalars(select(PersonSession).order_by(PersonSession.id))))


def age(house: House, **values: Any) -> None:
    house.change(lambda session: session.execute(update(PersonSession).values(**values)))


def code(answer: Any) -> str:
    return str(answer.json()["code"])


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(house: House) -> None:
    answer = house.browser().post("/v1/web-sessions", json=CREDENTIALS)
    (cookie,) = answer.headers.get_list("set-cookie")
    parts = {part.strip().lower() for part in cookie.split(";")}
    assert cookie.startswith(f"{COOKIE}=")
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)


def test_without_tls_the_cookie_has_a_plain_name(house: House) -> None:
    house.settings = house.settings.model_copy(update={"public_url": "http://127.0.0.1:8800"})
    browser = TestClient(house.app(), base_url="http://127.0.0.1:8800", headers={"Origin": "http://127.0.0.1:8800"})
    (cookie,) = browser.post("/v1/web-sessions", json=CREDENTIALS).headers.get_list("set-cookie")
    assert cookie.startswith("jinyun-session=")
    assert "secure" not in cookie.lower()


def test_session_fixation_a_sign_in_never_goes_on_in_a_session_that_was_there_before(house: House) -> None:
    """An attacker plants the cookie of a session of his own, or one of his invention; the victim signs in with it."""
    house.give_password("bob")
    attacker = house.signed_in_browser("bob")
    for planted in (attacker.cookies[COOKIE], "jys_of-his-own-making"):
        victim = house.browser()
        victim.cookies.set(COOKIE, planted)
        new = victim.post("/v1/web-sessions", json=CREDENTIALS).cookies[COOKIE]
        assert new != planted
        assert attacker.get("/v1/self").status_code == 401
        assert house.browser(cookies={COOKIE: planted}).get("/v1/self").status_code == 401
        assert house.browser(cookies={COOKIE: new}).get("/v1/self").json()["login"] == "alice"


def test_every_sign_in_has_a_secret_of_its_own(house: House) -> None:
    first, second = house.signed_in_browser(), house.signed_in_browser()
    assert first.cookies[COOKIE] != second.cookies[COOKIE]
    assert len({row.digest for row in stored(house)}) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"X-CSRF-Token": None},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "0" * 64},
        {"Origin": None},
        {"Origin": "https://evil.example"},
        {"Origin": "https://cloud.bank.example.evil.example"},
        {"Origin": "http://cloud.bank.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_csrf_what_another_site_sends_changes_nothing(house: House, method: str, change: dict[str, Any]) -> None:
    browser = house.signed_in_browser()
    for name, value in change.items():
        del browser.headers[name]
        if value is not None:
            browser.headers[name] = value
    path = {"POST": "/v1/tokens", "PUT": "/v1/self/password", "DELETE": "/v1/sessions"}[method]
    answer = browser.request(method, path, json={})
    assert (answer.status_code, code(answer)) == (403, ForeignRequest.code)
    assert all(row.ended_at is None for row in stored(house))


def test_csrf_the_token_of_another_session_does_not_help(house: House) -> None:
    house.give_password("bob")
    attacker, victim = house.signed_in_browser("bob"), house.signed_in_browser()
    victim.headers["X-CSRF-Token"] = attacker.headers["X-CSRF-Token"]
    assert code(victim.delete("/v1/sessions")) == ForeignRequest.code


def test_nobody_is_signed_in_from_another_site(house: House) -> None:
    """A page of an attacker that signs the victim in as the attacker would see what the victim then does."""
    for origin in ({"Origin": "https://evil.example"}, {"Origin": ""}):
        answer = house.browser().post("/v1/web-sessions", json=CREDENTIALS, headers=origin)
        assert code(answer) == ForeignRequest.code
    assert not stored(house)


def test_our_own_page_changes_what_it_may_and_finds_its_token_again(house: House) -> None:
    browser = house.signed_in_browser()
    again = browser.get("/v1/web-sessions/current").json()
    assert again["csrf_token"] == browser.headers["X-CSRF-Token"]
    assert (again["login"], again["idle_minutes"]) == ("alice", house.settings.session_idle_minutes)
    assert browser.delete("/v1/sessions/current").status_code == 204
    assert COOKIE not in browser.cookies


def test_reading_needs_no_csrf_token(house: House) -> None:
    browser = house.signed_in_browser()
    del browser.headers["X-CSRF-Token"], browser.headers["Origin"]
    assert browser.get("/v1/self").json()["login"] == "alice"


def test_a_bearer_counts_before_a_cookie_and_needs_no_csrf_token(house: House) -> None:
    house.give_password("bob")
    browser, terminal = house.signed_in_browser("bob"), house.terminal()
    del browser.headers["X-CSRF-Token"]
    browser.headers["Authorization"] = terminal.headers["Authorization"]
    assert browser.get("/v1/self").json()["login"] == "alice"
    assert browser.delete("/v1/sessions/current").status_code == 204
    assert terminal.get("/v1/self").status_code == 401


def test_a_cookie_is_no_bearer_and_a_bearer_no_cookie(house: House) -> None:
    browser, terminal = house.signed_in_browser(), house.terminal()
    clear = terminal.headers["Authorization"].removeprefix("Bearer ")
    assert house.program(browser.cookies[COOKIE]).get("/v1/self").status_code == 401
    assert house.browser(cookies={COOKIE: clear}).get("/v1/self").status_code == 401


def test_idle_time_out(house: House) -> None:
    browser, terminal = house.signed_in_browser(), house.terminal()
    idle = timedelta(minutes=house.settings.session_idle_minutes)
    age(house, last_seen_at=utc_now() - idle + timedelta(seconds=30))
    assert browser.get("/v1/self").status_code == 200
    age(house, last_seen_at=utc_now() - idle - timedelta(seconds=1))
    assert code(browser.get("/v1/self")) == NotSignedIn.code
    assert len(terminal.get("/v1/sessions").json()["items"]) == 1
    assert terminal.get("/v1/self").status_code == 200, "a terminal's session ends at its time alone"


def test_the_absolute_end_comes_however_busy_one_is(house: House) -> None:
    browser = house.signed_in_browser()
    (row,) = stored(house)
    assert row.expires_at - row.created_at < timedelta(hours=house.settings.token_hours, seconds=5)
    age(house, expires_at=utc_now())
    assert code(browser.get("/v1/self")) == NotSignedIn.code


def test_use_is_noted_at_most_once_a_minute_and_not_for_a_page_that_looks_by_itself(house: House) -> None:
    browser = house.signed_in_browser()
    opened = stored(house)[0].last_seen_at
    browser.get("/v1/self")
    assert stored(house)[0].last_seen_at == opened
    ago = utc_now() - timedelta(minutes=2)
    age(house, last_seen_at=ago)
    browser.get("/v1/self", headers={"X-Jinyun-Background": "1"})
    assert stored(house)[0].last_seen_at == ago
    browser.get("/v1/self")
    assert stored(house)[0].last_seen_at > ago + timedelta(minutes=1)


def test_signing_out_ends_one_session_alone(house: House) -> None:
    first, second = house.signed_in_browser(), house.signed_in_browser()
    kept = first.cookies[COOKIE]
    first.delete("/v1/sessions/current")
    assert house.browser(cookies={COOKIE: kept}).get("/v1/self").status_code == 401
    assert second.get("/v1/self").status_code == 200


def test_sign_out_everywhere(house: House) -> None:
    house.give_password("bob")
    here, there, terminal, other = (
        house.signed_in_browser(),
        house.signed_in_browser(),
        house.terminal(),
        house.signed_in_browser("bob"),
    )
    assert len(here.get("/v1/sessions").json()["items"]) == 3
    assert here.delete("/v1/sessions").status_code == 204
    assert [each.get("/v1/self").status_code for each in (here, there, terminal, other)] == [401, 401, 401, 200]


def test_one_sees_and_ends_ones_own_sessions_alone(house: House) -> None:
    house.give_password("bob")
    mine, others = house.signed_in_browser(), house.signed_in_browser("bob")
    (own,) = mine.get("/v1/sessions").json()["items"]
    assert (own["current"], own["kind"], own["way"], own["source_address"]) == (True, "web", "local", "10.0.0.9")
    assert others.delete(f"/v1/sessions/{own['id']}").status_code == 404
    assert mine.delete(f"/v1/sessions/{own['id']}").status_code == 204
    assert mine.get("/v1/self").status_code == 401


def test_a_security_administrator_signs_others_out_and_nobody_else_does(house: House) -> None:
    house.give_password("sec")
    house.give_password("otto")
    alice, terminal = house.signed_in_browser(), house.terminal()
    assert house.signed_in_browser("otto").delete("/v1/people/alice/sessions").status_code == 403
    administrator = house.signed_in_browser("sec")
    assert administrator.delete("/v1/people/nobody/sessions").status_code == 404
    assert administrator.delete("/v1/people/alice/sessions").status_code == 204
    assert [each.get("/v1/self").status_code for each in (alice, terminal, administrator)] == [401, 401, 200]


def test_a_repeated_request_is_answered_once_by_cookie_too(house: House) -> None:
    browser = house.signed_in_browser()
    key = {"Idempotency-Key": "one-and-the-same"}
    account = {"login": "svc-once", "name": "Once", "project": "PAY"}
    first = browser.post("/v1/service-accounts", json=account, headers=key)
    again = browser.post("/v1/service-accounts", json=account, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"


def test_what_there_is_to_sign_in_by_is_said(company: House) -> None:
    ways = {"password": True, "directory": True, "single_sign_on": None}
    assert company.browser().get("/v1/sign-in").json() == ways
