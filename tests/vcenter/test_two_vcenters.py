"""Two vCenters that call their machines the same; and one that falls silent keeps nobody waiting for the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from jinyun.inventory import watcher
from tests.server import server_url
from tests.stories.stage import Stage, await_that
from tests.vcenter.conftest import REGION, Watched
from tests.vcenter.simulator import Simulator, running

OTHER = "vmware-2"
OTHER_IDENTITY = "0d5c8a3e-5d0f-4c2a-9b57-2f1f6f0a7c22"
SEEN_SECONDS = 15.0


class Two(Watched):
    """An installation with two vCenters."""

    def of(self, region: str) -> dict[str, Any]:
        """Return how it stands with one of them."""
        return next(each for each in self.operator.all_of("/v1/estates") if each["region"] == region)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with running(tmp_path_factory.mktemp("other"), identity=OTHER_IDENTITY) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, vcenter: Simulator, other: Simulator) -> Iterator[Two]:
    installation = Stage(tmp_path_factory.mktemp("stage"), server_url(), call_timeout_seconds=3.0)
    with pytest.MonkeyPatch.context() as patch, installation.playing() as stage:
        patch.setattr(watcher, "LOOK_SECONDS", 1.0)
        patch.setattr(watcher, "PAUSE_SECONDS", 0.1)
        watched = Two(stage, vcenter)
        with watched.worker("one"):
            watched.register()
            public = {"provider": "vsphere", "public": other.public, "secret": other.password}
            body = {"code": OTHER, "name": "VMware 2", **public}
            watched.administrator.done(watched.administrator.post("/v1/regions", body, 202))
            watched.until(lambda: len(watched.things(region=OTHER)) == 20, "the other was read, too")
            yield watched


@contextmanager
def silent(simulator: Simulator) -> Iterator[None]:
    """Have a vCenter hold every connection and answer nothing for a while."""
    simulator.freeze()
    try:
        yield
    finally:
        simulator.thaw()


def test_the_same_moref_in_two_vcenters_is_two_machines(two: Two) -> None:
    both = two.operator.all_of("/v1/observed", name="core-ledger-00")
    assert [each["region"] for each in sorted(both, key=lambda each: str(each["region"]))] == [REGION, OTHER]
    assert len({each["external_id"] for each in both}) == 1, "they have the same moref"
    with two.vcenter.as_colleague() as colleague:
        colleague.do(colleague.machine("core-ledger-00").PowerOff)

    def power(region: str) -> str:
        return str(two.things(name="core-ledger-00", region=region)["core-ledger-00"]["power"])

    two.until(lambda: power(REGION) == "off", "the one is off", SEEN_SECONDS)
    assert power(OTHER) == "on"
    assert len({each["installation"] for each in two.operator.all_of("/v1/estates")}) == 2


def test_one_that_falls_silent_ages_and_the_other_goes_on(two: Two, other: Simulator) -> None:
    with silent(other):
        two.until(lambda: two.of(OTHER)["failed_at"] is not None, "it is named", 30.0)
        assert two.of(OTHER)["problem"]["code"] in {"backend-down", "backend-busy"}
        assert len(two.things(region=OTHER)) == 20, "what is known stays"
        age = two.of(OTHER)["age_seconds"]
        with two.vcenter.as_colleague() as colleague:
            colleague.do(colleague.machine("risk-engine-08").PowerOff)
        two.until(
            lambda: two.thing("risk-engine-08", region=REGION)["power"] == "off", "the other goes on", SEEN_SECONDS
        )
        assert two.of(REGION)["failed_at"] is None
        assert two.of(OTHER)["age_seconds"] > age, "it grows old"
        shown = two.things(name="core-ledger-00", region=OTHER)["core-ledger-00"]
        assert shown["current_at"] == two.of(OTHER)["current_at"], "each thing says how old it is"
    await_that(lambda: two.of(OTHER)["failed_at"] is None, "it is well again", str, 30.0)
    assert two.of(OTHER)["age_seconds"] < age


def test_a_slow_one_is_read_to_the_end(two: Two, tmp_path_factory: pytest.TempPathFactory) -> None:
    with running(tmp_path_factory.mktemp("slow"), size=replace(two.vcenter.size, delay_ms=150)) as slow:
        public = {"provider": "vsphere", "public": slow.public, "secret": slow.password}
        two.administrator.post("/v1/regions", {"code": "vmware-slow", "name": "Slow", **public}, 202)
        two.until(lambda: len(two.things(region="vmware-slow")) == 20, "it is read", 40.0)
        with two.vcenter.as_colleague() as colleague:
            colleague.do(colleague.machine("risk-engine-03").PowerOff)
        two.until(lambda: two.thing("risk-engine-03", region=REGION)["power"] == "off", "nobody waits", SEEN_SECONDS)
