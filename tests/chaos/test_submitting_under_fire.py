"""Sixty-four order at once through two API nodes, one of which is killed, and workers with it: the sums stay exact."""

import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.capacity.limits import set_quota
from jinyun.capacity.models import Hold, PoolLoad, Quota
from jinyun.capacity.states import HELD, RELEASED
from jinyun.kit.actor import PLATFORM
from jinyun.kit.settings import Settings
from jinyun.networks.models import Address, AddressGap, AddressRange
from jinyun.orders.models import Order, OrderItem
from tests.api import APPLICANT, SampleBank
from tests.chaos.crew import Crew
from tests.chaos.mariadb import private_mariadb
from tests.chaos.test_chaos import QUICK, check_world, submit, wait_until_ended
from tests.estate import PROJECT, a_server, found_estate
from tests.together import at_once

SUBMITTERS, TURNS, DELIVERIES = 64, 1, 3
PATIENCE_SECONDS = 50.0
LIMIT = 60
"""Fewer servers than are asked for, with those that are delivered meanwhile."""


@dataclass
class Nodes:
    """API nodes, each on a port of its own."""

    settings: Settings
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)

    def start(self, number: int) -> None:
        """Start a node, or start it again where it was."""
        environment = os.environ | {
            "JINYUN_DATABASE_URL": self.settings.database_url,
            "JINYUN_KEY_DIRECTORY": str(self.settings.key_directory),
            "JINYUN_LISTEN_PORT": str(self.ports[number]),
        }
        with (self.settings.key_directory.parent / "api.log").open("ab") as log:
            program = Path(sys.executable).with_name("jinyun")
            self.processes[number:] = [subprocess.Popen([program, "serve"], env=environment, stdout=log, stderr=log)]

    def kill(self, number: int) -> None:
        """Kill a node in the middle of everything; no other may come after it in the list."""
        self.processes[number].kill()
        self.processes[number].wait()

    def await_all(self) -> None:
        """Return when every node answers."""
        end = time.monotonic() + PATIENCE_SECONDS
        for port in self.ports:
            while not answers(port):
                assert time.monotonic() < end, "a node never answers"
                time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/v1/health", timeout=2, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def nodes_of(settings: Settings, count: int) -> Iterator[Nodes]:
    nodes = Nodes(settings)
    for number in range(count):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            nodes.ports.append(listener.getsockname()[1])
        nodes.start(number)
    try:
        nodes.await_all()
        yield nodes
    finally:
        for process in nodes.processes:
            process.kill()
            process.wait()


def order(nodes: Nodes, token: str, hostname: str, dice: random.Random) -> str:
    """Order a server, at another node where one is gone; return what came of it."""
    body = {"project": PROJECT, "purpose": "a test", "items": [a_server(hostname)]}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            url = f"http://127.0.0.1:{dice.choice(nodes.ports)}/v1/orders"
            answer = httpx.post(url, json=body, headers=headers, timeout=30, trust_env=False)
        except httpx.TransportError as error:
            said = str(error)
        else:
            said = "held" if answer.status_code == 201 else str(answer.json().get("code"))
        if said in {"held", "quota-exceeded"}:
            return said
        assert time.monotonic() < end, f"{hostname}: {said}"
        time.sleep(dice.uniform(0.05, 0.3))


@pytest.mark.skipif(shutil.which("mariadbd") is None, reason="there is no mariadbd to start")
def test_64_submitters_with_an_api_node_and_workers_killed(tmp_path: Path) -> None:
    with private_mariadb(tmp_path) as mariadb:
        estate = found_estate(tmp_path, mariadb.url, hosts=64, key_hosts=64, call_seconds=0.05, **QUICK)
        estate.database.write(lambda s: set_quota(s, PLATFORM, "project", PROJECT, "servers", LIMIT))
        bank = SampleBank.__new__(SampleBank)
        bank.database = estate.database
        token = bank.token(APPLICANT)
        submit(estate, DELIVERIES)
        crew = Crew(estate.settings, 2)
        try:
            with nodes_of(estate.settings, 2) as nodes:
                firing = threading.Thread(target=fire, args=(nodes, crew))
                firing.start()
                outcomes = at_once(SUBMITTERS, lambda number: orders_of(nodes, token, number))
                firing.join()
            wait_until_ended(estate, PATIENCE_SECONDS, crew)
            assert crew.all_alive(), crew.words()
        finally:
            crew.dismiss()
        came = Counter(outcome for each in outcomes for outcome in each)
        assert came["held"] + came["quota-exceeded"] == SUBMITTERS * TURNS, came
        assert came["held"] == LIMIT - 3 * DELIVERIES, "the quota is used up, and not passed"
        check_world(estate, DELIVERIES)
        estate.database.read(lambda session: check_sums(session, came["held"]))
        estate.database.dispose()


def fire(nodes: Nodes, crew: Crew) -> None:
    """Kill workers, and the last node, while everybody orders; all are started again."""
    for number in (0, 1):
        time.sleep(1.0)
        crew.kill(number)
    nodes.kill(1)
    time.sleep(0.5)
    nodes.start(1)
    crew.kill(0)


def orders_of(nodes: Nodes, token: str, number: int) -> list[str]:
    dice = random.Random(number)  # noqa: S311 - no secret
    return [order(nodes, token, f"fire-{number}-{turn}", dice) for turn in range(TURNS)]


def check_sums(session: Session, held: int) -> None:
    """Capacity, quota and addresses are what the orders say: nothing twice, nothing left over."""
    orders = list(session.scalars(select(Order)))
    assert len({each.number for each in orders}) == len(orders) == held + DELIVERIES
    items = set(session.scalars(select(OrderItem.id).join(Order).where(Order.state == "pending_approval")))
    holds = list(session.scalars(select(Hold).where(Hold.state != RELEASED)))
    waiting = [hold for hold in holds if hold.state == HELD]
    assert len(waiting) == held
    assert {hold.holder_id for hold in waiting} == items
    (quota,) = session.scalars(select(Quota))
    assert (quota.held, quota.used) == (held, 3 * DELIVERIES)
    for load in session.scalars(select(PoolLoad)):
        mine = [hold for hold in holds if hold.pool_id == load.pool_id]
        assert load.held_vcpus == sum(hold.vcpus for hold in mine if hold.state == HELD)
        assert load.used_vcpus == sum(hold.vcpus for hold in mine if hold.state != HELD)
    taken = list(session.scalars(select(Address.number)))
    assert len(set(taken)) == len(taken) == held + 3 * DELIVERIES
    free = sum(gap.last - gap.first + 1 for gap in session.scalars(select(AddressGap)))
    assert free + len(taken) == sum(each.last - each.first + 1 for each in session.scalars(select(AddressRange)))
