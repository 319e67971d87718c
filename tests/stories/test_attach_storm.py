"""Many volumes at once on an array that maps one at a time and forgets who waits too long: none refused, none lost."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from jinyun.providers.simulated.faults import set_array
from jinyun.providers.simulated.journal import journal
from tests.api import APPLICANT
from tests.stories.stage import Stage, a_server, a_volume
from tests.together import at_once

ARRAY = "san-low"
SERVERS, VOLUMES_EACH = 2, 4
MAP_SECONDS = 0.2
PATIENCE_SECONDS = 0.7
"""Three in the array's queue are one too many."""


@pytest.fixture(autouse=True)
def slow_array(stage: Stage) -> Iterator[None]:
    """Let the array take its time; afterwards it is as before."""
    yield
    set_array(stage.world, ARRAY, seconds=0.0)


def test_volumes_of_a_server_come_and_go_side_by_side(stage: Stage) -> None:
    names = [f"storm-{number}" for number in range(SERVERS)]
    disks = [f"storm-disk-{number}" for number in range(SERVERS * VOLUMES_EACH)]
    stage.deliver(APPLICANT, *map(a_server, names), *(a_volume(name, tier="low") for name in disks))
    applicant = stage.as_(APPLICANT)
    servers = [server["id"] for server in applicant.get("/v1/servers", hostname="storm-")["items"]]
    volumes = [volume["id"] for volume in applicant.all_of("/v1/volumes") if volume["name"] in disks]
    pairs = [(servers[number % SERVERS], volume) for number, volume in enumerate(volumes)]
    set_array(stage.world, ARRAY, seconds=MAP_SECONDS, patience_seconds=PATIENCE_SECONDS)

    def attach(number: int) -> dict[str, Any]:
        server, volume = pairs[number]
        asked: dict[str, Any] = stage.as_(APPLICANT).post(f"/v1/servers/{server}/volumes", {"volume_id": volume}, 202)
        return asked

    def detach(number: int) -> dict[str, Any]:
        server, volume = pairs[number]
        asked: dict[str, Any] = stage.as_(APPLICANT).send("DELETE", f"/v1/servers/{server}/volumes/{volume}", None, 202)
        return asked

    attaching = at_once(len(pairs), attach)
    busy = applicant.post(f"/v1/servers/{servers[0]}/stop", None, 409)
    assert busy["code"] == "subject-busy"
    twice = applicant.send("DELETE", f"/v1/servers/{servers[1]}/volumes/{pairs[-1][1]}", None, 409)
    assert twice["code"] in {"not-attached", "subject-busy"}
    for operation in attaching:
        assert isinstance(operation, dict), operation
        applicant.done(operation)
    assert [len(applicant.get(f"/v1/servers/{server}")["volumes"]) for server in servers] == [VOLUMES_EACH] * SERVERS
    assert done_to(stage, volumes, "array.map") == [1] * len(volumes)

    for operation in at_once(len(pairs), detach):
        assert isinstance(operation, dict), operation
        applicant.done(operation)
    assert {applicant.get(f"/v1/volumes/{volume}")["state"] for volume in volumes} == {"available"}
    assert done_to(stage, volumes, "array.unmap") == [1] * len(volumes)
    applicant.done(applicant.post(f"/v1/servers/{servers[0]}/stop", None, 202))


def done_to(stage: Stage, volumes: list[str], verb: str) -> list[int]:
    """Return how often the array did this, for each volume that it did it to."""
    counts = Counter(effect.object_id for effect in journal(stage.world, verb=verb))
    made = [row["id"] for row in stage.in_world("volume", "name LIKE 'storm-disk-%'")]
    assert len(made) == len(volumes)
    return [counts[each] for each in made]
