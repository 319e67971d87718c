"""What the audit record costs: mutations a second with it and without it.

Twenty-four clients in four processes, as API nodes have them, on a MariaDB of the benchmark's own. Each does over and
over what the API does for a request: finds out who asks and what he may, then makes one change in a transaction: a
pool's ratio, a new member of an application system, one that leaves. With and without the record take turns in rounds,
and whichever begins changes; of the rounds' ratios the median counts: what else the machine does falls on both.
"""

import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from multiprocessing.synchronize import Barrier
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.engines.mariadb import NoMariaDB, make_database, private_server
from bench.report import Bar, bars_line, table
from jinyun.access.authority import grants_of
from jinyun.access.models import RoleGrant
from jinyun.access.roles import SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR
from jinyun.audit import service as audit
from jinyun.audit.models import AuditRecord
from jinyun.directory import service as directory
from jinyun.kit.actor import Actor
from jinyun.kit.database import Base, Database
from jinyun.organisation.models import Department, Person, Project
from jinyun.regions import service as regions
from jinyun.regions.models import Pool, Region
from jinyun.tables import load_tables

CLIENTS = 24
PROCESSES = 4
ROUNDS = 15
SECONDS = 2.0
WARM_UP = 0.5
"""Seconds at the beginning of a round that do not count."""
BAR = 1.15
WITH, WITHOUT = "with the record", "without"


@dataclass(frozen=True, slots=True)
class Desk:
    """What one client works with, so that clients wait for the database and not for one another's rows."""

    keeper_id: str
    administrator_id: str
    project_id: str
    pool_id: str
    login: str
    """Of the person who comes and goes."""


def main() -> int:
    """Run the benchmark; the bars' verdicts are the last line, and the exit status."""
    try:
        with private_server() as server:
            rates = _measure(make_database(server, "audit"))
    except NoMariaDB as error:
        print(error, file=sys.stderr)
        return 2
    medians = {name: median(found) for name, found in rates.items()}
    rows = [(name, medians[name], min(rates[name]), max(rates[name])) for name in (WITHOUT, WITH)]
    print(table(("mutations a second", "median", "least", "most"), rows))
    ratios = [without / with_it for without, with_it in zip(rates[WITHOUT], rates[WITH], strict=True)]
    bars = [Bar("ratio", median(ratios), BAR), Bar("mutations_a_second", medians[WITH])]
    print(bars_line(bars))
    return 0 if all(bar.holds for bar in bars) else 1


def turns() -> Iterator[str]:
    """Yield whether the record is written, round after round; each begins every other time."""
    for number in range(ROUNDS):
        yield from (WITH, WITHOUT) if number % 2 else (WITHOUT, WITH)


def _measure(url: str) -> dict[str, list[float]]:
    load_tables()
    database = Database(url)
    Base.metadata.create_all(database.engine)
    desks = database.write(_furnish)
    processes = multiprocessing.get_context("spawn")
    together = processes.Barrier(PROCESSES + 1)
    counts = processes.Queue()
    share = [desks[number::PROCESSES] for number in range(PROCESSES)]
    workers = [processes.Process(target=_serve, args=(url, mine, together, counts)) for mine in share]
    for worker in workers:
        worker.start()
    rates: dict[str, list[float]] = {WITH: [], WITHOUT: []}
    for name in turns():
        together.wait()
        done = sum(counts.get() for _ in workers)
        rates[name].append(done / SECONDS)
        print(f"{name}: {done / SECONDS:.0f} a second", flush=True)
    for worker in workers:
        worker.join()
    recorded = database.read(lambda session: session.scalar(select(func.count()).select_from(AuditRecord)))
    print(f"{recorded} records were written")
    database.dispose()
    return rates


def _serve(url: str, desks: Sequence[Desk], together: Barrier, counts: Any) -> None:
    """Be one process of clients through all rounds."""
    load_tables()
    database, record = Database(url), audit.record
    for name in turns():
        audit.record = record if name == WITH else _no_record
        together.wait()
        begin = time.monotonic() + WARM_UP
        done = [0] * len(desks)
        clients = [
            threading.Thread(target=_work, args=(database, desk, begin, done, place))
            for place, desk in enumerate(desks)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        counts.put(sum(done))
    database.dispose()


def _work(database: Database, desk: Desk, begin: float, done: list[int], place: int) -> None:
    """Make changes until the round is over; count those after the warm-up."""
    for who, change in cycle(_changes(database, desk)):
        now = time.monotonic()
        if now >= begin + SECONDS:
            return
        actor = database.read(partial(_actor, person_id=who))
        database.write(partial(change, actor=actor))
        done[place] += now >= begin


def _changes(database: Database, desk: Desk) -> list[tuple[str, Callable[..., object]]]:
    def project(session: Session) -> Project:
        return session.get_one(Project, desk.project_id)

    def ratio(session: Session, actor: Actor) -> object:
        version = session.get_one(Pool, desk.pool_id).version
        return regions.change_pool(session, actor, desk.pool_id, f'"{version}"', {"cpu_ratio": 1.0 + version % 3})

    def come(session: Session, actor: Actor) -> None:
        person = directory.person_by_login(session, desk.login)
        directory.add_member(session, actor, project(session), person)

    def leave(session: Session, actor: Actor) -> None:
        directory.remove_member(session, actor, project(session), desk.login)

    return [(desk.administrator_id, ratio), (desk.keeper_id, come), (desk.keeper_id, leave)]


def _actor(session: Session, person_id: str) -> Actor:
    """Find out who asks and what he may, as every request does."""
    person = session.get_one(Person, person_id)
    grants = grants_of(session, person.id)
    return Actor(person.id, person.login, person.name, grants, source_address="10.0.0.1", request_id=person.id)


def _no_record(*_arguments: Any, **_more: Any) -> None:
    """Write nothing down."""


def _furnish(session: Session) -> list[Desk]:
    department = Department(code="bench", name="Bench", path="/bench/")
    region = Region(code="bench", name="bench", provider="simulated", public={})
    session.add_all([department, region])
    session.flush()
    return [_desk(session, department, region, number) for number in range(CLIENTS)]


def _desk(session: Session, department: Department, region: Region, number: int) -> Desk:
    people = {
        name: Person(login=f"{name}-{number}", name=name, mail="x@bank.example", department_id=department.id)
        for name in ("keeper", "administrator", "member")
    }
    session.add_all(people.values())
    session.flush()
    for name, role in (("keeper", SECURITY_ADMINISTRATOR), ("administrator", SYSTEM_ADMINISTRATOR)):
        session.add(RoleGrant(person_id=people[name].id, role=role, scope="system"))
    project = Project(code=f"p{number}", name="p", department_id=department.id, owner_id=people["keeper"].id)
    pool = Pool(region_id=region.id, external_id=f"{number}", name=f"{number}", hypervisor="kvm")
    session.add_all([project, pool])
    session.flush()
    return Desk(people["keeper"].id, people["administrator"].id, project.id, pool.id, people["member"].login)


if __name__ == "__main__":
    sys.exit(main())
