"""A small bank to sign in to: a company directory that is up or down, an API, and browsers that speak to it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from jinyun.access import passwords
from jinyun.access.http import install_access
from jinyun.access.routes import router
from jinyun.access.signing_in import Door
from jinyun.access.token_routes import router as token_router
from jinyun.connectors.directory import DirectoryUnavailable
from jinyun.kit.database import Database
from jinyun.kit.http import install_problem_answers
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from tests.bank import Bank, found_bank

PASSWORD = "correct horse 汉字"
DIRECTORY_PASSWORD = "as the company knows it"
ORIGIN = "https://cloud.bank.example"


@dataclass
class CompanyDirectory:
    """Knows some passwords, and notes what it is asked."""

    known: dict[str, str] = field(default_factory=dict)
    is_up: bool = True
    asked: list[str] = field(default_factory=list)

    def check(self, login: str, password: str) -> bool:
        """Tell whether it knows this login with this password."""
        self.asked.append(login)
        if not self.is_up:
            raise DirectoryUnavailable(Text("away", "没有响应"))
        return self.known.get(login) == password


@dataclass
class House:
    """The bank; `alice` has a local account."""

    database: Database
    settings: Settings
    bank: Bank
    directory: CompanyDirectory | None = None

    @property
    def door(self) -> Door:
        """Where people sign in."""
        return Door(self.database, self.directory, self.settings)

    def app(self, *more: Any) -> FastAPI:
        """Return the API."""
        app = FastAPI()
        app.state.database, app.state.settings, app.state.password_check = self.database, self.settings, self.directory
        app.state.single_sign_on = None
        install_problem_answers(app)
        install_access(app)
        for each in (router, token_router, *more):
            app.include_router(each)
        return app

    def browser(self, address: str = "10.0.0.9", **more: Any) -> TestClient:
        """Return a browser on the console's pages."""
        return TestClient(
            self.app(), base_url=ORIGIN, headers={"Origin": ORIGIN}, client=(address, 1), follow_redirects=False, **more
        )

    def signed_in_browser(self, login: str = "alice", password: str = PASSWORD) -> TestClient:
        """Return a browser that somebody signed in with."""
        browser = self.browser()
        answer = browser.post("/v1/web-sessions", json={"login": login, "password": password})
        assert answer.status_code == 201, answer.text
        browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return browser

    def terminal(self, login: str = "alice", password: str = PASSWORD) -> TestClient:
        """Return the command line of somebody who signed in."""
        client = TestClient(self.app(), base_url=ORIGIN)
        answer = client.post("/v1/sessions", json={"login": login, "password": password})
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return client

    def program(self, token: str) -> TestClient:
        """Return a program with a token."""
        return TestClient(self.app(), base_url=ORIGIN, headers={"Authorization": f"Bearer {token}"})

    def give_password(self, login: str, password: str = PASSWORD) -> None:
        """Give somebody a local account."""
        self.database.write(lambda session: passwords.set_password(session, self.bank.people[login], password))

    def change(self, work: Callable[[Session], Any]) -> Any:
        """Change something behind everybody's back."""
        return self.database.write(work)


def found_house(database: Database, settings: Settings) -> House:
    """Make the bank with alice's local account."""
    house = House(database, settings, database.write(found_bank))
    house.give_password("alice")
    return house


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun
