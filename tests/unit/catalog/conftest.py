"""Two regions that offer the same things under ids of their own, and the catalogue's API."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from jinyun.catalog.price_routes import router as price_router
from jinyun.catalog.proposals import on_region_observed
from jinyun.catalog.routes import router
from jinyun.kit.database import Database
from jinyun.providers.base import FlavorFacts, ImageFacts, VolumeTypeFacts
from jinyun.regions.events import RegionObserved
from jinyun.regions.models import Region
from tests.api import SYSTEM_ADMINISTRATOR, Api, SampleBank

GIB = 1024**3


def flavor(name: str, vcpus: int = 2, memory_mib: int = 4096, disk_gib: int = 40) -> FlavorFacts:
    return FlavorFacts(f"id-{name}", name, vcpus, memory_mib, disk_gib)


def image(name: str, *, active: bool = True, size: int = GIB, disk: int = 0) -> ImageFacts:
    return ImageFacts(f"id-{name}", name, active, disk, 64, GIB // 8, size, "checksum")


def tier(name: str) -> VolumeTypeFacts:
    return VolumeTypeFacts(f"id-{name}", name)


@dataclass(frozen=True)
class Shop:
    """Everything that a test of the catalogue needs."""

    database: Database
    api: Api
    regions: dict[str, str]

    @property
    def administrator(self) -> TestClient:
        return self.api.as_(SYSTEM_ADMINISTRATOR)

    def observe(self, *offers: FlavorFacts | ImageFacts | VolumeTypeFacts, region: str = "east") -> None:
        """Let a region show that it has exactly this."""
        news = RegionObserved(
            region_id=self.regions[region],
            flavors=[each for each in offers if isinstance(each, FlavorFacts)],
            images=[each for each in offers if isinstance(each, ImageFacts)],
            volume_types=[each for each in offers if isinstance(each, VolumeTypeFacts)],
            networks=(),
        )
        self.database.write(lambda session: on_region_observed(session, news))

    def proposals(self, **parameters: str) -> dict[str, dict[str, Any]]:
        """Return the proposals by name."""
        answer = self.administrator.get("/v1/binding-proposals", params=parameters)
        assert answer.status_code == 200, answer.text
        return {each["external_name"]: each for each in answer.json()["items"]}

    def accept(self, offer: str, /, *, region: str = "east", **choice: str) -> Any:
        """Accept a proposal by name and return the answer."""
        proposal = self.proposals(region=region)[offer]
        return self.administrator.post(f"/v1/binding-proposals/{proposal['id']}/accept", json=choice)

    def accept_all(self, region: str = "east") -> dict[str, Any]:
        """Accept all proposals of a region."""
        answer = self.administrator.post(f"/v1/regions/{region}/accept-proposals")
        assert answer.status_code == 200, answer.text
        accepted: dict[str, Any] = answer.json()
        return accepted

    def listed(self, path: str) -> dict[str, dict[str, Any]]:
        """Return a list of the catalogue by code."""
        return {each["code"]: each for each in self.administrator.get(path).json()["items"]}


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    def enter(session: Session) -> dict[str, str]:
        regions = {code: Region(code=code, name=code, provider="simulated", public={}) for code in ("east", "west")}
        session.add_all(regions.values())
        session.flush()
        return {code: region.id for code, region in regions.items()}

    bank = SampleBank(database)
    return Shop(database, Api(bank, [router, price_router], tmp_path), database.write(enter))
