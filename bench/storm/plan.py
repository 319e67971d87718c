"""Which servers and volumes either client makes, and what it does with them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bench.wanted import ZONE

SCALE_ZONE = "az-scale"
TIER = "slow"
VOLUME_GIB = 1
REAL_SERVERS, VOLUMES_EACH = 4, 4
SERVERS_IN_NAME = 24
VOLUMES = REAL_SERVERS * VOLUMES_EACH + SERVERS_IN_NAME

ARRAY_SECONDS = 3.0
DOOR_TIMEOUT = "20s"
"""How long the load balancer of 2017 waited for Cinder."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A server that volumes are attached to."""

    name: str
    zone: str
    volumes: Sequence[str]

    @property
    def is_real(self) -> bool:
        """Whether somebody is inside who can say which disks he sees."""
        return self.zone == ZONE


@dataclass(frozen=True, slots=True)
class Pair:
    """A volume and the server that it is for, by name."""

    server: str
    volume: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The servers and volumes of one client; no two plans share a name."""

    series: str
    seats: Sequence[Seat]

    @property
    def pairs(self) -> list[Pair]:
        """Every volume with its server: first one of each server, then the second ones."""
        rounds = range(max(len(seat.volumes) for seat in self.seats))
        return [
            Pair(seat.name, seat.volumes[number])
            for number in rounds
            for seat in self.seats
            if number < len(seat.volumes)
        ]


@dataclass(slots=True)
class Course:
    """How a client took one half of the storm."""

    seconds: float
    """From its first request until it had done waiting."""
    complaints: list[str] = field(default_factory=list)
    """What it was told of each volume that went wrong."""


class Client(Protocol):
    """Somebody who wants all volumes at once."""

    name: str
    plan: Plan
    addresses: dict[str, str]
    """Where each server is, by name."""

    def prepare(self) -> None:
        """Make servers and volumes; not measured."""

    def attach(self) -> Course:
        """Attach every volume to its server, all at once."""

    def detach(self) -> Course:
        """Detach what was attached, all at once."""

    def remove(self) -> None:
        """Take servers and volumes away, in whatever state they are."""


def plan(series: str) -> Plan:
    """Return the servers and volumes of a series of names."""
    real = [(f"{series}-real-{number}", ZONE, VOLUMES_EACH) for number in range(1, REAL_SERVERS + 1)]
    named = [(f"{series}-name-{number:02d}", SCALE_ZONE, 1) for number in range(1, SERVERS_IN_NAME + 1)]
    seats = [
        Seat(name, zone, [f"{name}-disk-{number}" for number in range(1, count + 1)])
        for name, zone, count in [*real, *named]
    ]
    return Plan(series, seats)
