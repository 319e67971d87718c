"""Reading a region: what is new, what changed, what vanished; at a price that does not grow with the region."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from jinyun.kit import events
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.operations.models import OperationRow
from jinyun.operations.states import ACTIVE, NEEDS_OPERATOR
from jinyun.providers.base import HostFacts, PoolFacts
from jinyun.regions import hypervisors
from jinyun.regions.events import RegionObserved
from jinyun.regions.models import Host, Pool, Region, Zone
from jinyun.regions.observation import Infrastructure, record_infrastructure
from jinyun.regions.service import SYNC_EVERY, sync_due
from tests.api import APPLICANT, queries_of
from tests.together import at_once
from tests.unit.regions.conftest import Site

HOST = HostFacts("h1", "kvm-1", "QEMU", up=True, enabled=True, vcpus=8, memory_mib=4096, disk_gib=100, cpu_ratio=4.0)
POOL = PoolFacts("p1", "kvm", "az-1", ("kvm-1", "kvm-2"))
SEEN = Infrastructure(("az-1",), (POOL,), (HOST, replace(HOST, id="h2", name="kvm-2", cpu_ratio=2.0)))


@pytest.fixture
def region_id(database: Database) -> str:
    def enter(session: Any) -> str:
        region = Region(code="r", name="R", provider="simulated", public={})
        session.add(region)
        session.flush()
        return region.id

    return database.write(enter)


def observe(database: Database, region_id: str, seen: Infrastructure) -> None:
    database.write(lambda session: record_infrastructure(session, region_id, seen, utc_now()))


def everything(database: Database, table: type[Any]) -> dict[str, Any]:
    return {row.name: row for row in database.read(lambda session: list(session.scalars(select(table))))}


def test_what_is_new_is_entered(database: Database, region_id: str) -> None:
    observe(database, region_id, SEEN)
    pool = everything(database, Pool)["kvm"]
    assert (pool.hypervisor, pool.cpu_ratio, pool.memory_ratio) == (hypervisors.KVM, 2.0, 1.0)
    assert (pool.orderable, pool.criticality_class, pool.present) == (False, None, True)
    assert pool.zone_id == everything(database, Zone)["az-1"].id
    hosts = everything(database, Host)
    assert {host.pool_id for host in hosts.values()} == {pool.id}
    assert (hosts["kvm-1"].vcpus, hosts["kvm-1"].cpu_ratio, hosts["kvm-1"].used_vcpus) == (8, 4.0, 0)


def test_what_people_decided_of_a_pool_outlives_the_next_reading(database: Database, region_id: str) -> None:
    observe(database, region_id, SEEN)
    database.write(lambda session: session.execute(update(Pool).values(cpu_ratio=1.5, orderable=True)))
    renamed = replace(SEEN, pools=(replace(POOL, name="kvm-general", zone="az-2"),))
    observe(database, region_id, renamed)
    pool = everything(database, Pool)["kvm-general"]
    assert (pool.cpu_ratio, pool.orderable) == (1.5, True)
    zones = everything(database, Zone)
    assert pool.zone_id == zones["az-2"].id
    assert (zones["az-1"].present, zones["az-2"].present) == (True, True)


def test_what_vanished_stays_marked_and_comes_back(database: Database, region_id: str) -> None:
    observe(database, region_id, SEEN)
    before = everything(database, Host)
    observe(database, region_id, Infrastructure((), (), (HOST,)))
    hosts, pools = everything(database, Host), everything(database, Pool)
    assert (hosts["kvm-2"].up, hosts["kvm-2"].pool_id) == (False, None)
    assert hosts["kvm-2"].seen_at == before["kvm-2"].seen_at
    assert hosts["kvm-1"].seen_at > before["kvm-1"].seen_at
    assert (pools["kvm"].present, pools["kvm"].hypervisor) == (False, hypervisors.KVM)
    assert everything(database, Zone)["az-1"].present is False

    observe(database, region_id, SEEN)
    hosts, pools = everything(database, Host), everything(database, Pool)
    assert {name: host.id for name, host in hosts.items()} == {name: host.id for name, host in before.items()}
    assert (hosts["kvm-2"].up, hosts["kvm-2"].pool_id, pools["kvm"].present) == (True, pools["kvm"].id, True)


def test_a_host_of_several_pools_stays_where_it_is(database: Database, region_id: str) -> None:
    observe(database, region_id, SEEN)
    second = PoolFacts("p0", "a-first-by-name", "az-1", ("kvm-1",))
    observe(database, region_id, replace(SEEN, pools=(second, POOL)))
    pools, hosts = everything(database, Pool), everything(database, Host)
    assert hosts["kvm-1"].pool_id == pools["kvm"].id
    observe(database, region_id, replace(SEEN, pools=(second, replace(POOL, host_names=("kvm-2",)))))
    assert everything(database, Host)["kvm-1"].pool_id == pools["a-first-by-name"].id


def test_of_several_pools_a_new_host_goes_to_one_with_a_zone(database: Database, region_id: str) -> None:
    plain = PoolFacts("p0", "a-plain-group", None, ("kvm-1", "kvm-2"))
    observe(database, region_id, replace(SEEN, pools=(plain, POOL)))
    pools = everything(database, Pool)
    assert {host.pool_id for host in everything(database, Host).values()} == {pools["kvm"].id}
    assert pools["a-plain-group"].zone_id is None


@pytest.mark.parametrize(
    ("kinds", "word"),
    [
        (("QEMU", "QEMU"), hypervisors.KVM),
        (("VMware vCenter Server", "VMware vCenter Server"), hypervisors.VMWARE),
        (("ironic", "ironic"), hypervisors.BARE_METAL),
        (("fake", "fake"), "fake"),
        (("QEMU", "fake"), hypervisors.MIXED),
    ],
)
def test_a_pool_is_named_for_what_its_hosts_run(
    database: Database, region_id: str, kinds: tuple[str, str], word: str
) -> None:
    hosts = tuple(replace(host, hypervisor=kind) for host, kind in zip(SEEN.hosts, kinds, strict=True))
    observe(database, region_id, replace(SEEN, hosts=hosts))
    assert everything(database, Pool)["kvm"].hypervisor == word


def test_a_pool_without_hosts_is_kept(database: Database, region_id: str) -> None:
    observe(database, region_id, Infrastructure((), (PoolFacts("p9", "empty", None, ()),), ()))
    pool = everything(database, Pool)["empty"]
    assert (pool.hypervisor, pool.cpu_ratio) == (hypervisors.NONE, 1.0)


def statements(database: Database, region_id: str, seen: Infrastructure) -> int:
    noted: list[object] = []

    def note(*what: object) -> None:
        noted.append(what[2])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        observe(database, region_id, seen)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return len(noted)


def fleet(count: int, used: int) -> Infrastructure:
    hosts = tuple(replace(HOST, id=f"h{n}", name=f"kvm-{n}", used_vcpus=used) for n in range(count))
    return Infrastructure(("az-1",), (replace(POOL, host_names=tuple(host.name for host in hosts)),), hosts)


def test_a_large_region_costs_few_statements(database: Database, region_id: str) -> None:
    assert statements(database, region_id, fleet(600, 0)) < 15
    assert statements(database, region_id, fleet(600, 1)) < 15
    assert statements(database, region_id, fleet(600, 1)) < 10
    assert {host.used_vcpus for host in everything(database, Host).values()} == {1}


def listen(monkeypatch: pytest.MonkeyPatch, listener: Callable[[Session, RegionObserved], None]) -> None:
    monkeypatch.setattr(events, "_listeners", defaultdict(list, {RegionObserved: [listener]}))


def test_each_reading_tells_the_rooms_above_what_there_is(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[RegionObserved] = []
    listen(monkeypatch, lambda session, news: heard.append(news))
    site.register()
    site.run()
    assert [facts.name for facts in heard[0].volume_types] == ["high", "general", "low"]
    assert {facts.name for facts in heard[0].images} == {"jinyun-linux-1", "jinyun-linux-large"}
    assert len(heard[0].flavors) == 4
    assert {facts.name for facts in heard[0].networks} == {"prod-vlan-100", "office-vlan-200"}


def test_a_room_that_cannot_take_the_news_keeps_the_region_from_being_ready(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choke(session: object, news: RegionObserved) -> None:
        raise RuntimeError("no room")

    listen(monkeypatch, choke)
    operation = site.register()
    site.run()
    assert site.operation(operation["id"]).state == NEEDS_OPERATOR
    assert site.region()["state"] == "registering"


def test_a_region_is_read_by_one_at_a_time(site: Site) -> None:
    site.register()
    busy = site.administrator.post("/v1/regions/sim-1/sync")
    assert (busy.status_code, busy.json()["code"]) == (409, "subject-busy")
    site.run()
    assert site.administrator.post("/v1/regions/sim-1/sync").status_code == 202


def active(site: Site) -> int:
    running = select(OperationRow).where(OperationRow.state.in_(ACTIVE))
    return len(site.database.read(lambda session: list(session.scalars(running))))


def pass_time(site: Site) -> None:
    long_ago = utc_now() - SYNC_EVERY - timedelta(seconds=1)
    site.database.write(lambda session: session.execute(update(Region).values(sync_asked_at=long_ago)))


def test_regions_are_read_again_when_their_time_has_come(site: Site) -> None:
    site.register()
    site.run()
    assert sync_due(site.database) == 0
    pass_time(site)
    assert sync_due(site.database) == 1
    assert sync_due(site.database) == 0
    assert active(site) == 1


def test_a_region_that_is_being_read_holds_nobody_up(site: Site) -> None:
    site.register()
    site.register(code="sim-2")
    site.run()
    site.administrator.post("/v1/regions/sim-1/sync")
    pass_time(site)
    assert sync_due(site.database) == 1
    assert active(site) == 2


def test_two_workers_start_one_reading(site: Site) -> None:
    site.register()
    site.run()
    pass_time(site)
    assert sorted(map(str, at_once(4, lambda _: sync_due(site.database)))) == ["0", "0", "0", "1"]
    assert active(site) == 1


def test_pools_are_opened_by_operators(site: Site) -> None:
    site.register()
    site.run()
    pools = {pool["name"]: pool for pool in site.administrator.get("/v1/pools?region=sim-1").json()["items"]}
    assert pools["kvm-general"]["zone"] == "az-general"
    assert pools["kvm-general"]["cpu_ratio"] == 4.0
    path = f"/v1/pools/{pools['kvm-key']['id']}"
    change = {"orderable": True, "criticality_class": "key", "cpu_ratio": 1.25}
    answer = site.administrator.patch(path, json=change, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert {key: answer.json()[key] for key in change} == change
    assert site.administrator.get(path).json() == answer.json()
    late = site.administrator.patch(path, json={"orderable": False}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "stale-version")
    anybody = {"criticality_class": None, "orderable": None}
    for_all = site.administrator.patch(path, json=anybody, headers={"If-Match": '"2"'})
    assert (for_all.json()["criticality_class"], for_all.json()["orderable"]) == (None, True)


def test_operators_say_what_a_pool_is_for(site: Site) -> None:
    site.register()
    site.run()
    path = f"/v1/pools/{site.administrator.get('/v1/pools').json()['items'][0]['id']}"
    change = {
        "tags": ["gpu", "rack-3"],
        "licences": ["windows"],
        "dedicated_to": "department:retail",
        "tiers": ["high"],
        "networks": [],
        "keeps_a_host": True,
        "weight": 2.5,
    }
    answer = site.administrator.patch(path, json=change, headers={"If-Match": '"1"'})
    assert {key: answer.json()[key] for key in change} == change
    assert site.administrator.get("/v1/pools").json()["items"][0]["dedicated_to"] == "department:retail"
    nobody = site.administrator.patch(path, json={"dedicated_to": "project:none"}, headers={"If-Match": '"2"'})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "not-found")
    for_all = {"dedicated_to": None, "tiers": None, "networks": None}
    answer = site.administrator.patch(path, json=for_all | {"tags": None}, headers={"If-Match": '"2"'})
    assert {key: answer.json()[key] for key in for_all} == for_all
    assert answer.json()["tags"] == ["gpu", "rack-3"]


@pytest.mark.parametrize(
    "change",
    [
        {"cpu_ratio": 0},
        {"memory_ratio": 65},
        {"cpu_ratio": 1.001},
        {"criticality_class": "huge"},
        {"dedicated_to": "person:li.wei"},
        {"tags": [""]},
        {"weight": 0},
    ],
)
def test_a_pool_promises_nothing_absurd(site: Site, change: dict[str, object]) -> None:
    site.register()
    site.run()
    pool = site.administrator.get("/v1/pools").json()["items"][0]
    answer = site.administrator.patch(f"/v1/pools/{pool['id']}", json=change, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-field")


def test_users_see_pools_but_neither_hosts_nor_changes(site: Site) -> None:
    site.register()
    site.run()
    applicant = site.api.as_(APPLICANT)
    pool = applicant.get("/v1/pools").json()["items"][0]
    refused = applicant.patch(f"/v1/pools/{pool['id']}", json={"orderable": True}, headers={"If-Match": '"1"'})
    assert refused.status_code == 403
    assert applicant.get("/v1/hosts").status_code == 403
    hosts = site.administrator.get("/v1/hosts", params={"pool": pool["id"], "region": "sim-1"}).json()["items"]
    assert [host["name"] for host in hosts] == [f"{pool['name']}-{number}" for number in (1, 2, 3)]
    missing = site.administrator.get(f"/v1/pools/{hosts[0]['id']}")
    assert missing.status_code == 404
    change = site.administrator.patch(f"/v1/pools/{hosts[0]['id']}", json={}, headers={"If-Match": '"1"'})
    assert change.status_code == 404


def test_lists_cost_the_same_whatever_their_length(site: Site) -> None:
    site.register()
    site.register(code="sim-2")
    site.run()
    operator = site.administrator
    for path in ("/v1/regions", "/v1/pools", "/v1/hosts"):
        assert queries_of(site.database, operator, f"{path}?limit=1") == queries_of(site.database, operator, path), path
