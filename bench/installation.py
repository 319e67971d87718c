"""An installation of a benchmark's own: its database, its people, its API processes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.engines.mariadb import free_port
from bench.placing.clients import Door, Unexpected
from jinyun.access import passwords
from jinyun.bank import load_bank
from jinyun.kit.database import Database
from jinyun.kit.settings import Settings
from jinyun.kit.vault import create_keys
from jinyun.organisation.models import Person
from jinyun.processes import upgrade_database

PASSWORD = "for the benchmark alone"  # noqa: S105 - of an installation that lives as long as the benchmark
JSON = {"Content-Type": "application/json"}
START_SECONDS = 90.0


def found(settings: Settings, *logins: str) -> Database:
    """Make keys and tables, load the sample bank, and let these people of it sign in."""
    create_keys(settings.key_directory)
    upgrade_database(settings)
    database = Database(settings.database_url)
    database.write(load_bank)

    def let_in(session: Session) -> None:
        for person_id in session.scalars(select(Person.id).where(Person.login.in_(logins))):
            passwords.set_password(session, person_id, PASSWORD)

    database.write(let_in)
    return database


@contextmanager
def serving(settings: Settings, log: Path, processes: int = 1) -> Iterator[list[int]]:
    """Run API processes; yields their ports once all of them answer."""
    ports = [free_port() for _ in range(processes)]
    with log.open("w") as said:
        running = [_start(settings, port, said.fileno()) for port in ports]
    try:
        for port in ports:
            _wait_for(port)
        yield ports
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)


def signed_in(port: int, login: str) -> dict[str, str]:
    """Return the headers of somebody's requests."""
    session = Door(port, JSON).ask("POST", "/v1/sessions", {"login": login, "password": PASSWORD}, expected=201)
    return {**JSON, "Authorization": f"Bearer {session['token']}"}


def _start(settings: Settings, port: int, log: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "JINYUN_DATABASE_URL": settings.database_url,
        "JINYUN_KEY_DIRECTORY": str(settings.key_directory),
        "JINYUN_LISTEN_PORT": str(port),
        "JINYUN_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    program = Path(sys.executable).with_name("jinyun")
    return subprocess.Popen([program, "serve"], env=environment, stdout=log, stderr=log)


def _wait_for(port: int) -> None:
    door = Door(port, {})
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError, Unexpected):
            door.ask("GET", "/v1/health", expected=200)
            return
        door.connection.close()
        time.sleep(0.2)
    raise Unexpected("the API did not start")
