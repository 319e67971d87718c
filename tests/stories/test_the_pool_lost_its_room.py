"""A shared pool is filled by others between the approval and the delivery: placed anew, or waiting; never failed."""

import time
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jinyun.capacity.models import PoolLoad
from jinyun.operations import states
from jinyun.operations.models import Alarm, OperationRow
from jinyun.regions.models import Host, Pool, Zone
from jinyun.servers.models import Server
from jinyun.servers.steps.delivery import DeliverServer
from tests.estate import Estate, a_server, found_estate
from tests.working import run_operations


def fill(estate: Estate, *pool_ids: str, used: int) -> None:
    """Have the region show that others use so many virtual CPUs of each host of these pools."""

    def work(session: Session) -> None:
        session.execute(update(Host).where(Host.pool_id.in_(pool_ids)).values(used_vcpus=used))
        session.execute(update(Pool).where(Pool.id.in_(pool_ids)).values(figures=Pool.figures + 1))

    estate.database.write(work)


def one_zone(session: Session) -> list[str]:
    """Bring all pools into one zone for any system, and return them."""
    pools = list(session.scalars(select(Pool).order_by(Pool.name)))
    for pool in pools:
        pool.zone_id, pool.criticality_class, pool.hypervisor = pools[0].zone_id, None, pools[0].hypervisor
        pool.figures += 1
    return [pool.id for pool in pools]


def test_placed_anew_in_the_pool_that_still_has_room(tmp_path: Path) -> None:
    estate = found_estate(tmp_path)
    estate.database.write(one_zone)
    (ordered,) = estate.order(a_server("web-1"))
    before = estate.database.read(lambda session: session.get_one(Server, ordered.server_id).pool_id)
    fill(estate, str(before), used=100_000)
    run_operations(estate.database, DeliverServer)
    after = estate.database.read(lambda session: session.get_one(Server, ordered.server_id).pool_id)
    assert after != before


def others_take(estate: Estate, *pool_ids: str) -> None:
    """Have others take the hosts of these pools in the region, which it has not shown yet; all are in one zone."""
    wanted = select(Host.name).where(Host.pool_id.in_(pool_ids))
    names = estate.database.read(lambda session: list(session.scalars(wanted)))
    zone = estate.database.read(lambda session: session.scalars(select(Zone.name).join(Pool)).first())
    with estate.world.changing() as transaction:
        transaction.run("UPDATE host SET zone = ?", zone)
        for name in names:
            transaction.run("UPDATE host SET used_vcpus = 100000 WHERE name = ?", name)


def pool_of(estate: Estate, server_id: str) -> str:
    return estate.database.read(lambda session: session.get_one(Server, server_id).pool_id or "")


def state_of(estate: Estate, operation_id: str) -> str:
    return estate.database.read(lambda session: session.get_one(OperationRow, operation_id).state)


def run_to_the_end(estate: Estate, operation_id: str) -> str:
    """Work until the operation has ended or waits for longer than the region is at anything."""
    end = time.monotonic() + 20
    while state_of(estate, operation_id) not in states.ENDED and not alarms_of(estate):
        assert time.monotonic() < end
        run_operations(estate.database, DeliverServer)
    return state_of(estate, operation_id)


def alarms_of(estate: Estate) -> list[str]:
    raised = select(Alarm.subject).where(Alarm.kind == "no-room", Alarm.cleared_at.is_(None))
    return estate.database.read(lambda session: list(session.scalars(raised)))


def test_where_the_region_finds_no_host_it_is_cleared_away_and_placed_anew(tmp_path: Path) -> None:
    estate = found_estate(tmp_path)
    estate.database.write(one_zone)
    (ordered,) = estate.order(a_server("web-1"))
    before = pool_of(estate, ordered.server_id)
    others_take(estate, before)
    assert run_to_the_end(estate, ordered.operation_id) == states.SUCCEEDED
    assert pool_of(estate, ordered.server_id) != before
    assert len(estate.in_world("SELECT id FROM server WHERE status <> 'deleted'")) == 1
    held = estate.database.read(lambda session: {load.pool_id: load.used_vcpus for load in loads(session)})
    assert {pool_id: vcpus for pool_id, vcpus in held.items() if vcpus} == {pool_of(estate, ordered.server_id): 1}


def test_where_the_region_finds_no_host_in_any_pool_each_is_tried_once_and_then_it_waits(tmp_path: Path) -> None:
    estate = found_estate(tmp_path)
    pools = estate.database.write(one_zone)
    (ordered,) = estate.order(a_server("web-1"))
    others_take(estate, *pools)
    assert run_to_the_end(estate, ordered.operation_id) == states.RUNNING
    assert alarms_of(estate) == [ordered.server_id]
    asked = estate.in_world("SELECT object_id FROM journal WHERE verb = 'server.create'")
    assert len(asked) == len(pools)


def loads(session: Session) -> list[PoolLoad]:
    return list(session.scalars(select(PoolLoad)))


def test_without_room_anywhere_it_waits_with_an_alarm(tmp_path: Path) -> None:
    estate = found_estate(tmp_path)
    pools = estate.database.write(one_zone)
    (ordered,) = estate.order(a_server("web-1"))
    fill(estate, *pools, used=100_000)
    run_operations(estate.database, DeliverServer)

    def now(session: Session) -> tuple[str, list[str]]:
        raised = select(Alarm.subject).where(Alarm.kind == "no-room", Alarm.cleared_at.is_(None))
        return session.get_one(OperationRow, ordered.operation_id).state, list(session.scalars(raised))

    assert estate.database.read(now) == (states.RUNNING, [ordered.server_id])
