from datetime import UTC, datetime

import pytest

from jinyun.providers.base import ServerStatus, VolumeStatus
from jinyun.providers.openstack.compute import console_endpoint
from jinyun.providers.openstack.translate import (
    SERVER_STATUS,
    VOLUME_STATUS,
    port_from,
    release_of,
    server_from,
    tag_of,
    volume_from,
)

SERVER = {
    "id": "s1",
    "name": "web-1",
    "status": "ACTIVE",
    "OS-EXT-STS:task_state": None,
    "OS-EXT-SRV-ATTR:hypervisor_hostname": "kvm-7",
    "OS-EXT-AZ:availability_zone": "az-general",
    "flavor": {"original_name": "m1.nano"},
    "addresses": {
        "prod": [
            {"addr": "10.20.0.9", "OS-EXT-IPS:type": "fixed"},
            {"addr": "172.24.4.9", "OS-EXT-IPS:type": "floating"},
        ]
    },
    "metadata": {"jinyun_token": "op:server"},
    "created": "2026-11-22T14:07:23Z",
}


def test_a_server_is_read_with_its_flavor_by_name_and_its_fixed_addresses() -> None:
    server = server_from(SERVER, {"m1.nano": "f1"})
    assert (server.status, server.host, server.zone) == (ServerStatus.ACTIVE, "kvm-7", "az-general")
    assert (server.flavor_id, server.addresses, server.token) == ("f1", ("10.20.0.9",), "op:server")
    assert server.created_at == datetime(2026, 11, 22, 14, 7, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "task", "expected"),
    [
        ("ACTIVE", "powering-off", ServerStatus.BUSY),
        ("SHUTOFF", "powering-on", ServerStatus.BUSY),
        ("VERIFY_RESIZE", "resize_reverting", ServerStatus.BUSY),
        ("VERIFY_RESIZE", None, ServerStatus.RESIZED),
        ("BUILD", "spawning", ServerStatus.BUILDING),
        ("ERROR", "deleting", ServerStatus.ERROR),
        ("A_STATUS_OF_THE_FUTURE", None, ServerStatus.ERROR),
    ],
)
def test_a_task_makes_a_resting_server_busy(status: str, task: str | None, expected: ServerStatus) -> None:
    assert server_from({**SERVER, "status": status, "OS-EXT-STS:task_state": task}, {}).status is expected


def test_every_status_of_ours_has_one_of_theirs() -> None:
    assert set(SERVER_STATUS.values()) == set(ServerStatus)
    assert set(VOLUME_STATUS.values()) == set(VolumeStatus) - {VolumeStatus.ERROR}


def test_a_fault_is_kept_in_the_backends_words() -> None:
    assert (
        server_from({**SERVER, "status": "ERROR", "fault": {"message": "No valid host"}}, {}).fault == "No valid host"
    )


def test_a_volume_in_any_kind_of_trouble_is_in_error() -> None:
    document = {"id": "v1", "name": None, "status": "error_deleting", "size": 3, "attachments": [{"server_id": "s1"}]}
    volume = volume_from(document)
    assert (volume.status, volume.name, volume.server_ids, volume.token) == (VolumeStatus.ERROR, "", ("s1",), None)


@pytest.mark.parametrize(("description", "token"), [("jinyun:op:port", "op:port"), ("mine", None), (None, None)])
def test_a_port_carries_its_token_in_its_description(description: str | None, token: str | None) -> None:
    document = {"id": "p1", "network_id": "n1", "mac_address": "fa:16", "device_id": "", "description": description}
    port = port_from(document)
    assert (port.token, port.device_id, port.address) == (token, None, "")


@pytest.mark.parametrize("token", ["x" * 61, "a/b", "a,b"])
def test_a_token_that_cannot_be_a_tag_becomes_a_digest(token: str) -> None:
    assert tag_of("op:server") == "op:server"
    assert len(tag_of(token)) == 60
    assert tag_of(token).isalnum()


@pytest.mark.parametrize(
    ("newest", "release"),
    [
        ((2, 104), "2026.2 (compute 2.104)"),
        ((2, 97), "2024.2 (compute 2.97)"),
        ((2, 120), "after 2026.2 (compute 2.120)"),
        ((2, 1), "before Yoga (compute 2.1)"),
        (None, "unknown"),
    ],
)
def test_the_release_is_judged_by_the_newest_microversion(newest: tuple[int, int] | None, release: str) -> None:
    assert release_of(newest) == release


@pytest.mark.parametrize(
    "page", ["https://c.bank:6080/vnc_lite.html?path=%3Ftoken%3Dabc-1", "https://c.bank:6080/vnc_auto.html?token=abc-1"]
)
def test_the_websocket_stands_behind_the_page(page: str) -> None:
    endpoint = console_endpoint(page)
    assert (endpoint.url, endpoint.origin) == ("wss://c.bank:6080/?token=abc-1", "https://c.bank:6080")
