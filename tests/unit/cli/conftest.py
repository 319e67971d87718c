"""The real API on a free port with the sample bank, and `jinyun` called as from a shell."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
import uvicorn
from sqlalchemy import select
from starlette.responses import JSONResponse

from jinyun.access import passwords
from jinyun.app import create_app
from jinyun.cli import client, main, watching
from jinyun.kit.database import Database
from jinyun.kit.settings import Settings
from jinyun.kit.vault import create_keys
from jinyun.organisation.models import Person
from tests.api import APPLICANT, MANAGER, OPERATOR, SampleBank

PASSWORD = "correct horse"


@dataclass
class Trouble:
    """Stands before the API: notes what comes, and loses or refuses what it is told to."""

    app: Any
    answers: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """What to do with the next requests: `refuse` before the API sees it, `lose` its answer; with these headers."""
    seen: list[dict[str, str]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.seen.append(headers | {"method": scope["method"], "path": scope["path"]})
        if not self.answers:
            await self.app(scope, receive, send)
            return
        what, said = self.answers.pop(0)
        if what == "lose":
            await self.app(scope, receive, _nowhere)
        await JSONResponse("bad gateway", 504 if what == "lose" else 503, said)(scope, receive, send)


async def _nowhere(_message: Any) -> None:
    """An answer that gets lost on its way."""


@dataclass
class Served:
    """The running API."""

    url: str
    database: Database
    trouble: Trouble
    bank: SampleBank


@dataclass
class Said:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


Jinyun = Callable[..., Said]


@pytest.fixture
def served(database: Database, tmp_path: Path) -> Iterator[Served]:
    """The API with the sample bank; three of its people have a password."""
    bank = SampleBank(database)

    def give_passwords(session: Any) -> None:
        for person in session.scalars(select(Person).where(Person.login.in_([APPLICANT, MANAGER, OPERATOR]))):
            passwords.set_password(session, person.id, PASSWORD)

    database.write(give_passwords)
    create_keys(tmp_path / "keys")
    trouble = Trouble(create_app(Settings(key_directory=tmp_path / "keys"), database))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(trouble, log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", database, trouble, bank)
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture(scope="session", autouse=True)
def _built_once() -> Iterator[None]:
    """Build the tree of commands once: a process has one command to run, tests have hundreds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(autouse=True)
def _plain_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JINYUN_URL", "JINYUN_PROFILE", "LC_ALL", "LC_MESSAGES", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C")
    monkeypatch.setenv("JINYUN_SESSION_FILE", str(tmp_path / "config" / "session.json"))
    monkeypatch.setattr(client, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.0)


@pytest.fixture
def jinyun(capsys: pytest.CaptureFixture[str]) -> Jinyun:
    """Run `jinyun` with arguments as a shell would."""

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capsys.readouterr()
        return Said(ended.value.code if isinstance(ended.value.code, int) else 0, out, err)

    return run


@pytest.fixture
def sign_in(served: Served, jinyun: Jinyun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sign people in, each under his login as profile; the first of them acts where nothing is said."""
    password_file = tmp_path / "password"
    password_file.write_text(f"{PASSWORD}\n")

    def all_of(*logins: str) -> None:
        for login in logins:
            said = jinyun("login", "--url", served.url, "-p", login, "--password-file", str(password_file))
            assert said.code == 0, said.err
        monkeypatch.setenv("JINYUN_PROFILE", logins[0])

    return all_of


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def paths(seen: Sequence[dict[str, str]], method: str) -> list[str]:
    """Return the paths of the requests with this method."""
    return [request["path"] for request in seen if request["method"] == method]
