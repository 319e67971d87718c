"""A shared pool is filled by others between the approval and the delivery: placed anew, or waiting; never failed."""

from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jinyun.operations import states
from jinyun.operations.models import Alarm, OperationRow
from jinyun.regions.models import Host, Pool
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
