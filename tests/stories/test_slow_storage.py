"""Storage that takes its time: a server is built meanwhile, and nothing is lost when it then cannot be."""

from collections.abc import Iterator

import pytest

from jinyun.providers.simulated.faults import FaultKind, clear_faults, set_fault, set_pace
from jinyun.providers.simulated.journal import journal
from tests.api import APPLICANT
from tests.stories.stage import Stage, a_server

SLOW_SECONDS = 2.0
VOLUME = {"tier": "general", "size_gib": 1}


@pytest.fixture(autouse=True)
def slow(stage: Stage) -> Iterator[None]:
    """Let every volume take its time; afterwards the data centre is as before."""
    set_pace(stage.world, "volume.create", call_seconds=0, work_seconds=SLOW_SECONDS)
    yield
    set_pace(stage.world, "volume.create", call_seconds=0, work_seconds=0.02)
    clear_faults(stage.world)


def test_a_server_is_built_while_its_volumes_are_made(stage: Stage) -> None:
    order = stage.deliver(APPLICANT, a_server("meanwhile-1", VOLUME, VOLUME))
    operation = stage.as_(APPLICANT).get(f"/v1/operations/{order['items'][0]['operation_id']}")
    steps = {step["name"]: step for step in operation["steps"]}
    ready = [step for name, step in steps.items() if name.startswith("volume-ready:")]
    assert len(ready) == 2
    assert all(steps["server"]["ended_at"] < step["ended_at"] for step in ready)
    volumes = stage.as_(APPLICANT).get("/v1/servers", hostname="meanwhile-1")["items"]
    assert stage.as_(APPLICANT).get(f"/v1/servers/{volumes[0]['id']}")["volumes"][1]["device"]


def test_a_volume_that_is_being_made_is_deleted_once_it_is_there(stage: Stage) -> None:
    set_fault(stage.world, "server.create", FaultKind.HALF_CREATED)
    order = stage.approved(APPLICANT, a_server("meanwhile-2", VOLUME))
    applicant = stage.as_(APPLICANT)
    applicant.becomes(f"/v1/operations/{order['items'][0]['operation_id']}", "state", "failed")
    assert stage.nothing_left_of("meanwhile-2")
    assert stage.nothing_is_held()


def test_a_volume_that_fails_takes_its_server_with_it(stage: Stage) -> None:
    set_fault(stage.world, "volume.create", FaultKind.HALF_CREATED)
    order = stage.approved(APPLICANT, a_server("meanwhile-3", VOLUME))
    applicant = stage.as_(APPLICANT)
    failed = applicant.becomes(f"/v1/operations/{order['items'][0]['operation_id']}", "state", "failed")
    assert failed["problem"]["step"].startswith("volume-ready:")
    assert stage.nothing_left_of("meanwhile-3")
    assert stage.nothing_is_held()


@pytest.mark.parametrize(("kind", "made"), [(FaultKind.DOUBLED, 2), (FaultKind.TIMEOUT_AFTER, 1)])
def test_what_was_made_twice_is_kept_once(stage: Stage, kind: FaultKind, made: int) -> None:
    hostname = f"meanwhile-{kind.value}"
    set_fault(stage.world, "volume.create", kind, times=1)
    stage.deliver(APPLICANT, a_server(hostname, VOLUME))
    (kept,) = stage.in_world("volume", "name LIKE ? AND status != 'deleting'", f"{hostname}%")
    assert len(journal(stage.world, verb="volume.create", token=kept["token"])) == made
