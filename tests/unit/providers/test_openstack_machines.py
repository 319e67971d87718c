"""Verbs on a cloud's servers that were there before: each looks first, and what is not offered is said."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from jinyun.providers.errors import Missing, Refused
from jinyun.providers.estate import Machines, Power
from jinyun.providers.openstack.api import Api
from jinyun.providers.openstack.estate import OpenStackEstate
from tests.unit.providers.test_openstack_estate import SERVER


class Nova:
    """Stands in for Nova: one server, and what was asked of it."""

    def __init__(self) -> None:
        self.server = dict(SERVER)
        self.asked: list[dict[str, Any]] = []

    def find(self, path: str) -> dict[str, Any] | None:
        return {"server": self.server} if path == "/servers/s-1" else None

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        assert path == "/servers/s-1/action"
        self.asked.append(body)
        return {}


@pytest.fixture
def nova() -> Nova:
    return Nova()


@pytest.fixture
def machines(nova: Nova) -> Machines:
    compute = cast(Api, nova)
    return OpenStackEstate(compute, compute, compute).machines


def test_power_is_asked_for_once_it_is_not_so(nova: Nova, machines: Machines) -> None:
    assert machines.work(machines.stop("s-1", hard=False)).ended
    machines.reboot("s-1", hard=True)
    with pytest.raises(Refused, match="is on"):
        machines.start("s-1")
    nova.server["status"] = "SHUTOFF"
    found = machines.get("s-1")
    assert found is not None
    assert found.power is Power.OFF
    machines.start("s-1")
    with pytest.raises(Refused, match="is not on"):
        machines.stop("s-1", hard=True)
    assert nova.asked == [{"os-stop": None}, {"reboot": {"type": "HARD"}}, {"os-start": None}]


def test_what_is_gone_or_broken_is_said(nova: Nova, machines: Machines) -> None:
    assert machines.get("s-2") is None
    with pytest.raises(Missing):
        machines.start("s-2")
    nova.server["status"] = "ERROR"
    with pytest.raises(Refused):
        machines.start("s-1")
    assert nova.asked == []


@pytest.mark.parametrize(
    "verb",
    [
        lambda machines: machines.snapshot("s-1", "before"),
        lambda machines: machines.remove_snapshot("s-1", "before"),
        lambda machines: machines.resize("s-1", vcpus=2, memory_mib=1024),
        lambda machines: machines.extend_disk("s-1", 1, 10),
        lambda machines: machines.migrate("s-1", host_id="h"),
    ],
)
def test_what_is_not_offered_is_refused(machines: Machines, verb: Callable[[Machines], object]) -> None:
    with pytest.raises(Refused) as caught:
        verb(machines)
    assert caught.value.code == "not-offered"
