"""One real server from its order to its end; each test leaves it running, the last one purges it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from jinyun.cli.client import Document
from jinyun.kit.database import Database
from tests.contract.waiting import wait_until
from tests.lab.accounts import Books, books_of, counted, hold_states
from tests.lab.cloud import Cloud
from tests.lab.desk import Desk, a_server
from tests.lab.guest import Guest, make_key
from tests.lab.installation import NETWORK, OPERATOR, client

pytestmark = pytest.mark.lab

NO_GOOD = 4403
USER_DATA = "#!/bin/sh\necho ran as $(hostname) > /root/user-data-ran\n"
WRITE = "mkfs.ext4 -q -F /dev/vdb && mount /dev/vdb /mnt && echo kept > /mnt/file && umount /mnt"
BOOT_ID = "cat /proc/sys/kernel/random/boot_id"
READ = "mount /dev/vdb /mnt && cat /mnt/file; umount /mnt"


@pytest.fixture(scope="module")
def books_before(desk: Desk) -> Iterator[Books]:
    with counted(desk.project):
        yield books_of(desk.project)


@pytest.fixture(scope="module")
def item(desk: Desk, keypair: str, books_before: Books) -> Document:
    """The delivered item of the order for the server."""
    wish = a_server(desk.hostname("life"), zone="az-general", volumes=1, keypair=keypair, user_data=USER_DATA)
    order = desk.ended(desk.approve(desk.order(wish)))
    assert order["state"] == "delivered", order
    delivered: Document = order["items"][0]
    return delivered


@pytest.fixture(scope="module")
def server(desk: Desk, item: Document) -> Document:
    return desk.server(item)


@pytest.fixture(scope="module")
def guest(server: Document, key: Path) -> Guest:
    guest = Guest(server["address"], key)
    guest.await_ssh()
    return guest


def screen(url: str) -> ClientConnection:
    return connect(url, subprotocols=[Subprotocol("binary")], max_size=None)


def close_code(url: str) -> int | None:
    """Return the code that the platform ends a connection with."""
    with screen(url) as connection, pytest.raises(ConnectionClosed) as closed:
        connection.recv(timeout=30)
    return closed.value.rcvd.code if closed.value.rcvd else None


def test_it_is_in_the_cloud_as_it_was_approved(cloud: Cloud, item: Document, server: Document) -> None:
    (built,) = cloud.servers(server["id"], server["hostname"])
    assert (built.status, built.id) == ("ACTIVE", server["external_id"])
    (port,) = cloud.ports_of(built.id)
    assert [each["ip_address"] for each in port.fixed_ips] == [item["allocation"]["address"]] == [server["address"]]
    assert cloud.volumes_on(built.id) == [volume.id for volume in cloud.volumes(f"{server['hostname']}-")]


def test_only_the_ordered_key_opens_it(guest: Guest, tmp_path: Path) -> None:
    assert guest.run("id -u") == "0"
    stranger = Guest(guest.address, make_key(tmp_path / "stranger"))
    assert "Permission denied" in stranger.try_to("true").stderr


def test_it_has_its_name_and_ran_its_user_data(server: Document, guest: Guest) -> None:
    assert guest.run("hostname") == server["hostname"]
    guest.await_line("cat /root/user-data-ran", f"ran as {server['hostname']}")


def test_a_volume_keeps_its_content_off_the_server_and_on_it_again(
    cloud: Cloud, desk: Desk, server: Document, guest: Guest
) -> None:
    guest.run(WRITE)
    volume_id = server["volumes"][0]["volume_id"]
    assert desk.detach(server, volume_id)["volumes"] == []
    guest.await_line("test -b /dev/vdb || echo gone", "gone")
    assert cloud.volumes_on(server["external_id"]) == []
    assert len(desk.do(server, "volumes", volume_id=volume_id)["volumes"]) == 1
    guest.await_line("test -b /dev/vdb && echo there", "there")
    assert guest.run(READ) == "kept"


def test_its_console_says_that_it_is_ready(desk: Desk, server: Document) -> None:
    operation = desk.succeeded(desk.applicant.post(f"/v1/servers/{server['id']}/console-output", {"lines": 500}))
    output = desk.applicant.get(f"/v1/servers/{server['id']}/console-output/{operation['id']}")["output"]
    assert f"jinyun-lab: ready {server['hostname']} {server['address']}" in output


def test_its_screen_opens_once_for_a_ticket(desk: Desk, server: Document) -> None:
    url = desk.applicant.post(f"/v1/servers/{server['id']}/console")["websocket_url"]
    with screen(url) as connection:
        greeting = connection.recv(timeout=30)
    assert isinstance(greeting, bytes)
    assert greeting.startswith(b"RFB 003.")
    assert close_code(url) == NO_GOOD


def test_its_screen_stays_closed_without_a_ticket(desk: Desk, server: Document) -> None:
    url: str = desk.applicant.post(f"/v1/servers/{server['id']}/console")["websocket_url"]
    assert close_code(url.rpartition("/")[0] + "/no-ticket-at-all") == NO_GOOD


def test_it_goes_off_and_on(cloud: Cloud, desk: Desk, server: Document, guest: Guest) -> None:
    assert desk.do(server, "stop")["state"] == "stopped"
    assert guest.is_silent()
    assert cloud.servers(server["id"], server["hostname"])[0].status == "SHUTOFF"
    assert desk.do(server, "start")["state"] == "active"
    guest.await_ssh()


def test_it_reboots_through_its_guest(desk: Desk, server: Document, guest: Guest) -> None:
    before = guest.run(BOOT_ID)
    assert desk.do(server, "reboot", hard=False)["state"] == "active"
    wait_until(
        lambda: guest.says(BOOT_ID),
        lambda boot: boot not in {"", before},
        within=120,
        every=0.5,
    )


def test_it_grows(desk: Desk, server: Document, guest: Guest, books_before: Books) -> None:
    before = guest.memory_kib()
    grown = desk.resize(server, "m1.small")
    assert (grown["flavor"], grown["state"]) == ("m1.small", "active")
    guest.await_ssh()
    assert guest.memory_kib() - before > 48 * 1024
    used, held = books_of(desk.project)["memory_mib"]
    assert (used - books_before["memory_mib"][0], held) == (256, books_before["memory_mib"][1])


def test_it_comes_back_from_the_recycle_bin(desk: Desk, server: Document, guest: Guest) -> None:
    recycled = desk.recycle(server)
    assert recycled["state"] == "recycled"
    assert recycled["purge_at"] is not None
    assert guest.is_silent()
    assert desk.do(server, "restore")["state"] == "active"
    guest.await_ssh()
    assert guest.run(READ) == "kept"


def test_nothing_is_left_of_it_when_it_is_purged(
    cloud: Cloud, desk: Desk, item: Document, server: Document, books_before: Books, installed: Database
) -> None:
    desk.recycle(server)
    assert desk.do(server, "purge", with_volumes=True)["state"] == "deleted"
    assert cloud.anything_left_of(server["id"], server["hostname"], server["address"]) == []
    assert books_of(desk.project) == books_before
    allocation = item["allocation"]
    holds = [allocation["hold_id"], *(volume["hold_id"] for volume in allocation["volumes"])]
    assert hold_states(installed, holds) == {"released"}
    assert server["address"] not in taken_addresses()


def taken_addresses() -> set[str]:
    """Return the addresses of the network that somebody has."""
    return {each["address"] for each in client(OPERATOR).items(f"/v1/networks/{NETWORK}/addresses")}
