"""A host is emptied: what runs is moved, what cannot be is listed with why, and afterwards it takes servers again."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.capacity.measure import measure
from jinyun.capacity.models import Hold, PoolLoad
from jinyun.regions.models import Host
from jinyun.servers.models import Server
from tests.api import APPLICANT, OPERATOR
from tests.stories.stage import Caller, Stage, a_server

WHY = {"reason": "a new power supply"}


@pytest.fixture(scope="module")
def operator(stage: Stage) -> Caller:
    return stage.as_(OPERATOR)


def host_of(stage: Stage, hostname: str) -> str:
    """Return the id of the host that a server is on, which both sides agree about."""
    (there,) = stage.in_world("server", "name = ? AND status != 'deleted'", hostname)

    def ours(session: Session) -> tuple[str | None, str]:
        on = session.scalars(select(Server.host).filter_by(hostname=hostname)).one()
        return on, session.scalars(select(Host.id).filter_by(name=there["host"])).one()

    on, host_id = stage.database.read(ours)
    assert on == there["host"]
    return host_id


def hosts_with_room(stage: Stage, pool_id: str) -> list[str]:
    return stage.database.read(lambda session: [host.name for host in measure(session, [pool_id])[0].hosts])


def sums_are_right(stage: Stage) -> bool:
    """Tell whether the pools' loads are what the holds say."""

    def work(session: Session) -> bool:
        loads = {load.pool_id: load.used_vcpus + load.held_vcpus for load in session.scalars(select(PoolLoad))}
        for hold in session.scalars(select(Hold).where(Hold.state != "released", Hold.pool_id.is_not(None))):
            loads[hold.pool_id or ""] -= hold.vcpus
        return not any(loads.values())

    return stage.database.read(work)


def own(stage: Stage, hostname: str) -> str:
    return str(stage.as_(APPLICANT).get("/v1/servers", hostname=hostname)["items"][0]["id"])


def test_a_host_is_emptied_and_opened_again(stage: Stage, operator: Caller) -> None:
    stage.deliver(APPLICANT, a_server("runs"))
    host_id = host_of(stage, "runs")
    operator.done(operator.post(f"/v1/hosts/{host_id}/maintain", WHY, 202))
    host = operator.get(f"/v1/hosts/{host_id}")
    assert (host["maintenance"]["reason"], host["maintenance"]["by"]) == (WHY["reason"], OPERATOR)
    assert host["maintenance"]["staying"] == []
    assert host_of(stage, "runs") != host_id
    assert sums_are_right(stage)
    (closed,) = stage.in_world("host", "name = ?", host["name"])
    assert not closed["enabled"]
    assert host["name"] not in hosts_with_room(stage, host["pool_id"])

    operator.done(operator.post(f"/v1/hosts/{host_id}/end-maintenance", None, 202))
    assert operator.get(f"/v1/hosts/{host_id}")["maintenance"] is None
    assert host["name"] in hosts_with_room(stage, host["pool_id"])
    (opened,) = stage.in_world("host", "name = ?", host["name"])
    assert opened["enabled"]
    operator.post(f"/v1/hosts/{host_id}/end-maintenance", None, 409)


def test_what_is_off_or_foreign_stays_and_says_why(stage: Stage, operator: Caller) -> None:
    applicant = stage.as_(APPLICANT)
    stage.deliver(APPLICANT, a_server("is-off"))
    host_id = host_of(stage, "is-off")
    applicant.done(applicant.post(f"/v1/servers/{own(stage, 'is-off')}/stop", None, 202))
    add_foreign(stage, operator.get(f"/v1/hosts/{host_id}")["name"])
    operator.done(operator.post(f"/v1/hosts/{host_id}/maintain", WHY, 202))
    staying = {each["name"]: each for each in operator.get(f"/v1/hosts/{host_id}")["maintenance"]["staying"]}
    assert (staying["foreign"]["server_id"], staying["foreign"]["why"]) == (None, "It is none of Jinyun's.")
    assert staying["is-off"]["server_id"] == own(stage, "is-off")
    assert "stopped" in staying["is-off"]["why"]
    chinese = stage.as_(OPERATOR, language="zh").get(f"/v1/hosts/{host_id}")["maintenance"]["staying"]
    assert "不是由金云管理的服务器。" in {each["why"] for each in chinese}

    applicant.done(applicant.post(f"/v1/servers/{own(stage, 'is-off')}/start", None, 202))
    operator.done(operator.post(f"/v1/hosts/{host_id}/maintain", WHY, 202))
    left = operator.get(f"/v1/hosts/{host_id}")["maintenance"]["staying"]
    assert [each["name"] for each in left] == ["foreign"], "what can go by now has gone"
    operator.done(operator.post(f"/v1/hosts/{host_id}/end-maintenance", None, 202))


def add_foreign(stage: Stage, host: str) -> None:
    """Put a server that nobody knows onto a host."""
    with stage.world.changing() as transaction:
        transaction.run(
            "INSERT INTO server (id, project_id, name, status, host, flavor_id, image_id, specification, created_at,"
            " changed_at) SELECT 'foreign', 'x', 'foreign', 'active', ?, flavor.id, image.id, '{}', 0, 0"
            " FROM flavor, image LIMIT 1",
            host,
        )


def test_a_pool_that_would_be_too_small_is_told_before(stage: Stage, operator: Caller) -> None:
    pool_id = operator.get("/v1/pools")["items"][0]["id"]
    host = operator.get("/v1/hosts", pool=pool_id)["items"][0]
    stage.database.write(lambda session: fill(session, pool_id))
    refused = operator.post(f"/v1/hosts/{host['id']}/maintain", WHY, 409)
    assert refused["code"] == "no-capacity"
    assert host["name"] in refused["detail"]
    operator.done(operator.post(f"/v1/hosts/{host['id']}/maintain", WHY | {"force": True}, 202))
    operator.done(operator.post(f"/v1/hosts/{host['id']}/end-maintenance", None, 202))


def fill(session: Session, pool_id: str) -> None:
    """Have the region show that others use nine tenths of each host of a pool."""
    for host in session.scalars(select(Host).filter_by(pool_id=pool_id)):
        host.used_memory_mib = host.memory_mib * 9 // 10
        if host.pool is not None:
            host.pool.figures += 1
