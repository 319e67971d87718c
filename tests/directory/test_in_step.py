"""Three thousand people from a real slapd into the database, and every change within two seconds."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from jinyun.app import wire_events
from jinyun.connectors.registry import company_directory
from jinyun.directory.models import DirectorySync
from jinyun.directory.sync import Terms, synchronise, take_lease
from jinyun.directory.watcher import DirectoryWatcher
from jinyun.kit.database import Database
from jinyun.organisation.models import Person
from lab.sample_directory import PEOPLE, Worker, person_entry, place_of
from tests.directory.server import Server, running

WHOLE_SECONDS = 5.0
CHANGE_SECONDS = 2.0
PATIENCE_SECONDS = 20.0


def say(line: str) -> None:
    sys.stderr.write(f"\n{line}\n")


def active(database: Database) -> set[str]:
    return set(database.read(lambda session: list(session.scalars(select(Person.login).where(Person.active)))))


def is_down(database: Database) -> bool:
    return database.read(lambda session: session.get_one(DirectorySync, "ldap").failed_at) is not None


def seconds_until(there: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not there():
        assert time.monotonic() - began < PATIENCE_SECONDS
        time.sleep(0.02)
    return time.monotonic() - began


def test_three_thousand_people_in_five_seconds(database: Database, server: Server) -> None:
    directory = company_directory(server.settings())
    assert directory is not None
    database.write(lambda session: take_lease(session, "ldap", "w"))
    began = time.monotonic()
    snapshot = directory.read()
    read = time.monotonic() - began
    database.write(lambda session: synchronise(session, snapshot, "ldap", Terms("w", 5.0, True)))
    whole = time.monotonic() - began
    say(f"{len(snapshot.people)} people in {whole:.2f} s, {read:.2f} s of it reading ({database.engine.name})")
    assert len(active(database)) == PEOPLE
    assert whole <= WHOLE_SECONDS
    began = time.monotonic()
    assert not database.write(lambda session: synchronise(session, snapshot, "ldap", Terms("w", 5.0, True))).changes
    say(f"nothing to do: {time.monotonic() - began:.2f} s")


@pytest.fixture
def watched(database: Database, tmp_path: Path) -> Iterator[Server]:
    wire_events()
    with running(tmp_path / "slapd") as server:
        settings = server.settings()
        watcher = DirectoryWatcher(database, lambda: company_directory(settings), settings, "w")
        thread = threading.Thread(target=watcher.run)
        thread.start()
        try:
            seconds_until(lambda: len(active(database)) == PEOPLE)
            yield server
        finally:
            watcher.stop()
            thread.join()


def test_a_change_within_two_seconds_and_a_server_that_is_down(database: Database, watched: Server) -> None:
    watched.add(place_of("new.one"), person_entry(Worker("new.one", "新人", "retail", "li.wei")))
    joined = seconds_until(lambda: "new.one" in active(database))
    watched.change(place_of("new.one"), accountStatus="disabled")
    left = seconds_until(lambda: "new.one" not in active(database))
    say(f"a newcomer after {joined:.2f} s, a leaver out after {left:.2f} s ({database.engine.name})")
    assert max(joined, left) <= CHANGE_SECONDS

    watched.stop()
    seconds_until(lambda: is_down(database))
    assert len(active(database)) == PEOPLE
    watched.start()
    seconds_until(lambda: not is_down(database))
    assert len(active(database)) == PEOPLE
