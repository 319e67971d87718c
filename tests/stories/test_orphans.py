"""Things that were made behind Jinyun's back with its marks are found, confirmed, and removed by an operator."""

from collections.abc import Iterator
from typing import Any

import pytest

from jinyun.kit.ids import new_id
from jinyun.providers.simulated.faults import FaultKind, clear_faults, set_fault
from tests.api import APPLICANT, AUDITOR, OPERATOR
from tests.stories.stage import REGION, Stage, a_server, a_volume

Document = dict[str, Any]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation that believes what it sees twice, with one server and its volume delivered."""
    with Stage(tmp_path_factory.mktemp("orphans"), orphan_confirm_seconds=0).playing() as stage:
        stage.open_region()
        stage.deliver(APPLICANT, a_server("owned-1", {"tier": "general", "size_gib": 1}), a_volume("owned-free"))
        yield stage


@pytest.fixture(autouse=True)
def _all_clear(stage: Stage) -> Iterator[None]:
    yield
    clear_faults(stage.world)
    with stage.world.changing() as moment:
        moment.run("DELETE FROM volume WHERE name = 'stray'")
        moment.run("DELETE FROM port WHERE name = 'stray'")
    look(stage)
    assert orphans(stage) == []


def look(stage: Stage, times: int = 1) -> None:
    """Have the region looked at."""
    operator = stage.as_(OPERATOR)
    for _ in range(times):
        operator.done(operator.post(f"/v1/regions/{REGION}/find-orphans", None, 202))


def orphans(stage: Stage, **query: Any) -> list[Document]:
    """Return what the operator sees."""
    items: list[Document] = stage.as_(OPERATOR).get("/v1/orphans", region=REGION, **query)["items"]
    return items


def alarms(stage: Stage) -> list[str]:
    """Return the alarms about orphans."""
    listed = stage.as_(OPERATOR).get("/v1/alarms")["items"]
    return [alarm["text"] for alarm in listed if alarm["kind"] == "orphans"]


def stray_volume(stage: Stage, token: str | None = None) -> str:
    """Make a volume behind Jinyun's back, as its own doubled request would have; return its id."""
    volume_id = new_id()
    (owned,) = stage.in_world("volume", "name = 'owned-free'")
    with stage.world.changing() as moment:
        moment.run(
            "INSERT INTO volume SELECT ?, project_id, ?, 'stray', 'available', size_gib, volume_type, array, created_at"
            " FROM volume WHERE id = ?",
            volume_id,
            token or f"jy-{new_id()}",
            owned["id"],
        )
    return volume_id


def clean(stage: Stage, orphan: Document) -> Document:
    """Have an orphan removed."""
    operation: Document = stage.as_(OPERATOR).post(f"/v1/orphans/{orphan['id']}/clean", None, 202)
    return operation


def test_what_jinyun_delivered_is_no_orphan(stage: Stage) -> None:
    look(stage, times=2)
    assert orphans(stage) == []
    assert alarms(stage) == []


def test_a_stray_volume_is_seen_confirmed_and_removed(stage: Stage) -> None:
    (owned,) = stage.in_world("volume", "name = 'owned-free'")
    volume_id = stray_volume(stage, token=owned["token"])
    look(stage)
    (seen,) = orphans(stage)
    assert (seen["state"], seen["kind"], seen["external_id"]) == ("seen", "volume", volume_id)
    assert seen["evidence"] == "volume available"
    assert stage.as_(OPERATOR).get(f"/v1/operations/{seen['operation_id']}")["kind"] == "deliver-volume"
    assert alarms(stage) == []
    stage.as_(OPERATOR).post(f"/v1/orphans/{seen['id']}/clean", None, 409)
    look(stage)
    (confirmed,) = orphans(stage, state="confirmed")
    assert alarms(stage) == [f"Things in {REGION} that belong to nobody: 1; see `jinyun orphan list`"]
    stage.as_(OPERATOR).done(clean(stage, confirmed))
    assert not stage.in_world("volume", "id = ?", volume_id)
    assert stage.in_world("volume", "id = ?", owned["id"])
    assert orphans(stage) == []
    assert alarms(stage) == []
    (gone,) = [each for each in orphans(stage, state="gone") if each["external_id"] == volume_id]
    refused = stage.as_(OPERATOR).post(f"/v1/orphans/{gone['id']}/clean", None, 409)
    assert refused["code"] == "orphan-not-confirmed"


def test_what_is_used_by_now_is_left_alone(stage: Stage) -> None:
    volume_id = stray_volume(stage)
    look(stage, times=2)
    (confirmed,) = orphans(stage, state="confirmed")
    with stage.world.changing() as moment:
        moment.run("UPDATE volume SET status = 'in_use' WHERE id = ?", volume_id)
    failed = stage.as_(OPERATOR).becomes(f"/v1/operations/{clean(stage, confirmed)['id']}", "state", "failed")
    assert failed["problem"]["code"] == "wrong-state"
    assert [each["state"] for each in orphans(stage)] == ["confirmed"]
    assert stage.in_world("volume", "id = ?", volume_id)


def test_a_server_and_its_port_go_one_after_the_other(stage: Stage) -> None:
    operator = stage.as_(OPERATOR)
    (server,) = stage.in_world("server", "name = 'owned-1'")
    server_id, port_id, token = new_id(), new_id(), f"jy-{new_id()}"
    with stage.world.changing() as moment:
        moment.run("CREATE TEMP TABLE copy AS SELECT * FROM server WHERE id = ?", server["id"])
        moment.run("UPDATE copy SET id = ?, token = ?, name = 'stray', host = NULL", server_id, token)
        moment.run("INSERT INTO server SELECT * FROM copy")
        moment.run("DROP TABLE copy")
        moment.run("CREATE TEMP TABLE copy AS SELECT * FROM port WHERE server_id = ?", server["id"])
        stray = (port_id, token, server_id)
        moment.run("UPDATE copy SET id = ?, token = ?, server_id = ?, name = 'stray', address = '10.20.14.250'", *stray)
        moment.run("INSERT INTO port SELECT * FROM copy")
        moment.run("DROP TABLE copy")
    look(stage, times=2)
    found = {each["kind"]: each for each in orphans(stage, state="confirmed")}
    assert {kind: each["external_id"] for kind, each in found.items()} == {"server": server_id, "port": port_id}
    failed = operator.becomes(f"/v1/operations/{clean(stage, found['port'])['id']}", "state", "failed")
    assert server_id in failed["problem"]["words"]
    operator.done(clean(stage, found["server"]))
    operator.done(clean(stage, found["port"]))
    assert not stage.in_world("server", "id = ? AND status <> 'deleted'", server_id)
    assert not stage.in_world("port", "id = ?", port_id)
    assert stage.in_world("server", "id = ? AND status = 'active'", server["id"])


def test_records_that_no_server_knows_are_removed_and_the_volume_stays(stage: Stage) -> None:
    (owned,) = stage.in_world("volume", "name = 'owned-free'")
    with stage.world.changing() as moment:
        moment.run("UPDATE volume SET status = 'in_use' WHERE id = ?", owned["id"])
        values = (new_id(), owned["id"], new_id())
        moment.run("INSERT INTO attachment VALUES (?, ?, ?, 'attached', '/dev/vdb', 0)", *values)
    look(stage, times=2)
    (confirmed,) = orphans(stage, state="confirmed")
    assert (confirmed["kind"], confirmed["external_id"]) == ("attachment", owned["id"])
    stage.as_(OPERATOR).done(clean(stage, confirmed))
    (freed,) = stage.in_world("volume", "id = ?", owned["id"])
    assert freed["status"] == "available"


def test_a_volume_that_nobody_uses_is_marked_as_free(stage: Stage) -> None:
    (owned,) = stage.in_world("volume", "name = 'owned-free'")
    with stage.world.changing() as moment:
        moment.run("UPDATE volume SET status = 'reserved' WHERE id = ?", owned["id"])
    look(stage, times=2)
    (confirmed,) = orphans(stage, state="confirmed")
    assert (confirmed["kind"], confirmed["external_id"]) == ("reservation", owned["id"])
    stage.as_(OPERATOR).done(clean(stage, confirmed))
    (freed,) = stage.in_world("volume", "id = ?", owned["id"])
    assert freed["status"] == "available"


def test_a_region_that_does_not_answer_changes_nothing(stage: Stage) -> None:
    stray_volume(stage)
    look(stage, times=2)
    set_fault(stage.world, "inventory.marked", FaultKind.BUSY, times=2)
    look(stage)
    assert [each["state"] for each in orphans(stage)] == ["confirmed"]


def test_only_operators_see_and_remove_orphans(stage: Stage) -> None:
    for login in (APPLICANT, AUDITOR):
        stage.as_(login).get("/v1/orphans", status=403)
        stage.as_(login).post(f"/v1/orphans/{new_id()}/clean", None, 403)
        stage.as_(login).post(f"/v1/regions/{REGION}/find-orphans", None, 403)
    stage.as_(OPERATOR).post(f"/v1/orphans/{new_id()}/clean", None, 404)
    stage.as_(OPERATOR).post("/v1/regions/nowhere/find-orphans", None, 404)
