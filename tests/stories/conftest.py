"""Stages: one with an empty installation, one whose region is open for orders."""

from collections.abc import Iterator

import pytest

from tests.server import server_url
from tests.stories.stage import Stage


@pytest.fixture(scope="module")
def empty_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation on its first day: the sample bank, and no region."""
    with Stage(tmp_path_factory.mktemp("stage"), server_url()).playing() as stage:
        yield stage


@pytest.fixture(scope="module")
def stage(empty_stage: Stage) -> Stage:
    """An installation whose region can be ordered from."""
    empty_stage.open_region()
    return empty_stage
