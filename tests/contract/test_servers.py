from collections.abc import Iterator
from dataclasses import replace

import pytest
from websockets import Origin, Subprotocol
from websockets.sync.client import connect

from jinyun.kit.ids import new_id
from jinyun.providers.base import Server, ServerSpecification, ServerStatus
from jinyun.providers.errors import Missing, Refused
from jinyun.providers.refusals import refusal_from_fault
from tests.contract.site import Site, Workshop


@pytest.fixture(scope="module")
def server(workshop: Workshop) -> Server:
    return workshop.server(token="contract-" + new_id())


def refusal_of(workshop: Workshop, wish: ServerSpecification) -> Refused:
    """Return why a server cannot be: said at once, or found out on the way."""
    try:
        failed = workshop.server(wish)
    except Refused as refusal:
        return refusal
    assert failed.status is ServerStatus.ERROR
    return refusal_from_fault(failed)


def test_a_server_comes_to_life_where_it_was_asked_for(site: Site, workshop: Workshop) -> None:
    port = workshop.port()
    token = new_id()
    assert workshop.compute.find_by_token(token) is None
    server = workshop.server(workshop.wish(port), token)
    assert server.status is ServerStatus.ACTIVE
    assert (server.zone, server.addresses, server.token) == (site.zone, (port.address,), token)
    assert server.flavor_id == site.flavor_id("m1.nano")
    assert server.host in {host.name for host in site.region.inventory.hosts()}
    assert server.created_at is not None
    assert server.created_at.tzinfo is not None
    assert server.fault is None
    assert workshop.compute.last_failure(server.id) is None
    assert workshop.compute.find_by_token(token) == server
    assert workshop.compute.find_by_token("another-" + token, port_id=port.id) == server
    held = workshop.networking.find_port(port.network_id, port.address)
    assert held is not None
    assert held.device_id == server.id


def test_a_server_is_built_on_the_host_that_was_chosen(workshop: Workshop) -> None:
    chosen = workshop.server().host
    server = workshop.server(replace(workshop.wish(workshop.port()), host=chosen))
    assert (server.status, server.host) == (ServerStatus.ACTIVE, chosen)


def test_a_port_takes_one_server(workshop: Workshop, server: Server) -> None:
    port = workshop.port()
    first = workshop.server(workshop.wish(port))
    assert refusal_of(workshop, workshop.wish(port)).code == "address-in-use"
    found = workshop.compute.find_by_token(new_id(), port_id=port.id)
    assert found is not None
    assert found.id == first.id


def test_power_goes_off_and_on(workshop: Workshop, server: Server) -> None:
    with pytest.raises(Refused) as caught:
        workshop.compute.start(server.id)
    assert caught.value.code == "wrong-state"
    workshop.compute.stop(server.id)
    assert workshop.at_rest(server.id).status is ServerStatus.STOPPED
    with pytest.raises(Refused) as caught:
        workshop.compute.stop(server.id)
    assert caught.value.code == "wrong-state"
    workshop.compute.start(server.id)
    assert workshop.at_rest(server.id).status is ServerStatus.ACTIVE


@pytest.mark.parametrize("hard", [False, True])
def test_a_reboot_ends_active(workshop: Workshop, server: Server, hard: bool) -> None:
    workshop.compute.reboot(server.id, hard=hard)
    assert workshop.at_rest(server.id).status is ServerStatus.ACTIVE


def test_a_resize_waits_to_be_kept_or_taken_back(site: Site, workshop: Workshop) -> None:
    server = workshop.server()
    small, medium = site.flavor_id("m1.nano"), site.flavor_id("m1.medium")
    workshop.compute.resize(server.id, medium)
    assert workshop.at_rest(server.id).status is ServerStatus.RESIZED
    workshop.compute.revert_resize(server.id)
    back = workshop.at_rest(server.id)
    assert (back.status, back.flavor_id) == (ServerStatus.ACTIVE, small)
    with pytest.raises(Refused) as caught:
        workshop.compute.confirm_resize(server.id)
    assert caught.value.code == "wrong-state"
    workshop.compute.resize(server.id, medium)
    assert workshop.at_rest(server.id).status is ServerStatus.RESIZED
    workshop.compute.confirm_resize(server.id)
    bigger = workshop.wait(lambda: workshop.at_rest(server.id), lambda seen: seen.status is not ServerStatus.RESIZED)
    assert (bigger.status, bigger.flavor_id) == (ServerStatus.ACTIVE, medium)


def test_a_deleted_server_leaves_its_port_behind(workshop: Workshop) -> None:
    token = new_id()
    port = workshop.port()
    server = workshop.server(workshop.wish(port), token)
    workshop.remove_server(server.id)
    workshop.compute.delete(server.id)
    assert workshop.compute.get(server.id) is None
    assert workshop.compute.find_by_token(token, port_id=port.id) is None
    assert workshop.networking.find_port(port.network_id, port.address) == port


def test_a_server_that_does_not_exist_is_missing(workshop: Workshop) -> None:
    assert workshop.compute.get(new_id()) is None
    workshop.compute.delete(new_id())
    for verb in (workshop.compute.start, workshop.compute.stop, workshop.compute.confirm_resize):
        with pytest.raises(Missing):
            verb(new_id())


def test_an_impossible_zone_finds_no_host(workshop: Workshop) -> None:
    nowhere = replace(workshop.wish(workshop.port()), zone="az-nowhere")
    assert refusal_of(workshop, nowhere).code == "no-host-available"


def test_what_a_server_is_made_of_must_exist(workshop: Workshop) -> None:
    wish = workshop.wish(workshop.port())
    for impossible in (replace(wish, flavor_id=new_id()), replace(wish, image_id=new_id())):
        with pytest.raises(Missing):
            workshop.compute.create(impossible, new_id())


def test_an_image_must_fit_on_the_disk(site: Site, workshop: Workshop) -> None:
    wish = workshop.wish(workshop.port(), image="jinyun-linux-large")
    assert refusal_of(workshop, replace(wish, zone=site.real_zone)).code == "image-too-large"


@pytest.fixture(scope="module")
def real_server(site: Site, workshop: Workshop) -> Server:
    return workshop.server(replace(workshop.wish(workshop.port()), zone=site.real_zone, name="contract-real"))


def test_a_real_server_writes_a_console_log(workshop: Workshop, real_server: Server) -> None:
    log = workshop.wait(lambda: workshop.compute.console_log(real_server.id, 200), lambda log: real_server.name in log)
    assert len(workshop.compute.console_log(real_server.id, 2).splitlines()) <= 2 < len(log.splitlines())


def test_a_screen_speaks_rfb_or_is_not_offered(workshop: Workshop, real_server: Server) -> None:
    try:
        screen = workshop.compute.console(real_server.id)
    except Refused as refusal:
        assert refusal.code == "not-offered"
        return
    origin = Origin(screen.origin) if screen.origin else None
    subprotocols = [Subprotocol(name) for name in screen.subprotocols]
    with connect(screen.url, origin=origin, subprotocols=subprotocols, proxy=None) as websocket:
        assert bytes(websocket.recv(timeout=10, decode=False)).startswith(b"RFB 003.")


@pytest.fixture
def closed(site: Site, workshop: Workshop) -> Iterator[Server]:
    """A server on a host that takes no new ones."""
    server = workshop.server()
    assert server.host is not None
    for _ in range(2):
        site.region.hosts.close(server.host, "contract tests")
    yield server
    site.region.hosts.open(server.host)
    assert is_enabled(site, server.host)


def is_enabled(site: Site, name: str) -> bool:
    return next(host.enabled for host in site.region.inventory.hosts() if host.name == name)


def test_a_closed_host_keeps_what_it_has(site: Site, workshop: Workshop, closed: Server) -> None:
    assert closed.host is not None
    assert not is_enabled(site, closed.host)
    assert closed.id in {each.id for each in site.region.hosts.servers_on(closed.host)}
    assert workshop.at_rest(closed.id).status is ServerStatus.ACTIVE


def test_a_running_server_moves_to_another_host(site: Site, workshop: Workshop, closed: Server) -> None:
    assert closed.host is not None
    pools = [pool.host_names for pool in site.region.inventory.pools() if closed.host in pool.host_names]
    names = {name for members in pools for name in members}
    open_ones = [host.name for host in site.region.inventory.hosts() if host.name in names and host.up and host.enabled]
    if not open_ones:
        pytest.skip("one compute service has all hosts of the pool")
    workshop.compute.migrate(closed.id, open_ones[0])
    moved = workshop.at_rest(closed.id)
    assert (moved.status, moved.host) == (ServerStatus.ACTIVE, open_ones[0])
    assert closed.id not in {each.id for each in site.region.hosts.servers_on(closed.host)}


def test_a_host_that_does_not_exist_is_missing(site: Site) -> None:
    for act in (site.region.hosts.open, lambda name: site.region.hosts.close(name, "contract tests")):
        with pytest.raises(Missing):
            act("no-such-host")
