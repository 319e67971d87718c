"""A small bank to sign in to."""

from pathlib import Path

import pytest

from jinyun.kit.database import Database
from jinyun.kit.settings import Settings
from jinyun.kit.vault import create_keys
from tests.unit.access.stage import ORIGIN, CompanyDirectory, House, found_house


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """The bank without a company directory."""
    create_keys(tmp_path / "keys")
    return found_house(database, Settings(key_directory=tmp_path / "keys", public_url=ORIGIN))


@pytest.fixture
def company(house: House) -> House:
    """The bank with a company directory, which knows `bob`."""
    house.directory = CompanyDirectory({"bob": "as the company knows it"})
    return house
