"""What others do in the cloud shows within seconds, since it tells; and within a minute where it cannot be heard."""

from collections.abc import Iterator
from typing import Any

import pytest

from jinyun.kit.ids import new_id
from lab import balancer
from lab.catalogue.infrastructure import QUEUE
from tests.contract.waiting import wait_until
from tests.lab.cloud import Cloud
from tests.lab.installation import LAYOUT, OPERATOR, REGION, client

pytestmark = pytest.mark.lab
TOLD_SECONDS, ASKED_SECONDS = 5.0, 60.0


@pytest.fixture
def volume(cloud: Cloud) -> Iterator[str]:
    """A volume that somebody made past Jinyun."""
    volume_id = cloud.make_volume(f"outside-{new_id()[-12:]}")
    yield volume_id
    cloud.delete_volume(volume_id)


def shown(name: str, **wanted: Any) -> list[dict[str, Any]]:
    found = client(OPERATOR).items("/v1/observed", region=REGION, name=name, **wanted)
    return [each for each in found if each["name"] == name]


def test_a_change_shows_within_five_seconds(cloud: Cloud, volume: str) -> None:
    name = f"renamed-{volume[:8]}"
    cloud.rename_volume(volume, name)
    (found,) = wait_until(lambda: shown(name, kind="volume"), bool, within=TOLD_SECONDS, every=0.2)
    assert found["external_id"] == volume


def test_with_the_bus_cut_it_shows_within_a_minute(cloud: Cloud, volume: str) -> None:
    name = f"cut-off-{volume[:8]}"
    with balancer.closed(LAYOUT, QUEUE.name, "rabbitmq"):
        cloud.rename_volume(volume, name)
        wait_until(lambda: shown(name, kind="volume"), bool, within=ASKED_SECONDS, every=0.5)
