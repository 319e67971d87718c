from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.kit.database import Database
from jinyun.networks import service as networks
from jinyun.networks.models import Address, AddressGap, AddressRange, Network, Subnet
from jinyun.networks.plan import number_of
from jinyun.networks.states import READY
from jinyun.providers.base import Connection
from jinyun.providers.registry import open_region
from jinyun.providers.simulated.build import build_world
from jinyun.regions.events import RegionObserved
from jinyun.regions.models import Region
from tests.api import SampleBank


@dataclass(frozen=True)
class Plan:
    """A bank with a simulated region, and one small network for everyone."""

    database: Database
    bank: SampleBank
    region_id: str
    world: Connection

    def observe(self) -> RegionObserved:
        """Read the region as a synchronisation would."""
        inventory = open_region(self.world).inventory
        return RegionObserved(self.region_id, (), (), (), inventory.networks())

    def network(self, code: str, cidr: str, first: str, last: str, *, project_id: str | None = None) -> str:
        """Enter a ready network that hands out first to last; return its id."""

        def work(session: Session) -> str:
            network = Network(
                region_id=self.region_id,
                external_id=f"backend-{code}",
                code=code,
                name=code,
                kind="provider",
                project_id=project_id,
                state=READY,
            )
            subnet = Subnet(external_id=f"backend-{code}-subnet", cidr=cidr, gateway=None)
            networks.add_network(session, network, [(subnet, [(number_of(first), number_of(last))])])
            return network.id

        return self.database.write(work)

    def gaps(self, network_id: str) -> list[tuple[int, int]]:
        """Return the free stretches of a network, as offsets from its range's first address."""

        def work(session: Session) -> list[tuple[int, int]]:
            stretches = (
                select(AddressGap.first - AddressRange.first, AddressGap.last - AddressRange.first)
                .join(AddressRange, AddressGap.range_id == AddressRange.id)
                .join(Subnet, AddressRange.subnet_id == Subnet.id)
                .where(Subnet.network_id == network_id)
                .order_by(AddressGap.first)
            )
            return [(int(first), int(last)) for first, last in session.execute(stretches)]

        return self.database.read(work)

    def taken(self, network_id: str) -> int:
        """Return how many addresses of a network somebody has."""
        counted = select(func.count()).select_from(Address).join(Subnet).where(Subnet.network_id == network_id)
        return self.database.read(lambda session: session.scalar(counted) or 0)


@pytest.fixture
def plan(database: Database, tmp_path: Path) -> Plan:
    world = tmp_path / "world.db"
    build_world(world)
    public = {"world": str(world)}

    def enter(session: Session) -> str:
        region = Region(code="sim-1", name="Simulated", provider="simulated", public=public, state="ready")
        session.add(region)
        session.flush()
        return region.id

    bank = SampleBank(database)
    return Plan(database, bank, database.write(enter), Connection("simulated", public))
