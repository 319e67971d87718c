"""A simulated data centre with a password, an API to register it with, and a worker that holds the key."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from jinyun.kit.database import Database
from jinyun.kit.ids import new_id
from jinyun.kit.settings import Settings
from jinyun.kit.vault import create_keys
from jinyun.operations.claims import LeaseKeeper, claim
from jinyun.operations.definition import Operation, Recipes
from jinyun.operations.models import OperationRow
from jinyun.operations.runner import Runner
from jinyun.providers.simulated.build import WorldOptions, build_world
from jinyun.providers.simulated.world import World
from jinyun.regions.routes import router
from jinyun.regions.steps import SyncRegion
from tests.api import SYSTEM_ADMINISTRATOR, Api, SampleBank

PASSWORD = "right-horse-battery"


@dataclass(frozen=True)
class Site:
    """Everything that a test of the regions needs."""

    database: Database
    bank: SampleBank
    api: Api
    world: World
    settings: Settings

    @property
    def administrator(self) -> TestClient:
        return self.api.as_(SYSTEM_ADMINISTRATOR)

    def request(self, **changes: object) -> dict[str, object]:
        """Return the request that registers the region."""
        public = {"world": str(self.world.path)}
        return {
            "code": "sim-1",
            "name": "模拟区域 Simulated",
            "provider": "simulated",
            "public": public,
            "secret": PASSWORD,
        } | changes

    def register(self, **changes: object) -> dict[str, Any]:
        """Register the region and return the operation."""
        answer = self.administrator.post("/v1/regions", json=self.request(**changes))
        assert answer.status_code == 202, answer.text
        operation: dict[str, Any] = answer.json()
        return operation

    def run(self, *more: type[Operation]) -> None:
        """Run whatever is due, once."""
        recipes = Recipes()
        recipes.add(SyncRegion, *more)
        worker_id = new_id()
        keeper = LeaseKeeper(self.database, worker_id, self.settings)
        held = claim(self.database, worker_id, recipes.handlers, 50, self.settings)
        keeper.hold(held)
        for each in held:
            Runner(self.database, recipes, self.settings, keeper).run(each)

    def wake(self, operation_id: str) -> None:
        """Let the time pass that an operation waits for."""

        def rewind(session: Any) -> None:
            row = session.get_one(OperationRow, operation_id)
            row.wake_at = row.created_at

        self.database.write(rewind)

    def operation(self, operation_id: str) -> OperationRow:
        """Read an operation."""
        return self.database.read(lambda session: session.get_one(OperationRow, operation_id))

    def region(self, language: str = "en") -> dict[str, Any]:
        """Return the region as the system administrator sees it."""
        region: dict[str, Any] = self.api.as_(SYSTEM_ADMINISTRATOR, language=language).get("/v1/regions/sim-1").json()
        return region


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    keys = tmp_path / "keys"
    create_keys(keys)
    bank = SampleBank(database)
    world = build_world(tmp_path / "world.db", WorldOptions(hosts=3, key_hosts=2, password=PASSWORD))
    return Site(database, bank, Api(bank, [router], keys), world, Settings(key_directory=keys))
