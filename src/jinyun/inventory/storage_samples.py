"""How full stores and clusters are: what the region says, and the thick and thin disks of the machines seen in it."""

from collections import Counter, defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.capacity.sampling import Sample, note
from jinyun.inventory.models import ObservedObject
from jinyun.kit.database import Database
from jinyun.providers.estate import ObservedKind
from jinyun.regions.models import Store

STORE, CLUSTER = "store", "cluster"
AT_ONCE = 500
Place = tuple[str, str]
"""A region, and the name of a store or cluster in it."""


def sample_storage(database: Database) -> int:
    """Note how full all stores and clusters are; return how many were noted."""
    samples = database.read(_samples)
    return database.write(lambda session: note(session, samples))


def _samples(session: Session) -> list[Sample]:
    by_store, by_cluster = _disks(session)
    stores = [_of_store(store, by_store) for store in session.scalars(select(Store).where(Store.present))]
    clusters = [
        Sample(CLUSTER, region_id, name, name, _disk_figures(sizes)) for (region_id, name), sizes in by_cluster.items()
    ]
    return [*stores, *clusters]


def _of_store(store: Store, disks: dict[Place, Counter[str]]) -> Sample:
    figures = {
        "physical": {"disk_gib": store.capacity_gib},
        "used": {"disk_gib": store.capacity_gib - store.free_gib},
    }
    if store.provisioned_gib is not None:
        figures["provisioned"] = {"disk_gib": store.provisioned_gib}
    seen = disks.get((store.region_id, store.name))
    return Sample(STORE, store.region_id, store.external_id, store.name, figures | _disk_figures(seen))


def _disk_figures(sizes: Counter[str] | None) -> dict[str, dict[str, int]]:
    return {what: {"disk_gib": round(gib)} for what, gib in (sizes or {}).items()}


def _disks(session: Session) -> tuple[dict[Place, Counter[str]], dict[Place, Counter[str]]]:
    """Return GiB of thick and thin disks of machines that are there, by datastore and by cluster."""
    by_store: dict[Place, Counter[str]] = defaultdict(Counter)
    by_cluster: dict[Place, Counter[str]] = defaultdict(Counter)
    columns = (ObservedObject.region_id, ObservedObject.cluster, ObservedObject.facts)
    machines = select(*columns).where(ObservedObject.kind == ObservedKind.SERVER, ObservedObject.gone_at.is_(None))
    for region_id, cluster, facts in session.execute(machines.execution_options(yield_per=AT_ONCE)):
        for disk in facts.get("disks", ()):
            what = "thin" if disk["thin"] else "thick"
            if disk["datastore"]:
                by_store[region_id, disk["datastore"]][what] += disk["size_gib"]
            if cluster:
                by_cluster[region_id, cluster][what] += disk["size_gib"]
    return by_store, by_cluster
