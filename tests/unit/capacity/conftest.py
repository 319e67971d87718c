from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.capacity.amounts import Amount
from jinyun.capacity.limits import set_quota
from jinyun.capacity.measure import measure
from jinyun.capacity.models import Hold, PoolLoad, Quota
from jinyun.capacity.request import PlacementRequest
from jinyun.capacity.rooms import PoolRoom
from jinyun.kit.actor import PLATFORM
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.organisation.models import Project
from jinyun.regions.models import Host, Pool, Region, Zone
from tests.api import SampleBank

LATER = timedelta(hours=72)


@dataclass
class Site:
    """A bank with regions whose pools and hosts the test makes."""

    database: Database
    bank: SampleBank
    regions: dict[str, str] = field(default_factory=dict)

    def region(self, code: str, state: str = "ready") -> str:
        """Enter a region."""

        def work(session: Session) -> str:
            region = Region(code=code, name=code, provider="simulated", public={}, state=state)
            session.add(region)
            session.flush()
            return region.id

        self.regions[code] = self.database.write(work)
        return self.regions[code]

    def pool(self, name: str, *hosts: Amount, region: str = "r1", zone: str | None = None, **attributes: object) -> str:
        """Enter an open pool with these hosts; return its id."""

        def work(session: Session) -> str:
            region_id = self.regions[region]
            zone_id = None
            if zone is not None:
                known = session.scalar(select(Zone).filter_by(region_id=region_id, name=zone))
                row = known or Zone(region_id=region_id, name=zone)
                session.add(row)
                session.flush()
                zone_id = row.id
            options: dict[str, object] = {"orderable": True, "hypervisor": "kvm"} | attributes
            pool = Pool(region_id=region_id, external_id=name, name=name, zone_id=zone_id, **options)
            session.add(pool)
            session.flush()
            session.add_all(_host(pool, number, size) for number, size in enumerate(hosts))
            return pool.id

        return self.database.write(work)

    def alter(self, work: Callable[[Session], object]) -> None:
        """Change rows as a reading of the region would."""

        def read_anew(session: Session) -> None:
            work(session)
            session.execute(update(Pool).values(figures=Pool.figures + 1))

        self.database.write(read_anew)

    def read_by_region(self, pool_id: str, used: Amount) -> None:
        """Note that the region was read well after now, and that its first host has so much in use."""

        def work(session: Session) -> None:
            hosts = session.scalars(select(Host).where(Host.pool_id == pool_id).order_by(Host.name)).all()
            for host in hosts:
                host.seen_at = utc_now() + timedelta(hours=1)
            hosts[0].used_vcpus, hosts[0].used_memory_mib, hosts[0].used_disk_gib = used.parts()

        self.alter(work)

    def request(self, code: str = "mobile-banking", /, **wanted: object) -> PlacementRequest:
        """Ask for one small server for an application system, but for what is said otherwise."""
        project = self.database.read(lambda session: session.scalars(select(Project).filter_by(code=code)).one())
        small = PlacementRequest(project=project, vcpus=2, memory_mib=4096, disk_gib=10)
        return replace(small, **wanted)  # type: ignore[arg-type]

    def hold(self, request: PlacementRequest, holder_id: str = "item") -> Hold:
        """Place and hold for an order's item."""
        return self.database.write(
            lambda session: capacity.place_and_hold(
                session, PLATFORM, request, ("order_item", holder_id), utc_now() + LATER
            )
        )

    def do(self, verb: Callable[..., object], hold_id: str, *more: object) -> None:
        """Do something to a hold."""
        self.database.write(lambda session: verb(session, hold_id, *more))

    def limit(self, scope: str, code: str, resource: str, limit: int | None, *, lower_below: bool = False) -> None:
        """Set a quota."""
        self.database.write(
            lambda session: set_quota(session, PLATFORM, scope, code, resource, limit, lower_below=lower_below)
        )

    def counters(self, resource: str) -> dict[str, tuple[int, int]]:
        """Return held and used of each limit on a resource, by its scope."""
        quotas = self.database.read(lambda session: list(session.scalars(select(Quota).filter_by(resource=resource))))
        return {quota.scope: (quota.held, quota.used) for quota in quotas}

    def room(self, pool_id: str) -> PoolRoom:
        """Measure a pool."""
        return self.database.read(lambda session: measure(session, [pool_id])[0])

    def load(self, pool_id: str) -> tuple[Amount, Amount]:
        """Return what Jinyun holds and uses of a pool."""
        row = self.database.read(lambda session: session.get_one(PoolLoad, pool_id))
        return row.held, row.used


def _host(pool: Pool, number: int, size: Amount) -> Host:
    return Host(
        region_id=pool.region_id,
        pool_id=pool.id,
        external_id=f"{pool.name}-{number}",
        name=f"{pool.name}-{number}",
        hypervisor="kvm",
        up=True,
        enabled=True,
        vcpus=size.vcpus,
        memory_mib=size.memory_mib,
        disk_gib=size.disk_gib,
        cpu_ratio=pool.cpu_ratio or 1.0,
        memory_ratio=pool.memory_ratio or 1.0,
        used_vcpus=0,
        used_memory_mib=0,
        used_disk_gib=0,
        seen_at=utc_now() - timedelta(hours=1),
    )


@pytest.fixture
def site(database: Database) -> Site:
    made = Site(database, SampleBank(database))
    made.region("r1")
    return made
