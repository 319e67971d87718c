"""A cluster of three database nodes behind one door, for as long as a test takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab import packages
from tests.galera.cluster import PACKAGES, Node, running_cluster
from tests.galera.door import Door, open_door
from tests.galera.wires import three_machines


@dataclass(frozen=True, slots=True)
class Galera:
    """The nodes by their number, and the address that leads to the one that writes."""

    nodes: dict[int, Node]
    door: Door


@pytest.fixture
def galera(tmp_path: Path) -> Iterator[Galera]:
    packages.install_debian_packages(PACKAGES)
    with three_machines(), running_cluster(tmp_path) as nodes, open_door(tmp_path) as door:
        yield Galera(nodes, door)
