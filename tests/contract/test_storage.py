import pytest

from jinyun.kit.ids import new_id
from jinyun.providers.base import VolumeSpecification
from jinyun.providers.errors import Missing
from tests.contract.site import Workshop


def test_a_volume_is_found_by_its_token(workshop: Workshop) -> None:
    token = new_id()
    assert workshop.storage.find_by_token(token) is None
    volume = workshop.volume(token, kind="high")
    assert (volume.size_gib, volume.volume_type, volume.server_ids, volume.token) == (1, "high", (), token)
    assert workshop.storage.find_by_token(token) == volume


def test_an_unknown_volume_type_is_missing(workshop: Workshop) -> None:
    with pytest.raises(Missing):
        workshop.storage.create(VolumeSpecification("contract", 1, "platinum"), new_id())


def test_deleting_a_volume_twice_is_fine(workshop: Workshop) -> None:
    volume = workshop.volume()
    workshop.remove_volume(volume.id)
    workshop.remove_volume(volume.id)
    assert workshop.storage.get(volume.id) is None


def test_duplicates_of_a_repeated_request_are_swept(workshop: Workshop) -> None:
    token = new_id()
    first = workshop.volume(token)
    second = workshop.volume(token)
    assert workshop.storage.find_by_token(token) == first
    assert workshop.storage.sweep_duplicates(token, keep=first.id) == 1
    workshop.wait(lambda: workshop.storage.get(second.id), lambda seen: seen is None)
    assert workshop.storage.sweep_duplicates(token, keep=first.id) == 0
    assert workshop.storage.get(first.id) == first


def test_a_volume_without_orphans_needs_no_cleaning(workshop: Workshop) -> None:
    assert workshop.storage.clean_orphaned_attachments(workshop.volume().id) == 0
