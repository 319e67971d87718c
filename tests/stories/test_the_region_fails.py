"""A region that cannot be reached, or lets nobody in: work waits and says so, and goes on by itself."""

from pathlib import Path

import pytest

from jinyun.kit.database import Base, Database
from jinyun.providers.simulated.build import WorldOptions, build_world
from jinyun.providers.simulated.faults import FaultKind, clear_faults, set_fault
from jinyun.providers.simulated.journal import journal
from tests.api import APPLICANT, SYSTEM_ADMINISTRATOR
from tests.stories.stage import REGION, Stage, a_server, await_that

PASSWORD = "the region's password"


@pytest.mark.parametrize("when", ["port.create", "server.*"])
def test_a_delivery_waits_for_its_region(stage: Stage, when: str) -> None:
    hostname = f"patient-{when[:4]}"
    set_fault(stage.world, when, FaultKind.DOWN)
    order = stage.approved(APPLICANT, a_server(hostname))
    path = f"/v1/operations/{order['items'][0]['operation_id']}"
    chinese = stage.as_(APPLICANT, language="zh")

    await_that(lambda: bool(stage.as_(APPLICANT).get(path)["problem"]), "the operation says what it waits for")
    assert stage.as_(APPLICANT).get(path)["problem"]["code"] == "backend-down"
    assert chinese.get(path)["problem"]["text"].startswith("无法连接区域")
    assert stage.as_(APPLICANT).get(f"/v1/orders/{order['id']}")["state"] == "delivering"

    clear_faults(stage.world)
    stage.as_(APPLICANT).becomes(f"/v1/orders/{order['id']}", "state", "delivered")
    assert stage.as_(APPLICANT).get(path)["problem"] is None
    assert len(stage.in_world("server", "name = ? AND status != 'deleted'", hostname)) == 1


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.TIMEOUT_BEFORE, FaultKind.BUSY])
def test_a_lost_answer_makes_nothing_twice(stage: Stage, kind: FaultKind) -> None:
    hostname = f"once-{kind.value}"
    for verb in ("port.create", "volume.create", "server.create", "volume.attach"):
        set_fault(stage.world, verb, kind, times=1)
    stage.deliver(APPLICANT, a_server(hostname, {"tier": "high", "size_gib": 1}))
    clear_faults(stage.world)
    (server,) = stage.in_world("server", "name = ?", hostname)
    assert len(stage.in_world("port", "name = ?", hostname)) == 1
    assert len(stage.in_world("volume", "name LIKE ?", f"{hostname}%")) == 1
    assert len(journal(stage.world, verb="server.create", object_id=server["id"])) == 1


def test_a_wrong_password_is_said_and_healed(stage: Stage, tmp_path: Path) -> None:
    world = build_world(tmp_path / "locked.db", WorldOptions(hosts=1, key_hosts=1, password=PASSWORD))
    administrator = stage.as_(SYSTEM_ADMINISTRATOR)
    body = {"code": "locked", "name": "Locked", "provider": "simulated", "public": {"world": str(world.path)}}
    operation = administrator.post("/v1/regions", {**body, "secret": "a wrong one"}, 202)

    region = administrator.becomes("/v1/regions/locked", "state", "unreachable")
    assert region["problem"]["code"] == "credentials-rejected"
    chinese = stage.as_(SYSTEM_ADMINISTRATOR, language="zh").get("/v1/regions/locked")
    assert chinese["problem"]["text"].startswith("区域拒绝了金云的用户名或密码")
    assert "wrong one" not in str(region)

    administrator.send("PUT", "/v1/regions/locked/secret", {"secret": PASSWORD}, 200)
    administrator.becomes("/v1/regions/locked", "state", "ready")
    administrator.done(operation)
    assert administrator.get("/v1/regions/locked")["problem"] is None
    assert PASSWORD not in _everything_stored(stage.database)


def test_a_region_that_was_down_is_read_again(stage: Stage) -> None:
    administrator = stage.as_(SYSTEM_ADMINISTRATOR)
    set_fault(stage.world, "region.facts", FaultKind.DOWN)
    operation = administrator.post(f"/v1/regions/{REGION}/sync", None, 202)
    administrator.becomes(f"/v1/regions/{REGION}", "state", "unreachable")
    assert administrator.send("POST", f"/v1/regions/{REGION}/sync", None, 409)["code"] == "subject-busy"
    clear_faults(stage.world)
    administrator.done(operation)
    assert administrator.get(f"/v1/regions/{REGION}")["state"] == "ready"


def _everything_stored(database: Database) -> str:
    with database.engine.connect() as connection:
        rows = [connection.execute(table.select()).all() for table in Base.metadata.tables.values()]
    return str(rows)
