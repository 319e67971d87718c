"""The sample bank for tests: its people as actors, and an API that knows who calls."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from jinyun.access.authority import grants_of
from jinyun.access.digests import SESSION_PREFIX, digest
from jinyun.access.http import install_access
from jinyun.access.models import PersonSession
from jinyun.access.sessions import PROGRAM
from jinyun.bank import load_bank
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.http import install_problem_answers
from jinyun.kit.settings import Settings
from jinyun.organisation.models import Person, Project

APPLICANT = "li.wei"
MANAGER = "wang.fang"
FOREIGN_APPLICANT = "chen.yu"
OPERATOR = "zhao.yun"
SYSTEM_ADMINISTRATOR = "sun.hao"
SECURITY_ADMINISTRATOR = "zhou.jie"
AUDITOR = "qian.min"


class SampleBank:
    """The sample bank in a database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        database.write(load_bank)

    def actor(self, login: str) -> Actor:
        """Return a person with his grants."""

        def find(session: Session) -> Actor:
            person = session.scalars(select(Person).where(Person.login == login)).one()
            return Actor(person.id, person.login, person.name, grants_of(session, person.id))

        return self.database.read(find)

    def project_id(self, code: str) -> str:
        """Return the id of an application system."""
        return self.database.read(lambda session: session.scalars(select(Project.id).where(Project.code == code)).one())

    def token(self, login: str) -> str:
        """Return a way in for a person."""
        clear = f"{SESSION_PREFIX}test-{login}"

        def make(session: Session) -> None:
            person_id = session.scalars(select(Person.id).where(Person.login == login)).one()
            if session.scalar(select(PersonSession).where(PersonSession.digest == digest(clear))) is None:
                now = utc_now()
                session.add(
                    PersonSession(
                        person_id=person_id,
                        kind=PROGRAM,
                        way="local",
                        digest=digest(clear),
                        user_agent="",
                        last_seen_at=now,
                        expires_at=now + timedelta(hours=1),
                    )
                )

        self.database.write(make)
        return clear


class Api:
    """Some rooms' routes, called by people of the bank."""

    def __init__(self, bank: SampleBank, routers: Sequence[APIRouter], key_directory: Path) -> None:
        app = FastAPI()
        app.state.database = bank.database
        app.state.settings = Settings(key_directory=key_directory)
        app.state.password_check = app.state.single_sign_on = None
        install_problem_answers(app)
        install_access(app)
        for router in routers:
            app.include_router(router)
        self.app = app
        self._bank = bank

    def as_(self, login: str, *, language: str = "en") -> TestClient:
        """Return a client that is signed in as this person."""
        headers = {"Authorization": f"Bearer {self._bank.token(login)}", "Accept-Language": language}
        return TestClient(self.app, headers=headers, raise_server_exceptions=False)


def queries_of(database: Database, client: TestClient, path: str) -> int:
    """Return how many statements it takes to answer a request."""
    statements: list[object] = []

    def note(*seen: object) -> None:
        statements.append(seen[2])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return len(statements)
