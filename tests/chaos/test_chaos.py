"""Workers killed and frozen, the database restarted, read-only, killed, a wrong clock: nothing lost, nothing twice."""

import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.kit.database import Database
from jinyun.operations.models import LaneGrant, OperationRow, OperationStep, OperationSubject
from jinyun.operations.states import ACTIVE
from jinyun.orders.models import Order
from tests.chaos.crew import Crew
from tests.chaos.mariadb import MariaDb, private_mariadb
from tests.chaos.witness import Held, Witness
from tests.estate import Estate, a_server, a_volume, found_estate

LEASE, CALL_TIMEOUT, GRACE = 4.0, 2.0, 2.0
QUICK: dict[str, Any] = {
    "lease_seconds": LEASE,
    "call_timeout_seconds": CALL_TIMEOUT,
    "settle_seconds": 1.0,
    "worker_threads": 6,
}
PACE = {
    "server.create": 5.0,
    "volume.create": 1.0,
    "volume.delete": 0.5,
    "server.delete": 0.5,
    "array": 0.3,
}
PATIENCE_SECONDS = 60.0
TIERS = ("high", "general", "low")
PER_ORDER = 5
STEPS_BETWEEN_KILLS = 40
NEEDS_MARIADB = pytest.mark.skipif(shutil.which("mariadbd") is None, reason="there is no mariadbd to start")


@pytest.fixture
def mariadb(tmp_path: Path) -> Iterator[MariaDb]:
    with private_mariadb(tmp_path) as server:
        yield server


@dataclass(frozen=True, slots=True)
class Watched:
    """Something that happened, what was in hands then, and how long that may stand still."""

    what: str
    held: list[Held]
    since: datetime
    limit: float


@dataclass
class Fire:
    """Everything that is done to the workers and their database, and what came of it."""

    crew: Crew
    server: MariaDb
    witness: Witness
    luck: random.Random
    watched: list["Watched"] = field(default_factory=list)

    def kill(self) -> None:
        """Kill a worker among others who are alive: what it held goes on after lease and call time-out."""
        self.await_all_at_work()
        number = self._someone_busy()
        since = self.witness.now()
        name = self.crew.kill(number)
        self._watch(f"{name} killed", self.witness.held_by(name), since, LEASE + CALL_TIMEOUT + GRACE)

    def await_all_at_work(self) -> None:
        """Return when nobody is still starting: resuming takes somebody who is there."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.witness.at_work([hand.name for hand in self.crew.hands]):
            assert time.monotonic() < end, self.crew.words()
            time.sleep(0.1)

    def _someone_busy(self) -> int:
        """Return one of those who are at something, where there is one within a moment."""
        everybody = list(range(len(self.crew.hands)))
        for _ in range(100):
            busy = [number for number in everybody if self.witness.held_by(self.crew.hands[number].name)]
            if busy:
                return self.luck.choice(busy)
            time.sleep(0.02)
        return self.luck.choice(everybody)

    def freeze(self) -> None:
        """Let a worker sleep for longer than others wait for it."""
        self.crew.freeze(self.luck.randrange(len(self.crew.hands)), LEASE + CALL_TIMEOUT + GRACE)

    def restart(self) -> None:
        """Take the database down in good order and bring it back."""
        self.server.stop()
        self.server.start()
        self._after_outage("database restarted")

    def crash(self) -> None:
        """Kill the database in the middle of everything and bring it back."""
        self.server.stop(kill=True)
        self.server.start()
        self._after_outage("database killed")

    def read_only(self) -> None:
        """Have the database refuse every change for a while, as a cluster does that has lost its quorum."""
        self.server.run("SET GLOBAL read_only = 1")
        time.sleep(3)
        self.server.run("SET GLOBAL read_only = 0")
        self._after_outage("database read-only")

    def _after_outage(self, what: str) -> None:
        since = self.witness.now()
        self._watch(what, self.witness.held_by(), since, 2 * LEASE + CALL_TIMEOUT + GRACE)
        time.sleep(2 * LEASE)

    def _watch(self, what: str, held: list[Held], since: datetime, limit: float) -> None:
        self.watched.append(Watched(what, held, since, limit))

    def too_late(self) -> list[str]:
        """Say how long everything stood still; return what did so for too long.

        What is resumed queues with all the other work that is due: where the machine is too slow for that, so is this.
        """
        late = []
        for each in self.watched:
            seconds = self.witness.slowest_after(each.held, each.since)
            queue = self.witness.queue_after(each.since, each.limit + GRACE)
            line = f"{each.what}, {len(each.held)} held: {seconds:.1f} s of {each.limit:.1f} s, queue {queue:.1f} s"
            print(line)  # noqa: T201 - measured values belong into the report
            if seconds > each.limit + queue:
                late.append(line)
        return late


def submit(estate: Estate, count: int) -> list[str]:
    """Have so many orders approved, each of three servers with a volume and two volumes; return the operations."""
    operations = []
    for number in range(count):
        tier = TIERS[number % len(TIERS)]
        servers = [a_server(f"host-{number}-{index}", [tier]) for index in range(3)]
        volumes = [a_volume(f"volume-{number}-{index}", tier) for index in range(2)]
        operations += [ordered.operation_id for ordered in estate.order(*servers, *volumes)]
    return operations


def wait_until_ended(estate: Estate, patience: float, crew: Crew) -> None:
    """Return when no order is under way any more."""
    end = time.monotonic() + patience
    while left := unfinished(estate.database):
        assert time.monotonic() < end, f"{left} operations never ended\n{crew.words()}"
        time.sleep(0.2)


def await_progress(estate: Estate, crew: Crew) -> None:
    """Return when a few more steps have been begun: whoever is killed is killed at work."""
    begun = select(func.sum(OperationStep.attempts))
    before = estate.database.read(lambda session: session.scalar(begun) or 0)
    end = time.monotonic() + PATIENCE_SECONDS
    while estate.database.read(lambda session: session.scalar(begun) or 0) < before + STEPS_BETWEEN_KILLS:
        assert time.monotonic() < end, f"no step was begun\n{crew.words()}"
        time.sleep(0.05)


def unfinished(database: Database) -> int:
    """Return how many deliveries have not ended."""
    active = select(func.count()).where(OperationRow.state.in_(ACTIVE), OperationRow.kind.like("deliver-%"))
    return database.read(lambda session: session.scalar(active) or 0)


def check_ends(estate: Estate, operations: list[str]) -> None:
    """Everything was delivered, and the engine's own tables are empty again."""

    def look(session: Session) -> tuple[dict[str, int], set[str], int, list[object]]:
        mine = select(OperationRow.state, func.count()).where(OperationRow.kind.like("deliver-%"))
        ends = dict(session.execute(mine.group_by(OperationRow.state)).all())
        orders = set(session.scalars(select(Order.state)))
        subjects = select(func.count()).where(OperationSubject.kind != "region")
        problems = select(OperationRow.problem).where(OperationRow.problem.is_not(None))
        left = (session.scalar(select(func.count(LaneGrant.step_id))) or 0) + (session.scalar(subjects) or 0)
        return ends, orders, left, list(session.scalars(problems.limit(3)))

    ends, orders, left, problems = estate.database.read(look)
    assert ends == {"succeeded": len(operations)}, problems
    assert orders == {"delivered"}
    assert left == 0


def check_world(estate: Estate, orders: int) -> None:
    """One server, port, volume and attachment for each that was ordered, by its token; nothing else."""
    servers = estate.in_world("SELECT token, name FROM server WHERE status <> 'deleted'")
    ports = estate.in_world("SELECT token, server_id FROM port")
    volumes = estate.in_world("SELECT token, name FROM volume")
    attachments = estate.in_world("SELECT volume_id, server_id, state, server_knows FROM attachment")
    assert len(servers) == len({row["name"] for row in servers}) == 3 * orders
    assert len(ports) == len({row["token"] for row in ports}) == 3 * orders
    assert len(volumes) == len({row["token"] for row in volumes}) == PER_ORDER * orders, "a volume is left over"
    assert len(attachments) == len({row["server_id"] for row in attachments}) == 3 * orders
    assert all(row["state"] == "attached" and row["server_knows"] for row in attachments)
    made = estate.in_world("SELECT token, count(*) AS times FROM journal WHERE verb = 'server.create' GROUP BY token")
    assert len(made) == 3 * orders
    assert {row["times"] for row in made} == {1}, "a server was built twice"


def happenings(fire: Fire, kills: int) -> list[Callable[[], None]]:
    """Return what will happen: mostly kills, and the database's troubles among them."""
    plan: list[Callable[[], None]] = [fire.kill] * kills + [fire.freeze] * (kills // 5)
    fire.luck.shuffle(plan)
    plan.insert(kills // 3, fire.restart)
    plan.insert(2 * kills // 3, fire.read_only)
    return [*plan, fire.crash]


def under_fire(mariadb: MariaDb, directory: Path, orders: int, *, kills: int, seed: int) -> None:
    """Deliver so many orders under everything that can happen."""
    estate = found_estate(directory, mariadb.url, work_seconds=PACE, call_seconds=0.2, hosts=64, **QUICK)
    witness = Witness(mariadb)
    operations = submit(estate, orders)
    crew = Crew(estate.settings, 3, wrong_clock_seconds=300)
    fire = Fire(crew, mariadb, witness, random.Random(seed))  # noqa: S311
    try:
        fire.await_all_at_work()
        witness.await_short_queue(PATIENCE_SECONDS * 3)
        for happen in happenings(fire, kills):
            happen()
            time.sleep(fire.luck.uniform(0.5, 2.5))
        wait_until_ended(estate, 60 + orders * 2, crew)
        assert crew.all_alive(), crew.words()
        check_ends(estate, operations)
        check_world(estate, orders)
        assert witness.starts() > 8 * len(operations) / PER_ORDER, "the witness slept"
        assert witness.foreign_starts() == []
        assert fire.too_late() == []
    finally:
        crew.dismiss()
        witness.close()
        estate.database.dispose()


def test_60_deliveries_by_one_process_that_is_killed_five_times(tmp_path: Path) -> None:
    estate = found_estate(tmp_path, work_seconds=PACE, call_seconds=0.2, **QUICK)
    operations = submit(estate, 12)
    crew = Crew(estate.settings, 1)
    try:
        for _ in range(5):
            await_progress(estate, crew)
            crew.kill(0)
        wait_until_ended(estate, PATIENCE_SECONDS + len(operations) * 2, crew)
        assert crew.all_alive(), crew.words()
    finally:
        crew.dismiss()
    check_ends(estate, operations)
    check_world(estate, 12)
    estate.database.dispose()


@NEEDS_MARIADB
def test_300_deliveries_under_fire(mariadb: MariaDb, tmp_path: Path) -> None:
    under_fire(mariadb, tmp_path, 60, kills=10, seed=1)


@NEEDS_MARIADB
@pytest.mark.chaos
def test_1000_deliveries_under_fire(mariadb: MariaDb, tmp_path: Path) -> None:
    under_fire(mariadb, tmp_path, 200, kills=40, seed=2)
