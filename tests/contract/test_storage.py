import pytest

from jinyun.kit.ids import new_id
from jinyun.providers.base import SnapshotStatus, VolumeSpecification, VolumeStatus
from jinyun.providers.errors import Missing, Refused
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


def test_a_volume_grows_and_never_shrinks(workshop: Workshop) -> None:
    volume = workshop.volume()
    workshop.storage.extend(volume.id, 2)
    grown = workshop.wait(
        lambda: workshop.storage.get(volume.id), lambda seen: seen is None or seen.status is not VolumeStatus.RESERVED
    )
    assert grown is not None
    assert (grown.size_gib, grown.status) == (2, VolumeStatus.AVAILABLE)
    with pytest.raises(Refused):
        workshop.storage.extend(volume.id, 1)
    with pytest.raises(Missing):
        workshop.storage.extend(new_id(), 2)


def test_a_snapshot_is_found_by_its_token_and_keeps_its_volume(workshop: Workshop) -> None:
    volume, token = workshop.volume(), new_id()
    assert workshop.snapshots.find_by_token(token) is None
    snapshot = workshop.snapshot(volume, token)
    assert (snapshot.status, snapshot.volume_id, snapshot.size_gib) == (SnapshotStatus.AVAILABLE, volume.id, 1)
    assert workshop.snapshots.find_by_token(token) == snapshot
    with pytest.raises(Refused):
        workshop.storage.delete(volume.id)
    workshop.remove_snapshot(snapshot.id)
    workshop.remove_snapshot(snapshot.id)
    assert workshop.snapshots.get(snapshot.id) is None
    workshop.remove_volume(volume.id)


def test_a_volume_is_made_from_a_snapshot(workshop: Workshop) -> None:
    snapshot = workshop.snapshot(workshop.volume())
    wish = VolumeSpecification("contract", 2, "general", snapshot.id)
    made = workshop.storage.create(wish, new_id())
    workshop.at_the_end(lambda: workshop.remove_volume(made.id))
    copy = workshop.wait(
        lambda: workshop.storage.get(made.id), lambda seen: seen is None or seen.status is not VolumeStatus.CREATING
    )
    assert copy is not None
    assert (copy.status, copy.size_gib) == (VolumeStatus.AVAILABLE, 2)


def test_a_snapshot_needs_a_volume(workshop: Workshop) -> None:
    with pytest.raises(Missing):
        workshop.snapshots.create(new_id(), "contract", new_id())


def test_duplicates_of_a_snapshot_are_swept(workshop: Workshop) -> None:
    volume, token = workshop.volume(), new_id()
    made = {snapshot.id for snapshot in (workshop.snapshot(volume, token), workshop.snapshot(volume, token))}
    kept = workshop.snapshots.find_by_token(token)
    assert kept is not None
    assert workshop.snapshots.sweep_duplicates(token, keep=kept.id) == 1
    (gone,) = made - {kept.id}
    workshop.wait(lambda: workshop.snapshots.get(gone), lambda seen: seen is None)
    assert workshop.snapshots.get(kept.id) == kept
