"""A cluster of three database nodes behind one door, for all tests."""

from collections.abc import Iterator
from dataclasses import dataclass

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


@pytest.fixture(scope="session")
def galera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Galera]:
    packages.install_debian_packages(PACKAGES)
    folder = tmp_path_factory.mktemp("galera")
    with three_machines(), running_cluster(folder) as nodes, open_door(folder) as door:
        yield Galera(nodes, door)
