"""The one server that both sides of the delivery benchmark bring to life."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

CLOUD = "lab"
FLAVOR = "m1.nano"
IMAGE = "jinyun-linux"
IMAGE_IN_CLOUD = "jinyun-linux-1"
NETWORK = "prod-vlan-100"
ZONE = "az-general"
TIER = "general"
VOLUME_GIB = 1

LOOK_SECONDS = 0.5
"""How often either side looks whether something is finished; the SDK's own default is 2, people write 1."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How long one delivery took until SSH answered with the volume attached, and where the time went."""

    seconds: float
    steps: Mapping[str, float]


class Deliverer(Protocol):
    """One of the two ways to bring the server to life."""

    name: str

    def prepare(self, hostname: str) -> None:
        """Do what is not measured: everything up to the moment in which the delivery may begin."""

    def deliver(self) -> Delivery:
        """Bring the prepared server to life; the clock runs only in here."""

    def remove(self) -> None:
        """Delete all that was delivered and wait until it is gone; not measured."""
