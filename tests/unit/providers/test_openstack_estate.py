"""What is in a cloud and was not made by Jinyun, from the lists of Nova, Cinder and Neutron."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import uuid4

import pytest

from jinyun.providers.base import Bus
from jinyun.providers.estate import EstateWatch, Key, Observed, ObservedKind, Power
from jinyun.providers.openstack import estate as estates
from jinyun.providers.openstack import notifications
from jinyun.providers.openstack.api import Api
from jinyun.providers.openstack.estate import OpenStackEstate
from jinyun.providers.openstack.notifications import Notifications

SERVER = {
    "id": "s-1",
    "name": "legacy-db",
    "status": "ACTIVE",
    "tenant_id": "t-1",
    "created": "2024-05-01T00:00:00Z",
    "metadata": {"owner": "dba"},
    "OS-EXT-AZ:availability_zone": "az-1",
    "OS-EXT-SRV-ATTR:hypervisor_hostname": "kvm-7",
    "flavor": {"vcpus": 4, "ram": 8192, "disk": 40, "original_name": "m1.large"},
    "addresses": {"prod": [{"addr": "10.1.1.1", "OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:00:00:01"}]},
    "os-extended-volumes:volumes_attached": [{"id": "v-1"}],
}
VOLUME: dict[str, Any] = {
    "id": "v-1",
    "name": None,
    "size": 100,
    "status": "in-use",
    "volume_type": "high",
    "metadata": {},
    "attachments": [{"server_id": "s-1"}],
    "created_at": "2024-05-01T00:00:00",
    "os-vol-tenant-attr:tenant_id": "t-1",
}
PORT = {
    "id": "p-1",
    "name": "",
    "description": "",
    "device_id": "s-1",
    "device_owner": "compute:az-1",
    "mac_address": "fa:16:3e:00:00:01",
    "network_id": "n-1",
    "status": "ACTIVE",
    "project_id": "t-1",
    "fixed_ips": [{"ip_address": "10.1.1.1"}],
    "binding:host_id": "kvm-7",
}
OURS = {"jinyun_token": "op:step"}


class Lists:
    """Stands in for a service: its lists, and what was asked of it."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        self.documents = list(documents)
        self.asked: list[dict[str, Any]] = []

    def items(self, _path: str, _collection: str, query: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        self.asked.append(query or {})
        return iter(self.documents)

    def find(self, path: str) -> dict[str, Any] | None:
        kind, _, wanted = path.strip("/").partition("s/")
        found = (each for each in self.documents if each["id"] == wanted)
        return next(({kind: each} for each in found), None)


class Told(Notifications):
    """Stands in for a bus: what it tells is put in by hand."""

    def __init__(self) -> None:
        super().__init__(Bus("fake://", "any", "secret"))
        self._heard.set()

    @contextmanager
    def open(self) -> Iterator[Notifications]:
        yield self


@pytest.fixture
def compute() -> Lists:
    return Lists(SERVER, {**SERVER, "id": "s-ours", "metadata": OURS})


@pytest.fixture
def watch(compute: Lists, monkeypatch: pytest.MonkeyPatch) -> Iterator[EstateWatch]:
    monkeypatch.setattr(estates, "ASK_SECONDS", 0.0)
    storage = Lists(VOLUME, {**VOLUME, "id": "v-ours", "metadata": OURS})
    router, ours = (
        {**PORT, "id": "p-r", "device_owner": "network:dhcp"},
        {**PORT, "id": "p-o", "description": "jinyun:x"},
    )
    network = Lists(PORT, router, ours)
    with OpenStackEstate(*as_apis(compute, storage, network)).watch() as opened:
        yield opened


def as_apis(*lists: Lists) -> tuple[Api, Api, Api]:
    compute, storage, network = (cast(Api, each) for each in lists)
    return compute, storage, network


def read_all(watch: EstateWatch) -> dict[str, Observed]:
    return {thing.key.id: thing for thing in watch.read(watch.keys())}


def test_what_jinyun_made_and_what_the_network_needs_is_left_out(watch: EstateWatch) -> None:
    assert read_all(watch).keys() == {"s-1", "v-1", "p-1"}


def test_each_kind_tells_what_adoption_needs(watch: EstateWatch) -> None:
    things = read_all(watch)
    server, volume, port = things["s-1"], things["v-1"], things["p-1"]
    assert (server.name, server.power, server.host, server.addresses) == (
        "legacy-db",
        Power.ON,
        "kvm-7",
        ("10.1.1.1",),
    )
    assert (server.document["vcpus"], server.document["memory_mib"]) == (4, 8192)
    assert server.document["nics"][0]["mac"] == port.document["mac"]
    assert (volume.name, volume.document["size_gib"], volume.document["server_ids"]) == ("", 100, ["s-1"])
    assert (port.addresses, port.document["server_id"]) == (("10.1.1.1",), "s-1")


def test_changes_are_asked_for_from_a_little_earlier_on(watch: EstateWatch, compute: Lists) -> None:
    read_all(watch)
    compute.documents = [{**SERVER, "status": "SHUTOFF"}, {**SERVER, "id": "s-2", "status": "DELETED"}]
    changes = watch.changed(0)
    assert changes.changed == {Key(ObservedKind.SERVER, "s-1")}
    assert changes.gone == {Key(ObservedKind.SERVER, "s-2")}
    assert not changes.anew
    assert compute.asked[-1]["changes-since"].endswith("Z")
    (server,) = watch.read(list(changes.changed))
    assert server.power is Power.OFF


def test_everything_is_listed_now_and_then(watch: EstateWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    read_all(watch)
    monkeypatch.setattr(estates, "ANEW_SECONDS", 0.0)
    assert watch.changed(0).anew


def test_what_is_told_is_read_by_itself_and_nova_is_asked_less(compute: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "SETTLE_SECONDS", 0.0)
    server, ours, port = str(uuid4()), str(uuid4()), str(uuid4())
    compute.documents = [{**SERVER, "id": server, "status": "SHUTOFF"}, {**SERVER, "id": ours, "metadata": OURS}]
    told = Told()
    with OpenStackEstate(*as_apis(compute, Lists(VOLUME), Lists(PORT)), told).watch() as watch:
        read_all(watch)
        asked = len(compute.asked)
        for event in ("compute.instance.power_off.end", "compute.instance.update"):
            told.hear(event, {"instance_id": server})
        told.hear("compute.instance.update", {"instance_id": ours})
        told.hear("port.delete.end", {"port_id": port})
        changes = watch.changed(0)
        assert changes.changed == {Key(ObservedKind.SERVER, server)}, "what is Jinyun's own is left out"
        assert changes.gone == {Key(ObservedKind.PORT, port)}
        assert [each.power for each in watch.read(list(changes.changed))] == [Power.OFF]
        assert len(compute.asked) == asked, "it is asked each half minute only"


def test_more_than_is_worth_asking_for_one_by_one_is_listed(monkeypatch: pytest.MonkeyPatch, compute: Lists) -> None:
    monkeypatch.setattr(notifications, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(estates, "NEWS_AT_ONCE", 1)
    told = Told()
    with OpenStackEstate(*as_apis(compute, Lists(), Lists()), told).watch() as watch:
        for _ in range(2):
            told.hear("compute.instance.update", {"instance_id": str(uuid4())})
        assert watch.changed(0).anew
