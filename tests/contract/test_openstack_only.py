"""What only a real cloud can get into; the rest of the contract runs on every region."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from jinyun.kit.ids import new_id
from jinyun.providers.base import AttachmentVerdict, MarkedKind, ServerStatus, VolumeStatus
from jinyun.providers.openstack.api import BLOCK_STORAGE, COMPUTE, Api
from jinyun.providers.openstack.region import sign_in
from tests.contract.conftest import openstack_site
from tests.contract.site import Site, Workshop, free_addresses

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def lab() -> Site:
    return openstack_site()


@pytest.fixture(scope="module")
def lab_project(lab: Site) -> str:
    return lab.region.tenancy.ensure_project("jinyun-contract", "made by the contract tests")


@pytest.fixture(scope="module")
def workshop(lab: Site, lab_project: str) -> Iterator[Workshop]:
    made = Workshop(lab, lab_project, free_addresses("10.20.4.1"))
    yield made
    made.close()


@pytest.fixture
def impossible_flavor(lab: Site) -> Iterator[str]:
    """A flavor that no host has room for."""
    compute = Api(sign_in(lab.connection), COMPUTE)
    wish = {"name": f"contract-{new_id()}", "vcpus": 4000, "ram": 128, "disk": 1}
    flavor_id = compute.post("/flavors", {"flavor": wish})["flavor"]["id"]
    yield flavor_id
    compute.delete(f"/flavors/{flavor_id}")


def test_an_orphan_is_seen_and_cleaned_and_the_volume_can_be_attached(
    lab: Site, lab_project: str, workshop: Workshop
) -> None:
    server, volume = workshop.server(), workshop.volume()
    storage = Api(sign_in(lab.connection).connect_as(project_id=lab_project), BLOCK_STORAGE)
    storage.post("/attachments", {"attachment": {"volume_uuid": volume.id, "instance_uuid": server.id}})

    def verdict() -> AttachmentVerdict:
        return workshop.compute.attachment(server.id, volume.id).verdict

    assert verdict() is AttachmentVerdict.ORPHANED
    assert workshop.storage.clean_orphaned_attachments(volume.id) == 1
    freed = workshop.storage.get(volume.id)
    assert freed is not None
    assert freed.status is VolumeStatus.AVAILABLE
    workshop.compute.attach_volume(server.id, volume.id)
    workshop.wait(verdict, lambda seen: seen is AttachmentVerdict.ATTACHED)
    assert workshop.storage.clean_orphaned_attachments(volume.id) == 0
    workshop.compute.detach_volume(server.id, volume.id)
    workshop.wait(verdict, lambda seen: seen is AttachmentVerdict.DETACHED)


def test_what_is_wrong_with_a_volume_is_found_and_set_right(lab: Site, lab_project: str, workshop: Workshop) -> None:
    prefix = f"mark-{new_id()[-12:]}"
    volume = workshop.volume(f"{prefix}-1")
    storage = Api(sign_in(lab.connection).connect_as(project_id=lab_project), BLOCK_STORAGE)

    def faults() -> list[MarkedKind]:
        return [thing.kind for thing in lab.region.inventory.marked(prefix) if thing.kind is not MarkedKind.VOLUME]

    storage.post("/attachments", {"attachment": {"volume_uuid": volume.id, "instance_uuid": str(uuid4())}})
    assert faults() == [MarkedKind.ATTACHMENT]
    assert workshop.storage.release(volume.id) is False
    assert workshop.storage.clean_orphaned_attachments(volume.id) == 1
    storage.post(f"/volumes/{volume.id}/action", {"os-reset_status": {"status": "attaching"}})
    assert faults() == [MarkedKind.RESERVATION]
    assert workshop.storage.release(volume.id) is True
    assert faults() == []
    assert workshop.storage.get(volume.id) == volume


def test_a_resize_without_a_host_leaves_the_server_as_it_was_and_tells_why(
    workshop: Workshop, impossible_flavor: str
) -> None:
    server = workshop.server()
    assert workshop.compute.last_failure(server.id) is None
    workshop.compute.resize(server.id, impossible_flavor)
    kept = workshop.at_rest(server.id)
    assert (kept.status, kept.flavor_id, kept.fault) == (ServerStatus.ACTIVE, server.flavor_id, None)
    assert "No valid host" in (workshop.compute.last_failure(server.id) or "")
