"""Writing down what a region showed: only what changed, in as many statements for a thousand hosts as for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jinyun.providers.base import HostFacts, PoolFacts, RegionFacts, StoreFacts
from jinyun.providers.errors import BackendError
from jinyun.regions import hypervisors, states
from jinyun.regions.models import Host, Pool, Region, Store, Zone


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """A region's zones, pools and hosts at one moment."""

    zones: Sequence[str]
    pools: Sequence[PoolFacts]
    hosts: Sequence[HostFacts]
    stores: Sequence[StoreFacts] = ()


def record_facts(session: Session, region_id: str, facts: RegionFacts) -> None:
    """Note what the region says of itself."""
    region = session.get_one(Region, region_id)
    stated = {"endpoint": facts.endpoint, "release": facts.release}
    if (region.facts, region.simulated) != (stated, facts.simulated):
        region.facts, region.simulated = stated, facts.simulated


def record_ready(session: Session, region_id: str, now: datetime) -> None:
    """Note that the region was read to the end."""
    region = session.get_one(Region, region_id)
    region.state, region.problem, region.last_seen_at = states.READY, None, now


def record_unreachable(session: Session, region_id: str, error: BackendError) -> None:
    """Note that the region could not be read, and why."""
    region = session.get_one(Region, region_id)
    problem = {"code": error.code, **error.explanation().as_dict(), "words": error.words[:2000]}
    if (region.state, region.problem) != (states.UNREACHABLE, problem):
        region.state, region.problem = states.UNREACHABLE, problem


def record_infrastructure(session: Session, region_id: str, seen: Infrastructure, now: datetime) -> None:
    """Bring zones, pools and hosts up to what was seen; what vanished stays, marked as gone."""
    zones = _record_zones(session, region_id, {*seen.zones, *(pool.zone for pool in seen.pools if pool.zone)})
    pools = _record_pools(session, region_id, seen, zones)
    _record_hosts(session, region_id, seen, pools, now)
    _record_stores(session, region_id, seen.stores)
    read_anew = update(Pool).where(Pool.region_id == region_id).values(figures=Pool.figures + 1)
    session.execute(read_anew.execution_options(synchronize_session=False))


def _record_zones(session: Session, region_id: str, names: set[str]) -> dict[str, Zone]:
    known = {zone.name: zone for zone in session.scalars(select(Zone).where(Zone.region_id == region_id))}
    for name in names - known.keys():
        known[name] = Zone(region_id=region_id, name=name)
        session.add(known[name])
    for name, zone in known.items():
        zone.present = name in names
    session.flush()
    return known


def _record_pools(session: Session, region_id: str, seen: Infrastructure, zones: Mapping[str, Zone]) -> dict[str, Pool]:
    known = {pool.external_id: pool for pool in session.scalars(select(Pool).where(Pool.region_id == region_id))}
    hosts = {host.name: host for host in seen.hosts}
    for facts in seen.pools:
        members = [hosts[name] for name in facts.host_names if name in hosts]
        pool = known.get(facts.id)
        if pool is None:
            pool = known[facts.id] = _new_pool(region_id, facts.id, members)
            session.add(pool)
        pool.name = facts.name
        pool.zone_id = zones[facts.zone].id if facts.zone else None
        pool.hypervisor = hypervisors.word_of_pool({hypervisors.word(host.hypervisor) for host in members})
    shown = {facts.id for facts in seen.pools}
    for external_id, pool in known.items():
        pool.present = external_id in shown
    session.flush()
    return known


def _new_pool(region_id: str, external_id: str, members: Sequence[HostFacts]) -> Pool:
    """A pool begins with what its hosts apply, the most careful where they differ; afterwards people decide."""
    return Pool(
        region_id=region_id,
        external_id=external_id,
        cpu_ratio=min((host.cpu_ratio for host in members), default=1.0),
        memory_ratio=min((host.memory_ratio for host in members), default=1.0),
    )


def _record_hosts(
    session: Session, region_id: str, seen: Infrastructure, pools: Mapping[str, Pool], now: datetime
) -> None:
    known = {host.external_id: host for host in session.scalars(select(Host).where(Host.region_id == region_id))}
    memberships = _memberships(seen, pools)
    shown = {facts.id for facts in seen.hosts}
    for facts in seen.hosts:
        host = known.get(facts.id)
        if host is None:
            host = Host(region_id=region_id, external_id=facts.id, seen_at=now)
            session.add(host)
        candidates = memberships.get(facts.name, [])
        if host.pool_id not in candidates:
            host.pool_id = candidates[0] if candidates else None
        _bring_up_to(host, facts)
    session.flush()
    gone = [host.id for external_id, host in known.items() if external_id not in shown]
    of_region = update(Host).where(Host.region_id == region_id).execution_options(synchronize_session=False)
    if gone:
        session.execute(of_region.where(Host.id.in_(gone)).values(up=False, pool_id=None))
    session.execute(of_region.where(Host.id.not_in(gone)).values(seen_at=now))


def _record_stores(session: Session, region_id: str, seen: Sequence[StoreFacts]) -> None:
    known = {store.external_id: store for store in session.scalars(select(Store).where(Store.region_id == region_id))}
    for facts in seen:
        store = known.get(facts.id)
        if store is None:
            store = Store(region_id=region_id, external_id=facts.id)
            session.add(store)
        store.name, store.present = facts.name, True
        store.capacity_gib, store.free_gib = facts.capacity_gib, facts.free_gib
        store.provisioned_gib = facts.provisioned_gib
    shown = {facts.id for facts in seen}
    for external_id, store in known.items():
        if external_id not in shown:
            store.present = False


def _memberships(seen: Infrastructure, pools: Mapping[str, Pool]) -> dict[str, list[str]]:
    """Return each host's pools; a host may be in several, and stays in the one it is in as long as that names it."""
    pools_of: dict[str, list[str]] = {}
    for facts in sorted(seen.pools, key=lambda pool: (pool.zone is None, pool.name)):
        for name in facts.host_names:
            pools_of.setdefault(name, []).append(pools[facts.id].id)
    return pools_of


def _bring_up_to(host: Host, facts: HostFacts) -> None:
    host.name, host.hypervisor = facts.name, hypervisors.word(facts.hypervisor)
    host.up, host.enabled = facts.up, facts.enabled
    host.vcpus, host.memory_mib, host.disk_gib = facts.vcpus, facts.memory_mib, facts.disk_gib
    host.cpu_ratio, host.memory_ratio = round(facts.cpu_ratio, 2), round(facts.memory_ratio, 2)
    host.used_vcpus, host.used_memory_mib = facts.used_vcpus, facts.used_memory_mib
    host.used_disk_gib = facts.used_disk_gib
