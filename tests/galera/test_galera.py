"""The node that writes is killed, twice: no acknowledged order is lost, none delivered twice, and all soon goes on."""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from jinyun.capacity import limits
from jinyun.kit.database import Database
from tests.api import APPLICANT, MANAGER, SECURITY_ADMINISTRATOR, SampleBank
from tests.estate import PROJECT, Estate, found_estate
from tests.galera import accounts
from tests.galera.conftest import Galera
from tests.galera.desk import Desk
from tests.galera.installation import Installation, running_jinyun
from tests.galera.pulse import Pulse, beating

ORDERS, PEOPLE = 60, 4
LONGEST_GAP_SECONDS = 5.0
QUICK = {"lease_seconds": 6.0, "call_timeout_seconds": 4.0, "settle_seconds": 1.0, "worker_threads": 4}
PACE = {"server.create": 2.0, "volume.create": 0.5, "volume.delete": 0.5, "server.delete": 0.5, "array": 0.2}
QUOTA = 1000
PATIENCE_SECONDS = 120.0


@dataclass
class Blow:
    """Which node was killed, and what was under way."""

    number: int
    under_way: int

    def __str__(self) -> str:
        return f"node {self.number} killed, {self.under_way} deliveries under way"


@pytest.mark.galera
def test_orders_while_the_writer_is_killed(galera: Galera, tmp_path: Path) -> None:
    estate = found_estate(tmp_path, galera.door.url, work_seconds=PACE, call_seconds=0.02, hosts=32, **QUICK)
    tokens = _prepare(estate)
    hostnames = [f"host-{number}" for number in range(ORDERS)]
    with running_jinyun(estate.settings) as jinyun, beating(estate.database) as pulse:
        desk = Desk(jinyun.urls, tokens)
        desk.order(hostnames[: ORDERS // 2], PEOPLE)
        desk.wait_until_approved(ORDERS // 4, PATIENCE_SECONDS)
        first = _kill_the_writer(galera, estate.database)
        desk.go_home()
        _bring_back(galera, first)

        desk.order(hostnames[ORDERS // 2 :], PEOPLE)
        desk.wait_until_approved(3 * ORDERS // 4, PATIENCE_SECONDS)
        second = _kill_the_writer(galera, estate.database)
        desk.go_home()
        _bring_back(galera, second)
        _wait_until_delivered(estate.database, jinyun)
        assert jinyun.all_alive(), jinyun.words()
    _report(pulse, desk, first, second)
    assert first.number != second.number
    assert pulse.lost() == set()
    estate.database.read(lambda session: accounts.check_orders(session, desk.book))
    estate.database.read(accounts.check_nothing_is_left_over)
    estate.database.read(lambda session: accounts.check_sums(session, desk.book))
    accounts.check_world(estate, desk.book)
    assert _orders_by_node(galera) == dict.fromkeys(galera.nodes, ORDERS)
    assert pulse.longest_gap() <= LONGEST_GAP_SECONDS
    estate.database.dispose()


def _prepare(estate: Estate) -> dict[str, str]:
    """Set a limit, so that there is something to count against; return the people's ways in."""
    bank = SampleBank.__new__(SampleBank)
    bank.database = estate.database
    keeper = bank.actor(SECURITY_ADMINISTRATOR)
    estate.database.write(lambda session: limits.set_quota(session, keeper, "project", PROJECT, "servers", QUOTA))
    return {login: bank.token(login) for login in (APPLICANT, MANAGER)}


def _kill_the_writer(galera: Galera, database: Database) -> Blow:
    blow = Blow(galera.door.writer(), database.read(accounts.unfinished))
    galera.nodes[blow.number].kill()
    return blow


def _bring_back(galera: Galera, blow: Blow) -> None:
    """Start the killed node again; another one goes on writing."""
    galera.nodes[blow.number].start_again()
    galera.nodes[blow.number].wait_until_synced()
    galera.door.wait_until_up(blow.number)
    assert galera.door.writer() != blow.number


def _wait_until_delivered(database: Database, jinyun: Installation) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while left := database.read(accounts.unfinished):
        assert time.monotonic() < end, f"{left} deliveries never ended\n{jinyun.words()}"
        time.sleep(0.2)


def _orders_by_node(galera: Galera) -> dict[int, int]:
    counting = "SELECT count(*) AS orders FROM jinyun_galera.`order`"
    return {
        number: node.run("SET SESSION wsrep_sync_wait = 1", counting)[0]["orders"]
        for number, node in galera.nodes.items()
    }


def _report(pulse: Pulse, desk: Desk, *blows: Blow) -> None:
    print("\n" + "; ".join(map(str, blows)))  # noqa: T201
    print(f"{len(pulse.acknowledged)} writes acknowledged, longest gap {pulse.longest_gap():.1f} s")  # noqa: T201
    book = desk.book
    print(f"slowest request {book.slowest_seconds:.1f} s; sent again because of {book.repeated}")  # noqa: T201
