"""Brute force: a guesser is stopped before he has tried enough, wherever he sits, and without stopping anybody else."""

import socket
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from sqlalchemy import select

from jinyun.access import lockout
from jinyun.access.errors import TooManyAttempts, WrongCredentials
from jinyun.access.models import FailureCount
from jinyun.access.sessions import PROGRAM
from jinyun.access.signing_in import sign_in
from jinyun.kit.actor import Actor
from jinyun.kit.settings import Settings
from jinyun.processes import server
from tests.unit.access.stage import DIRECTORY_PASSWORD, PASSWORD, House


def attempt(house: House, password: str = "wrong", login: str = "alice", address: str = "10.0.0.9") -> str:  # noqa: S107
    """Try to sign in and return how it ended: in, wrong, or wait."""
    try:
        sign_in(house.door, Actor(None, "anonymous", "", source_address=address), login, password, PROGRAM)
    except WrongCredentials:
        return "wrong"
    except TooManyAttempts:
        return "wait"
    return "in"


def wait_of(house: House, login: str = "alice", address: str = "10.0.0.9") -> int:
    caller = Actor(None, "anonymous", "", source_address=address)
    with pytest.raises(TooManyAttempts) as stopped:
        sign_in(house.door, caller, login, PASSWORD, PROGRAM)
    return stopped.value.retry_after or 0


def pass_time(house: House, by: timedelta) -> None:
    """Have everything that was counted lie so much further back."""

    def move(session: Any) -> None:
        for row in session.scalars(select(FailureCount)):
            for name in ("failed_at", "blocked_until", "succeeded_at", "touched_at"):
                moment = getattr(row, name)
                setattr(row, name, moment - by if moment else None)

    house.change(move)


def with_limits(house: House, **limits: int) -> House:
    house.settings = house.settings.model_copy(update=limits)
    return house


def test_brute_force_is_stopped_and_the_right_password_does_not_help_then(house: House) -> None:
    limit = house.settings.sign_in_failures
    assert [attempt(house) for _ in range(limit + 2)] == ["wrong"] * limit + ["wait"] * 2
    assert attempt(house, PASSWORD) == "wait"


def test_the_answer_says_how_long_to_wait(house: House) -> None:
    browser = house.browser()
    for _ in range(house.settings.sign_in_failures):
        browser.post("/v1/sessions", json={"login": "alice", "password": "wrong"})
    answer = browser.post("/v1/sessions", json={"login": "alice", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (429, TooManyAttempts.code)
    assert 0 < int(answer.headers["Retry-After"]) <= lockout.FIRST_WAIT.total_seconds()


def test_the_wait_grows_up_to_a_limit_and_ends(house: House) -> None:
    for _ in range(house.settings.sign_in_failures):
        attempt(house)
    waits = []
    for _ in range(9):
        waits.append(wait_of(house))
        pass_time(house, timedelta(seconds=waits[-1]))
        assert attempt(house) == "wrong"
    assert waits[:4] == [15, 30, 60, 120]
    assert waits == sorted(waits)
    assert waits[-1] == lockout.LONGEST_WAIT.total_seconds()
    pass_time(house, timedelta(seconds=wait_of(house)))
    assert attempt(house, PASSWORD) == "in"


def test_failures_are_forgotten_after_a_quiet_while(house: House) -> None:
    for _ in range(house.settings.sign_in_failures - 1):
        attempt(house)
    pass_time(house, timedelta(minutes=house.settings.sign_in_window_minutes, seconds=1))
    assert [attempt(house) for _ in range(house.settings.sign_in_failures - 1)].count("wait") == 0


def test_signing_in_forgets_ones_own_failures(house: House) -> None:
    for _ in range(3):
        assert [attempt(house) for _ in range(house.settings.sign_in_failures - 1)].count("wrong") == 4
        assert attempt(house, PASSWORD) == "in"


def test_one_attacker_locks_nobody_out_elsewhere(house: House) -> None:
    """He is stopped at his own address, for this login and soon for all, long before anybody else is."""
    house.give_password("bob")
    ended = Counter(attempt(house, login=login, address="6.6.6.6") for login in ["alice", "bob"] * 60)
    assert ended["wrong"] <= 2 * house.settings.sign_in_failures
    for login in ("alice", "bob"):
        assert attempt(house, PASSWORD, login=login) == "in"


def test_one_attacker_who_tries_one_password_with_every_login_is_stopped_at_his_address(house: House) -> None:
    limit = house.settings.sign_in_address_failures
    ended = [attempt(house, "Spring2026!", login=f"person-{number}", address="6.6.6.6") for number in range(limit + 5)]
    assert ended == ["wrong"] * limit + ["wait"] * 5
    assert attempt(house, PASSWORD) == "in"


def test_his_own_success_does_not_buy_an_attacker_more_guesses(house: House) -> None:
    house = with_limits(house, sign_in_address_failures=8)
    house.give_password("bob")
    guesses = []
    for number in range(20):
        attempt(house, PASSWORD, login="bob", address="6.6.6.6")
        guesses.append(attempt(house, login=f"victim-{number}", address="6.6.6.6"))
    assert guesses.count("wrong") <= 8


def test_many_addresses_together_are_stopped_but_not_where_the_login_was_right_lately(house: House) -> None:
    house = with_limits(house, sign_in_login_failures=10)
    assert attempt(house, PASSWORD, address="10.0.0.9") == "in"
    ended = Counter(attempt(house, address=f"6.6.6.{number}") for number in range(30))
    assert ended == {"wrong": 10, "wait": 20}
    assert attempt(house, PASSWORD, address="7.7.7.7") == "wait"
    assert attempt(house, PASSWORD, address="10.0.0.9") == "in"
    pass_time(house, lockout.KNOWN_FOR + timedelta(days=1))
    assert Counter(attempt(house, address=f"6.6.6.{number}") for number in range(30))["wrong"] == 10
    assert attempt(house, PASSWORD, address="10.0.0.9") == "wait"


def test_a_login_that_there_is_not_is_counted_and_answered_like_any_other(house: House) -> None:
    known = [attempt(house, login="alice", address="6.6.6.1") for _ in range(8)]
    unknown = [attempt(house, login="nobody", address="6.6.6.2") for _ in range(8)]
    assert known == unknown


@pytest.mark.parametrize("spelling", ["ALICE", "Alice", " alice"])
def test_another_spelling_is_no_other_login(house: House, spelling: str) -> None:
    for _ in range(house.settings.sign_in_failures):
        attempt(house, login=spelling)
    assert attempt(house, PASSWORD) == "wait"


def test_one_subscriber_of_ipv6_is_one_address(house: House) -> None:
    ended = [attempt(house, address=f"2001:db8:1:2::{number:x}") for number in range(7)]
    assert ended == ["wrong"] * 5 + ["wait"] * 2
    assert attempt(house, PASSWORD, address="2001:db8:1:3::1") == "in"


def test_guessing_side_by_side_gains_nothing(house: House) -> None:
    """Each attempt is counted before its password is tried, so that no crowd slips through together."""
    with ThreadPoolExecutor(16) as threads:
        ended = Counter(threads.map(lambda _: attempt(house), range(48)))
    assert ended["wrong"] <= house.settings.sign_in_failures
    assert ended["in"] == 0


def test_many_people_behind_one_address_sign_in_at_once(house: House) -> None:
    people = [login for login in house.bank.people if login != "alice"]
    for login in people:
        house.give_password(login)
    with ThreadPoolExecutor(8) as threads:
        ended = list(threads.map(lambda login: attempt(house, PASSWORD, login=login), people * 4))
    assert set(ended) == {"in"}
    counted = house.database.read(lambda session: [row.failures for row in session.scalars(select(FailureCount))])
    assert set(counted) == {0}


def test_a_security_administrator_unlocks_and_nobody_else_does(house: House) -> None:
    house.give_password("sec")
    house.give_password("otto")
    for _ in range(house.settings.sign_in_failures):
        attempt(house)
    path = "/v1/people/alice/sign-in-failures"
    assert house.terminal("otto").delete(path).status_code == 403
    assert attempt(house, PASSWORD) == "wait"
    assert house.terminal("sec").delete(path).status_code == 204
    assert attempt(house, PASSWORD) == "in"


def test_what_was_typed_as_login_is_not_kept(house: House) -> None:
    attempt(house, login="hunter2, in the wrong field")
    kept = house.database.read(lambda session: [str(vars(row)) for row in session.scalars(select(FailureCount))])
    assert not [row for row in kept if "hunter2" in row]


def test_a_directory_password_is_guessed_no_better(company: House) -> None:
    ended = [attempt(company, login="bob") for _ in range(7)]
    assert ended == ["wrong"] * 5 + ["wait"] * 2
    assert attempt(company, DIRECTORY_PASSWORD, login="bob") == "wait"
    assert company.directory is not None
    assert len(company.directory.asked) == 5, "the directory's own lock-out is not set off by what is stopped here"


def test_changing_a_password_is_no_way_to_guess_it(house: House) -> None:
    terminal = house.terminal()
    body = {"current": "wrong", "new": "another horse battery"}
    codes = [terminal.put("/v1/self/password", json=body).status_code for _ in range(7)]
    assert codes == [401] * 5 + [429] * 2


@pytest.mark.parametrize(
    ("trusted", "forwarded", "seen"),
    [
        ("10.255.0.1", "6.6.6.6", "127.0.0.1"),
        ("127.0.0.1", "10.0.0.7", "10.0.0.7"),
        ("127.0.0.1", "6.6.6.6, 10.0.0.7", "10.0.0.7"),
        ("127.0.0.0/8,10.255.0.0/16", "6.6.6.6, 10.0.0.7, 10.255.3.4", "10.0.0.7"),
    ],
)
def test_only_a_trusted_proxy_says_where_a_request_comes_from(trusted: str, forwarded: str, seen: str) -> None:
    """And only what it added itself: what came before may be the caller's invention."""
    app = FastAPI()

    @app.get("/")
    def source(request: Request) -> str:
        return request.client.host if request.client else ""

    assert _served(app, trusted, lambda url: httpx.get(url, headers={"X-Forwarded-For": forwarded}).json()) == seen


def _served(app: FastAPI, trusted: str, ask: Callable[[str], Any]) -> Any:
    listening = socket.create_server(("127.0.0.1", 0))
    running: uvicorn.Server = server(app, Settings(trusted_proxies=trusted))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        return ask(f"http://127.0.0.1:{listening.getsockname()[1]}/")
    finally:
        running.should_exit = True
        thread.join()
        listening.close()
