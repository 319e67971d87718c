import pytest

from jinyun.kit.ids import new_id
from jinyun.providers.base import AttachmentVerdict, Server, Volume, VolumeStatus
from jinyun.providers.errors import Missing, Refused
from tests.contract.site import Workshop


@pytest.fixture(scope="module")
def server(workshop: Workshop) -> Server:
    return workshop.server()


@pytest.fixture
def volume(workshop: Workshop) -> Volume:
    return workshop.volume()


def verdict(workshop: Workshop, server: Server, volume: Volume) -> AttachmentVerdict:
    return workshop.compute.attachment(server.id, volume.id).verdict


def attach(workshop: Workshop, server: Server, volume: Volume) -> None:
    workshop.at_the_end(lambda: detach(workshop, server, volume))
    workshop.compute.attach_volume(server.id, volume.id)
    workshop.wait(lambda: verdict(workshop, server, volume), lambda seen: seen is AttachmentVerdict.ATTACHED)


def detach(workshop: Workshop, server: Server, volume: Volume) -> None:
    workshop.wait(lambda: verdict(workshop, server, volume), lambda seen: seen is not AttachmentVerdict.UNDER_WAY)
    workshop.compute.detach_volume(server.id, volume.id)
    workshop.wait(lambda: verdict(workshop, server, volume), lambda seen: seen is AttachmentVerdict.DETACHED)


def test_a_volume_goes_onto_a_server_and_off_again(workshop: Workshop, server: Server, volume: Volume) -> None:
    assert verdict(workshop, server, volume) is AttachmentVerdict.DETACHED
    attach(workshop, server, volume)
    attachment = workshop.compute.attachment(server.id, volume.id)
    assert attachment.verdict is AttachmentVerdict.ATTACHED
    assert attachment.device
    assert attachment.device.startswith("/dev/")
    held = workshop.storage.get(volume.id)
    assert held is not None
    assert (held.status, held.server_ids) == (VolumeStatus.IN_USE, (server.id,))
    detach(workshop, server, volume)
    assert verdict(workshop, server, volume) is AttachmentVerdict.DETACHED
    workshop.compute.detach_volume(server.id, volume.id)
    assert workshop.storage.get(volume.id) == volume


def test_what_is_attached_is_neither_attached_again_nor_deleted(
    workshop: Workshop, server: Server, volume: Volume
) -> None:
    attach(workshop, server, volume)
    with pytest.raises(Refused) as caught:
        workshop.compute.attach_volume(server.id, volume.id)
    assert caught.value.code == "wrong-state"
    with pytest.raises(Refused) as caught:
        workshop.storage.delete(volume.id)
    assert caught.value.code == "wrong-state"
    assert verdict(workshop, server, volume) is AttachmentVerdict.ATTACHED


def test_a_deleted_server_lets_go_of_its_volumes(workshop: Workshop, volume: Volume) -> None:
    server = workshop.server()
    attach(workshop, server, volume)
    workshop.remove_server(server.id)
    freed = workshop.wait(
        lambda: workshop.storage.get(volume.id), lambda seen: seen is None or seen.status is VolumeStatus.AVAILABLE
    )
    assert freed == volume
    assert verdict(workshop, server, volume) is AttachmentVerdict.DETACHED


def test_a_missing_volume_or_server_is_named(workshop: Workshop, server: Server, volume: Volume) -> None:
    with pytest.raises(Missing):
        workshop.compute.attach_volume(server.id, new_id())
    with pytest.raises(Missing):
        workshop.compute.attach_volume(new_id(), volume.id)
    workshop.compute.detach_volume(server.id, new_id())
    assert workshop.compute.attachment(server.id, new_id()).verdict is AttachmentVerdict.DETACHED
