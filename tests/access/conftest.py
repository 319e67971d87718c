"""One world for all tests of the access table: nothing in it ever changes."""

from collections.abc import Iterator

import pytest

from tests.access.world import World, founded
from tests.server import server_url


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bank on the simulated region, at rest."""
    with founded(tmp_path_factory.mktemp("world"), server_url("world")) as world:
        yield world
