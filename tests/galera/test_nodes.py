"""What Jinyun's unit of work makes of a real cluster: nodes that lag, and two that write the same at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, update
from sqlalchemy.orm import Session

from jinyun.kit.database import Database
from tests.galera.cluster import NAME, PASSWORD, PORT, USER
from tests.galera.conftest import Galera
from tests.galera.wires import address
from tests.together import at_once

COUNTER = Table(
    "test_counter", MetaData(), Column("id", Integer, primary_key=True), Column("value", Integer, nullable=False)
)
LAGGING_SECONDS = 1.0
TIMES = 15

pytestmark = pytest.mark.galera


@contextmanager
def at_node(number: int) -> Iterator[Database]:
    """One node, not by way of the door."""
    database = Database(f"mysql+pymysql://{USER}:{PASSWORD}@{address(number)}:{PORT}/{NAME}?charset=utf8mb4")
    try:
        yield database
    finally:
        database.dispose()


@pytest.fixture
def counter(galera: Galera) -> Iterator[None]:
    with at_node(1) as first:
        COUNTER.create(first.engine)
        first.write(lambda session: session.execute(insert(COUNTER).values(id=1, value=0)))
        yield
        COUNTER.drop(first.engine)


def value(database: Database) -> int:
    counted: int = database.read(lambda session: session.scalars(select(COUNTER.c.value)).one())
    return counted


def count(session: Session) -> None:
    """Count as our rooms do: read under a lock, which the other nodes know nothing of, and write what comes next."""
    seen = session.scalars(select(COUNTER.c.value).with_for_update()).one()
    session.execute(update(COUNTER).values(value=seen + 1))


@pytest.mark.usefixtures("counter")
def test_a_new_connection_waits_for_a_node_that_lags(galera: Galera) -> None:
    seen: list[int] = []
    with at_node(1) as first, at_node(2) as second:
        with galera.nodes[2].lagging():
            first.write(count)
            assert galera.nodes[2].run(f"USE {NAME}", "SELECT value FROM test_counter") == [{"value": 0}]
            reader = threading.Thread(target=lambda: seen.append(value(second)))
            reader.start()
            reader.join(LAGGING_SECONDS)
            assert reader.is_alive()
        reader.join()
    assert seen == [1]


@pytest.mark.usefixtures("counter")
def test_what_two_nodes_write_at_once_is_not_lost() -> None:
    with at_node(1) as first, at_node(2) as second:
        nodes = (first, second)

        def work(number: int) -> None:
            for _ in range(TIMES):
                nodes[number].write(count)

        assert at_once(2, work) == [None, None]
    with at_node(3) as third:
        assert value(third) == 2 * TIMES
