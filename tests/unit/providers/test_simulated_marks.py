"""What is wrong with volumes in a simulated data centre is told, and set right."""

from pathlib import Path

import pytest

from jinyun.providers.base import MarkedKind, VolumeSpecification, VolumeStatus
from jinyun.providers.simulated.build import WorldOptions, build_world
from jinyun.providers.simulated.calls import Link
from jinyun.providers.simulated.inventory import SimulatedInventory
from jinyun.providers.simulated.storage import SimulatedBlockStorage
from jinyun.providers.simulated.world import World

PROJECT = "project-1"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return build_world(tmp_path / "world.db", WorldOptions(hosts=1, key_hosts=1))


@pytest.fixture
def storage(world: World) -> SimulatedBlockStorage:
    return SimulatedBlockStorage(Link(world, None, 5), PROJECT)


def faults(world: World) -> dict[MarkedKind, str]:
    marked = SimulatedInventory(Link(world, None, 5)).marked("jy-")
    return {thing.kind: thing.evidence for thing in marked if thing.kind is not MarkedKind.VOLUME}


def used_volume(world: World, storage: SimulatedBlockStorage) -> str:
    volume = storage.create(VolumeSpecification("v", 1, "general"), "jy-1")
    with world.changing() as moment:
        moment.run("DELETE FROM work")
        moment.run("UPDATE volume SET status = 'in_use'")
    return volume.id


def test_a_volume_that_nobody_uses_is_released(world: World, storage: SimulatedBlockStorage) -> None:
    volume_id = used_volume(world, storage)
    assert faults(world) == {MarkedKind.RESERVATION: "volume in_use without attachment"}
    assert storage.release(volume_id) is True
    assert faults(world) == {}
    volume = storage.get(volume_id)
    assert volume is not None
    assert volume.status is VolumeStatus.AVAILABLE


def test_an_attachment_that_no_server_knows_is_told(world: World, storage: SimulatedBlockStorage) -> None:
    volume_id = used_volume(world, storage)
    with world.changing() as moment:
        moment.run("INSERT INTO attachment VALUES ('a-1', ?, 's-1', 'attached', '/dev/vdb', 0)", volume_id)
    assert faults(world) == {MarkedKind.ATTACHMENT: "attachment a-1 attached, unknown to server s-1"}
    assert storage.release(volume_id) is False
    assert storage.clean_orphaned_attachments(volume_id) == 1
    assert faults(world) == {}
