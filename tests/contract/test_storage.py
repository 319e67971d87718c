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
    made = {volume.id: volume for volume in (workshop.volume(token), workshop.volume(token))}
    kept = workshop.storage.find_by_token(token)
    assert kept is not None
    assert made.pop(kept.id) == kept == workshop.storage.find_by_token(token)
    assert workshop.storage.sweep_duplicates(token, keep=kept.id) == 1
    (gone,) = made
    workshop.wait(lambda: workshop.storage.get(gone), lambda seen: seen is None)
    assert workshop.storage.sweep_duplicates(token, keep=kept.id) == 0
    assert workshop.storage.get(kept.id) == kept


def test_a_volume_without_orphans_needs_no_cleaning(workshop: Workshop) -> None:
    assert workshop.storage.clean_orphaned_attachments(workshop.volume().id) == 0
