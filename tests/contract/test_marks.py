"""What bears a token is found again in the region as a whole, by whoever knows only how its tokens begin."""

import pytest

from jinyun.kit.ids import new_id
from jinyun.providers.base import MarkedKind
from tests.contract.site import Site, Workshop


@pytest.fixture
def prefix() -> str:
    """How the tokens of one test begin."""
    return f"mark-{new_id()[-12:]}"


def test_what_bears_a_token_is_found_in_all_projects(
    site: Site, workshop: Workshop, project_id: str, prefix: str
) -> None:
    volume = workshop.volume(f"{prefix}-1")
    port = workshop.port(f"{prefix}-2")
    workshop.volume(f"other-{prefix}")
    marked = {thing.kind: thing for thing in site.region.inventory.marked(prefix)}
    assert set(marked) == {MarkedKind.VOLUME, MarkedKind.PORT}
    seen = marked[MarkedKind.VOLUME]
    assert (seen.id, seen.name, seen.token, seen.project_id) == (volume.id, "contract", f"{prefix}-1", project_id)
    assert seen.created_at is not None
    assert seen.evidence == "volume available"
    assert (marked[MarkedKind.PORT].id, marked[MarkedKind.PORT].project_id) == (port.id, project_id)
    assert port.address in marked[MarkedKind.PORT].evidence


def test_a_server_is_found_until_it_is_gone(site: Site, workshop: Workshop, project_id: str, prefix: str) -> None:
    server = workshop.server(token=f"{prefix}-1")
    (seen,) = site.region.inventory.marked(prefix)
    assert (seen.kind, seen.id, seen.project_id) == (MarkedKind.SERVER, server.id, project_id)
    assert server.host is not None and server.host in seen.evidence
    workshop.remove_server(server.id)
    assert site.region.inventory.marked(prefix) == []


def test_nothing_is_wrong_with_a_volume_that_its_server_knows(site: Site, workshop: Workshop, prefix: str) -> None:
    server, volume = workshop.server(), workshop.volume(f"{prefix}-1")
    workshop.compute.attach_volume(server.id, volume.id)
    workshop.wait(
        lambda: workshop.compute.attachment(server.id, volume.id).verdict.value, lambda seen: seen == "attached"
    )
    assert [thing.kind for thing in site.region.inventory.marked(prefix)] == [MarkedKind.VOLUME]
    assert workshop.storage.release(volume.id) is False
    assert workshop.storage.clean_orphaned_attachments(volume.id) == 0
    workshop.compute.detach_volume(server.id, volume.id)
    workshop.wait(lambda: workshop.storage.get(volume.id), lambda seen: seen == volume)


def test_a_free_volume_and_a_missing_one_need_no_release(workshop: Workshop) -> None:
    assert workshop.storage.release(workshop.volume().id) is False
    assert workshop.storage.release(new_id()) is False


def test_a_port_is_read_by_its_id(workshop: Workshop) -> None:
    port = workshop.port()
    assert workshop.networking.get_port(port.id) == port
    workshop.networking.delete_port(port.id)
    assert workshop.networking.get_port(port.id) is None
