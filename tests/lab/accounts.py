"""The books: quotas of one application system, and whether holds, pools and addresses sum up."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from jinyun.capacity.models import Hold, PoolLoad
from jinyun.capacity.states import HELD, USED
from jinyun.kit.database import Database
from jinyun.networks.models import Address, AddressGap, AddressRange
from tests.lab.installation import QUOTA_KEEPER, client

RESOURCES = ("vcpus", "memory_mib", "servers", "addresses", "storage_gib:general")
PLENTY = 100_000
Books = dict[str, tuple[int, int]]


@contextmanager
def counted(project: str) -> Iterator[None]:
    """Have limits on an application system, so high that they only count."""
    keeper = client(QUOTA_KEEPER)
    wanted = {"scope": "project", "code": project}
    for resource in RESOURCES:
        keeper.put("/v1/quotas", {**wanted, "resource": resource, "limit": PLENTY})
    try:
        yield
    finally:
        for resource in RESOURCES:
            keeper.put("/v1/quotas", {**wanted, "resource": resource, "limit": None})


def books_of(project: str) -> Books:
    """Return what of each resource an application system uses and holds."""
    quotas = client(QUOTA_KEEPER).items("/v1/quotas", project=project)
    return {each["resource"]: (each["used"], each["held"]) for each in quotas if each["scope"] == "project"}


def hold_states(database: Database, hold_ids: list[str]) -> set[str]:
    """Return the states that these holds are in."""
    return database.read(lambda session: set(session.scalars(select(Hold.state).where(Hold.id.in_(hold_ids)))))


def holds_that_do_not_sum_up(database: Database) -> list[tuple[str, int, int]]:
    """Return the pools whose load is not the sum of their holds, each as seen by one statement."""

    def sums(state: str) -> list[ScalarSelect[int]]:
        return [
            select(func.coalesce(func.sum(amount), 0))
            .where(Hold.pool_id == PoolLoad.pool_id, Hold.state == state)
            .scalar_subquery()
            for amount in (Hold.vcpus, Hold.memory_mib, Hold.disk_gib)
        ]

    held = (PoolLoad.held_vcpus, PoolLoad.held_memory_mib, PoolLoad.held_disk_gib)
    used = (PoolLoad.used_vcpus, PoolLoad.used_memory_mib, PoolLoad.used_disk_gib)
    statement = select(PoolLoad.pool_id, *held, *used, *sums(HELD), *sums(USED))

    def work(session: Session) -> list[tuple[str, int, int]]:
        wrong = []
        for pool_id, *figures in session.execute(statement).all():
            pairs = zip(figures[:6], figures[6:], strict=True)
            wrong += [(pool_id, int(load), int(total)) for load, total in pairs if load != total]
        return wrong

    return database.read(work)


def addresses_that_do_not_sum_up(database: Database) -> list[tuple[str, int, int]]:
    """Return the ranges in which taken and free addresses are not all addresses, each as seen by one statement."""
    size = AddressRange.last - AddressRange.first + 1
    free = (
        select(func.coalesce(func.sum(AddressGap.last - AddressGap.first + 1), 0))
        .where(AddressGap.range_id == AddressRange.id)
        .scalar_subquery()
    )
    taken = (
        select(func.count())
        .select_from(Address)
        .where(Address.subnet_id == AddressRange.subnet_id)
        .where(Address.number.between(AddressRange.first, AddressRange.last))
        .scalar_subquery()
    )

    def work(session: Session) -> list[tuple[str, int, int]]:
        rows = session.execute(select(AddressRange.id, size, free + taken))
        return [(row[0], int(row[1]), int(row[2])) for row in rows if int(row[1]) != int(row[2])]

    return database.read(work)
