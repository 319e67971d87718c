from pathlib import Path

import pytest

from jinyun.providers.simulated.build import WorldOptions, build_world
from tests.unit.providers.tenant import Tenant


@pytest.fixture
def instant() -> WorldOptions:
    """A world whose work takes no time."""
    return WorldOptions(work_seconds={})


@pytest.fixture
def tenant(tmp_path: Path, instant: WorldOptions) -> Tenant:
    return Tenant(build_world(tmp_path / "world.db", instant))
