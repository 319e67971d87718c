"""Services killed under the process manager's hands: it starts them again, and nothing is lost meanwhile."""

import random
import threading
from collections.abc import Iterator
from itertools import cycle

import pytest
from sqlalchemy import select

from jinyun.cli.client import Client, Document
from jinyun.kit.database import Database
from jinyun.orders.models import Order
from tests.contract.waiting import wait_until
from tests.lab.accounts import (
    Books,
    addresses_that_do_not_sum_up,
    books_of,
    counted,
    holds_that_do_not_sum_up,
)
from tests.lab.cloud import Cloud, what_is_amiss
from tests.lab.desk import Desk, a_server
from tests.lab.installation import API_NODES, WORKERS, await_another_process, fresh_client, kill

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scale_pool")]

CALLERS = 4
ORDERS_EACH = 10
KILL_EVERY_SECONDS = 2.0


def test_killed_workers_come_back_and_finish(cloud: Cloud, desk: Desk) -> None:
    order = desk.approve(desk.order(a_server(desk.hostname("workers"), zone="az-general", volumes=1)))
    operation_id = order["items"][0]["operation_id"]
    wait_until(lambda: _step_state(desk, operation_id, "server"), lambda state: state != "pending", within=60)
    for name in WORKERS:
        await_another_process(name, than=kill(name))
    assert desk.ended(order)["state"] == "delivered"
    assert what_is_amiss(cloud, desk.server(order["items"][0])) == []


@pytest.fixture(scope="module")
def books_before(desk: Desk) -> Iterator[Books]:
    with counted(desk.project):
        yield books_of(desk.project)


@pytest.fixture(scope="module")
def acknowledged(desk: Desk, books_before: Books) -> list[Document]:
    """Orders of several callers at once, while the API nodes are killed one after the other, again and again."""
    assert books_before
    storm = Storm(desk)
    storm.blow()
    return storm.acknowledged


class Storm:
    """Callers and a killer, in rounds: in each, all callers order while one API node is killed."""

    def __init__(self, desk: Desk) -> None:
        self.acknowledged: list[Document] = []
        self.failures: list[Exception] = []
        self._desk = desk
        self._round = threading.Barrier(CALLERS + 1)

    def blow(self) -> None:
        """Order everything and have the nodes killed; afterwards all is well again."""
        callers = [threading.Thread(target=self._order, args=(number,)) for number in range(CALLERS)]
        for caller in callers:
            caller.start()
        killed = self._kill_in_turn()
        for caller in callers:
            caller.join()
        for name, pid in killed.items():
            await_another_process(name, than=pid)
        if self.failures:
            raise ExceptionGroup("orders that were not acknowledged", self.failures)

    def _order(self, caller: int) -> None:
        client: Client = fresh_client(self._desk.login)
        for number in range(ORDERS_EACH):
            self._round.wait()
            hostname = self._desk.hostname(f"storm-{caller}-{number}")
            try:
                wish = a_server(hostname, zone="az-scale", volumes=1)
                self.acknowledged.append(self._desk.submit(client, wish))
            except Exception as failure:  # noqa: BLE001 - raised by the test at the end
                self.failures.append(failure)

    def _kill_in_turn(self) -> dict[str, int]:
        """Kill one node a round, somewhere in the time that the round's orders take; return the last victims."""
        killed: dict[str, int] = {}
        pace = threading.Event()
        for name, _ in zip(cycle(API_NODES), range(ORDERS_EACH), strict=False):
            if name in killed:
                await_another_process(name, than=killed[name])
            self._round.wait()
            pace.wait(random.uniform(0, 0.1))  # noqa: S311
            killed[name] = kill(name)
            pace.wait(KILL_EVERY_SECONDS)
        return killed


def test_every_acknowledged_order_exists_once(desk: Desk, acknowledged: list[Document], installed: Database) -> None:
    of_storm = select(Order.id).where(Order.purpose == desk.series, Order.state == "pending_approval")
    stored = installed.read(lambda session: list(session.scalars(of_storm)))
    assert len(acknowledged) == CALLERS * ORDERS_EACH
    assert sorted(stored) == sorted(order["id"] for order in acknowledged)
    assert len({order["number"] for order in acknowledged}) == len(acknowledged)


def test_what_they_hold_sums_up(
    desk: Desk, acknowledged: list[Document], books_before: Books, installed: Database
) -> None:
    held = {resource: now[1] - books_before[resource][1] for resource, now in books_of(desk.project).items()}
    count = len(acknowledged)
    assert (held["servers"], held["addresses"], held["storage_gib:general"]) == (count, count, count)
    assert held["memory_mib"] == 192 * count
    assert len({order["items"][0]["allocation"]["address"] for order in acknowledged}) == count
    assert holds_that_do_not_sum_up(installed) == []
    assert addresses_that_do_not_sum_up(installed) == []


def test_withdrawn_they_give_everything_back(
    desk: Desk, acknowledged: list[Document], books_before: Books, installed: Database
) -> None:
    for order in acknowledged:
        assert desk.applicant.post(f"/v1/orders/{order['id']}/withdraw")["state"] == "withdrawn"
    assert books_of(desk.project) == books_before
    assert holds_that_do_not_sum_up(installed) == []
    assert addresses_that_do_not_sum_up(installed) == []


def _step_state(desk: Desk, operation_id: str, name: str) -> str:
    return next(str(step["state"]) for step in desk.operation(operation_id)["steps"] if step["name"] == name)
