from itertools import pairwise

import pytest

from jinyun.kit.ids import new_id
from jinyun.providers.base import AttachmentVerdict, VolumeStatus
from jinyun.providers.errors import Refused, Transient
from jinyun.providers.simulated.faults import set_array
from jinyun.providers.simulated.journal import journal
from tests.contract.waiting import wait_until
from tests.unit.providers.tenant import Tenant


def pairs(tenant: Tenant, number: int) -> list[tuple[str, str]]:
    """Return ids of servers, each with a volume to go onto it."""
    return [
        (
            tenant.scope.compute.create(tenant.wish(), new_id()).id,
            tenant.scope.storage.create(tenant.volume_wish(), new_id()).id,
        )
        for _ in range(number)
    ]


def verdict(tenant: Tenant, pair: tuple[str, str]) -> AttachmentVerdict:
    return tenant.scope.compute.attachment(*pair).verdict


def test_an_array_maps_one_volume_after_another(tenant: Tenant) -> None:
    storm = pairs(tenant, 5)
    set_array(tenant.world, "san-general", seconds=0.05)
    for pair in storm:
        tenant.scope.compute.attach_volume(*pair)
    assert verdict(tenant, storm[-1]) is AttachmentVerdict.UNDER_WAY
    wait_until(lambda: verdict(tenant, storm[-1]), lambda seen: seen is AttachmentVerdict.ATTACHED, within=5)
    times = [effect.at.timestamp() for effect in journal(tenant.world, verb="array.map")]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) == 5
    assert all(gap == pytest.approx(0.05, abs=0.005) for gap in gaps)


def test_each_attachment_is_mapped_and_unmapped_once(tenant: Tenant) -> None:
    (pair,) = pairs(tenant, 1)
    set_array(tenant.world, "san-general", seconds=0)
    tenant.scope.compute.attach_volume(*pair)
    tenant.scope.compute.detach_volume(*pair)
    assert verdict(tenant, pair) is AttachmentVerdict.DETACHED
    verbs = [effect.verb for effect in journal(tenant.world, object_id=pair[1])]
    assert verbs == ["volume.create", "server.attach-volume", "array.map", "server.detach-volume", "array.unmap"]


def test_an_attachment_that_waits_too_long_becomes_an_orphan(tenant: Tenant) -> None:
    storm = pairs(tenant, 2)
    set_array(tenant.world, "san-general", seconds=0.03, patience_seconds=0.04)
    for pair in storm:
        tenant.scope.compute.attach_volume(*pair)
    orphan = storm[1]
    wait_until(lambda: verdict(tenant, orphan), lambda seen: seen is AttachmentVerdict.ORPHANED, within=5)
    with pytest.raises(Refused):
        tenant.scope.compute.attach_volume(*orphan)
    assert tenant.scope.storage.clean_orphaned_attachments(orphan[1]) == 1
    assert verdict(tenant, orphan) is AttachmentVerdict.DETACHED
    volume = tenant.scope.storage.get(orphan[1])
    assert volume is not None
    assert volume.status is VolumeStatus.AVAILABLE
    wait_until(lambda: len(journal(tenant.world, verb="array.map")), lambda mapped: mapped == 2, within=5)


def test_a_change_under_way_is_waited_for(tenant: Tenant) -> None:
    (pair,) = pairs(tenant, 1)
    set_array(tenant.world, "san-general", seconds=60)
    tenant.scope.compute.attach_volume(*pair)
    with pytest.raises(Transient):
        tenant.scope.compute.detach_volume(*pair)


def test_deleting_a_server_forgets_what_was_under_way(tenant: Tenant) -> None:
    (pair,) = pairs(tenant, 1)
    set_array(tenant.world, "san-general", seconds=60)
    tenant.scope.compute.attach_volume(*pair)
    tenant.scope.compute.delete(pair[0])
    wait_until(lambda: tenant.scope.compute.get(pair[0]), lambda seen: seen is None, within=5)
    volume = tenant.scope.storage.get(pair[1])
    assert volume is not None
    assert volume.status is VolumeStatus.AVAILABLE
