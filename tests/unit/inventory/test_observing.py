"""What was seen in a region is written down once, followed, and never forgotten."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session, selectinload

from jinyun.inventory.models import EstateReading, ObservedObject
from jinyun.inventory.observing import Noted, Source, note_all_seen, note_batch, note_gone
from jinyun.inventory.watching import LeaseLost, fail, held, look, note_whole, take_lease
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database, database_now
from jinyun.providers.errors import BackendDown
from jinyun.providers.estate import Key, Observed, ObservedKind, Power
from jinyun.regions.models import Region
from tests.clock import Clock

NOW = utc_now()
LATER = NOW + timedelta(minutes=1)


def machine(number: int, **more: Any) -> Observed:
    usual: dict[str, Any] = {
        "name": f"核心-{number}",
        "uuid": f"uuid-{number}",
        "cluster": "c1",
        "host": "h1",
        "power": Power.ON,
        "addresses": (f"10.0.0.{number % 250}", "fd00::1"),
        "document": {"vcpus": 2},
    }
    return Observed(key=Key(ObservedKind.SERVER, f"vm-{number}"), **{**usual, **more})


@pytest.fixture
def source(database: Database) -> Source:
    def make(session: Session) -> str:
        region = Region(code="vmware", name="VMware", provider="vsphere", public={})
        session.add(region)
        session.flush()
        return region.id

    return Source(database.write(make), "vcenter-1")


def note(database: Database, source: Source, *things: Observed, now: datetime = NOW) -> Noted:
    return database.write(lambda session: note_batch(session, source, things, now))


def rows(database: Database) -> list[ObservedObject]:
    whole = select(ObservedObject).options(selectinload(ObservedObject.addresses)).order_by(ObservedObject.name)
    return database.read(lambda session: list(session.scalars(whole)))


def test_only_what_is_different_is_written(database: Database, source: Source) -> None:
    assert note(database, source, machine(1), machine(2)) == Noted(new=2, changed=0)
    assert note(database, source, machine(1), machine(2), now=LATER) == Noted(new=0, changed=0)
    assert note(database, source, machine(1), machine(2, power=Power.OFF), now=LATER) == Noted(new=0, changed=1)
    one, two = rows(database)
    assert (one.power, one.changed_at, two.power, two.changed_at) == ("on", NOW, "off", LATER)
    assert two.first_seen_at == NOW


def test_addresses_follow_the_machine(database: Database, source: Source) -> None:
    note(database, source, machine(1))
    note(database, source, machine(1, addresses=("10.9.9.9", "10.0.0.1")))
    assert [each.address for each in rows(database)[0].addresses] == ["10.9.9.9", "10.0.0.1"]


def test_what_vanishes_stays_and_may_come_back(database: Database, source: Source) -> None:
    note(database, source, machine(1))
    gone = [machine(1).key]
    assert database.write(lambda session: note_gone(session, source, gone, LATER)) == 1
    assert database.write(lambda session: note_gone(session, source, gone, LATER)) == 0
    assert rows(database)[0].gone_at == LATER
    assert note(database, source, machine(1), now=LATER) == Noted(new=0, changed=1)
    assert rows(database)[0].gone_at is None


def test_what_a_whole_reading_does_not_find_is_gone(database: Database, source: Source) -> None:
    note(database, source, machine(1), machine(2))
    found = [machine(2).key]
    assert database.write(lambda session: note_all_seen(session, source, found, LATER)) == 1
    one, two = rows(database)
    assert (one.gone_at, two.gone_at, two.last_seen_at) == (LATER, None, LATER)


def test_the_same_id_in_another_vcenter_is_another_machine(database: Database, source: Source) -> None:
    another = replace(source, installation="vcenter-2")
    note(database, source, machine(1))
    assert note(database, another, machine(1)) == Noted(new=1, changed=0)
    database.write(lambda session: note_all_seen(session, another, [machine(1).key], LATER))
    assert {row.installation: row.gone_at for row in rows(database)} == {"vcenter-1": LATER, "vcenter-2": None}


def test_a_thousand_machines_take_no_more_statements_than_one(database: Database, source: Source) -> None:
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    note(database, source, machine(0))
    few = len(statements)
    note(database, source, *(machine(number) for number in range(1, 250)))
    assert len(statements) == 2 * few


def test_one_worker_watches(database: Database, source: Source, clock: Clock) -> None:
    def take(holder: str) -> bool:
        return database.write(lambda session: take_lease(session, source.region_id, holder)).mine

    assert (take("one"), take("two"), take("one")) == (True, False, True)
    with pytest.raises(LeaseLost):
        database.write(lambda session: held(session, source.region_id, "two"))
    clock.forward(seconds=31)
    assert take("two")
    with pytest.raises(LeaseLost):
        database.write(lambda session: held(session, source.region_id, "one"))
    assert not database.read(lambda session: look(session, source.region_id, "one")).mine  # type: ignore[union-attr]


def test_a_failure_says_since_when_and_a_reading_ends_it(database: Database, source: Source) -> None:
    def stands() -> EstateReading:
        return database.read(lambda session: session.get_one(EstateReading, source.region_id))

    database.write(lambda session: take_lease(session, source.region_id, "one"))
    database.write(lambda session: fail(session, source.region_id, "one", BackendDown("refused")))
    since = stands().failed_at
    database.write(lambda session: fail(session, source.region_id, "one", BackendDown("still refused")))
    assert stands().failed_at == since is not None
    assert (stands().problem or {})["words"] == "still refused"

    def whole(session: Session) -> None:
        note_whole(session, held(session, source.region_id, "one"), "vcenter-1", {"snapshot": 3}, database_now(session))

    database.write(whole)
    assert (stands().failed_at, stands().problem, stands().unreadable) == (None, None, {"snapshot": 3})
