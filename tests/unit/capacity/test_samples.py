"""Samples of how full everything is: noted once each ten minutes, thinned out with age, read for plots."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from jinyun.capacity import sampling
from jinyun.capacity.amounts import Amount
from jinyun.capacity.models import CapacitySample
from jinyun.capacity.routes import router
from jinyun.capacity.sampling import Sample, forget_old, note, sample_pools
from jinyun.regions.models import Host, Region
from tests.api import APPLICANT, OPERATOR, Api, queries_of
from tests.unit.capacity.conftest import Site

HOST = Amount(16, 65536, 1000)
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
SAMPLES = "/v1/capacity/samples"


@pytest.fixture
def api(site: Site, tmp_path: Path) -> Api:
    return Api(site.bank, [router], tmp_path)


def noted_at(site: Site, monkeypatch: pytest.MonkeyPatch, moment: datetime, pools: int = 1) -> int:
    monkeypatch.setattr(sampling, "database_now", lambda _session: moment)
    samples = [
        Sample("pool", site.regions["r1"], f"p-{number}", "p", {"used": {"vcpus": moment.hour}})
        for number in range(pools)
    ]
    return site.database.write(lambda session: note(session, samples))


def shown(api: Api, **wanted: Any) -> list[dict[str, Any]]:
    answer = api.as_(OPERATOR).get(SAMPLES, params={"from": MIDNIGHT, "to": MIDNIGHT + timedelta(days=1)} | wanted)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_pools_and_tiers_are_noted_once_however_often_it_is_done(site: Site, api: Api) -> None:
    pool_id = site.pool("p", HOST, HOST, cpu_ratio=2.0)
    site.read_by_region(pool_id, Amount(4, 8192, 50))
    site.hold(site.request(tiers={"general": 100}))
    assert sample_pools(site.database) == 2
    sample_pools(site.database)
    (pool,) = api.as_(OPERATOR).get(SAMPLES).json()["items"]
    assert (pool["region"], pool["subject"], pool["name"]) == ("r1", pool_id, "p")
    assert pool["figures"]["physical"] == {"vcpus": 32, "memory_mib": 131072, "disk_gib": 2000}
    assert [pool["figures"][what]["vcpus"] for what in ("size", "used", "allocated", "held")] == [64, 4, 0, 2]
    (tier,) = api.as_(OPERATOR).get(SAMPLES, params={"kind": "tier"}).json()["items"]
    assert (tier["subject"], tier["figures"]) == (
        "general",
        {"allocated": {"disk_gib": 0}, "held": {"disk_gib": 100}},
    )


def test_a_series_is_filtered_paged_and_thinned(site: Site, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    for minutes in range(0, 180, 10):
        noted_at(site, monkeypatch, MIDNIGHT + timedelta(minutes=minutes, seconds=7), pools=2)
    assert len(shown(api, limit=500)) == 36
    assert len(shown(api, subject="p-1")) == 18
    assert [each["figures"]["used"]["vcpus"] for each in shown(api, subject="p-1", step="1h")] == [0, 1, 2]
    assert len(shown(api, subject="p-1", step="1d")) == 1
    assert len(shown(api, subject="p-1", **{"from": MIDNIGHT + timedelta(hours=2)})) == 6
    assert shown(api, region="r1", kind="store") == []
    first = api.as_(OPERATOR).get(SAMPLES, params={"from": MIDNIGHT, "limit": 30, "to": MIDNIGHT + timedelta(hours=3)})
    assert len(first.json()["items"]) == 30
    assert len(shown(api, limit=30, after=first.json()["next"])) == 6


def test_old_samples_are_thinned_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for minutes in (0, 10, 60, 70):
        noted_at(site, monkeypatch, MIDNIGHT + timedelta(minutes=minutes))

    def left_after(days: int) -> int:
        site.database.write(lambda session: forget_old(session, MIDNIGHT + timedelta(days=days)))
        return site.database.read(lambda session: session.scalar(select(func.count()).select_from(CapacitySample))) or 0

    assert [left_after(days) for days in (1, 8, 93, 1831)] == [4, 2, 1, 0]


def test_what_makes_no_sense_is_refused(site: Site, api: Api) -> None:
    operator = api.as_(OPERATOR)
    backwards = operator.get(SAMPLES, params={"from": MIDNIGHT, "to": MIDNIGHT - timedelta(days=1)})
    assert (backwards.status_code, backwards.json()["field"]) == (422, "to")
    assert operator.get(SAMPLES, params={"from": "2026-03-01T00:00:00"}).status_code == 422, "without a zone"
    assert operator.get(SAMPLES, params={"kind": "cats"}).status_code == 422
    assert operator.get(SAMPLES, params={"step": "5m"}).status_code == 422
    assert operator.get(SAMPLES, params={"region": "nowhere"}).status_code == 404
    assert api.as_(APPLICANT).get(SAMPLES).status_code == 403


def test_a_page_costs_the_same_whatever_is_on_it(site: Site, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    operator = api.as_(OPERATOR)
    noted_at(site, monkeypatch, MIDNIGHT)
    path = f"{SAMPLES}?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z"
    few = queries_of(site.database, operator, path)
    for minutes in range(10, 200, 10):
        noted_at(site, monkeypatch, MIDNIGHT + timedelta(minutes=minutes), pools=5)
    assert queries_of(site.database, operator, path) == few


def test_a_region_without_a_ratio_of_its_own_follows_the_pool_s(site: Site) -> None:
    pool_id = site.pool("p", HOST, cpu_ratio=4.0, memory_ratio=1.5)

    def as_vcenter(session: Any) -> None:
        session.get_one(Region, site.regions["r1"]).provider = "vsphere"
        for host in session.scalars(select(Host)):
            host.cpu_ratio = host.memory_ratio = 1.0

    site.alter(as_vcenter)
    assert site.room(pool_id).size == Amount(64, 98304, 1000)
