"""A company directory to read: the sample bank's, from Debian's slapd."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.slapd import SLAPD
from tests.directory.server import Server, running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.directory)


@pytest.fixture(scope="session", autouse=True)
def _slapd_is_here() -> None:
    pytest.importorskip("ldap", reason="python-ldap is not installed")
    if not Path(SLAPD).exists():
        pytest.skip("Debian's slapd is not installed")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("slapd")) as running_server:
        yield running_server
