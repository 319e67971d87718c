"""The hosts that both sides of the placement benchmark know, and the sizes that are asked for."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

POOLS = 200
HOSTS_A_POOL = 50
CPU_RATIO = 4
VCPUS, MEMORY_MIB, DISK_GIB = 64, 524_288, 4_000
"""Of each host, physically."""
SIZES = {"s": (2, 4_096, 20), "m": (4, 8_192, 40), "l": (8, 16_384, 80), "x": (16, 65_536, 200)}
"""Flavors: virtual CPUs, memory in MiB, disk in GiB."""


@dataclass(frozen=True, slots=True)
class LoadedHost:
    """A host, and what others took of it."""

    pool: int
    name: str
    vcpus: int
    memory_mib: int
    disk_gib: int


def hosts() -> Iterator[LoadedHost]:
    """Name all hosts, the same ones with the same load each time."""
    dice = random.Random(5)
    for pool in range(POOLS):
        busy = dice.uniform(0.2, 0.95)
        for number in range(HOSTS_A_POOL):
            share = min(0.98, max(0.0, dice.gauss(busy, 0.1)))
            yield LoadedHost(
                pool,
                f"bench-{pool:03d}-{number:02d}",
                int(VCPUS * CPU_RATIO * share),
                int(MEMORY_MIB * share),
                int(DISK_GIB * share),
            )
