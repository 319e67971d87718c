from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.audit.models import AuditRecord
from jinyun.capacity import hosts
from jinyun.capacity import service as capacity
from jinyun.capacity.amounts import Amount
from jinyun.capacity.errors import HoldGone, NoCapacity, QuotaExceeded
from jinyun.capacity.events import HoldExpired
from jinyun.capacity.models import Hold
from jinyun.kit import events
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import NotFound
from jinyun.regions.models import Host, Pool
from tests.unit.capacity.conftest import LATER, Site

BIG = Amount(16, 65536, 1000)
SMALL = Amount(2, 4096, 10)
NOTHING = Amount()


@pytest.fixture
def pool_id(site: Site) -> str:
    return site.pool("p1", BIG, BIG)


def test_a_hold_counts_at_every_level_that_has_a_limit(site: Site, pool_id: str) -> None:
    for scope, code in (("project", "mobile-banking"), ("department", "retail")):
        site.limit(scope, code, "vcpus", 100)
    hold = site.hold(site.request(servers=3, tiers={"high": 200}))
    assert hold.lines == {"vcpus": 6, "memory_mib": 12288, "servers": 3, "addresses": 3, "storage_gib:high": 200}
    assert site.counters("vcpus") == {"project": (6, 0), "department": (6, 0)}
    assert site.load(pool_id) == (SMALL.times(3), NOTHING)
    site.do(capacity.to_usage, hold.id)
    assert site.counters("vcpus") == {"project": (0, 6), "department": (0, 6)}
    assert site.load(pool_id) == (NOTHING, SMALL.times(3))
    site.do(capacity.release, hold.id)
    assert site.counters("vcpus") == {"project": (0, 0), "department": (0, 0)}
    assert site.load(pool_id) == (NOTHING, NOTHING)


def test_every_verb_may_be_repeated(site: Site, pool_id: str) -> None:
    site.limit("project", "mobile-banking", "servers", 5)
    hold = site.hold(site.request())
    for verb in (capacity.confirm, capacity.confirm, capacity.to_usage, capacity.to_usage, capacity.confirm):
        site.do(verb, hold.id)
    assert site.counters("servers") == {"project": (0, 1)}
    for _ in range(2):
        site.do(capacity.release, hold.id)
    assert site.counters("servers") == {"project": (0, 0)}
    assert site.load(pool_id) == (NOTHING, NOTHING)
    for verb in (capacity.confirm, capacity.to_usage):
        with pytest.raises(HoldGone):
            site.do(verb, hold.id)
    with pytest.raises(NotFound):
        site.do(capacity.release, "no-such-hold")


def test_a_limit_above_refuses_too_and_says_where(site: Site, pool_id: str) -> None:
    site.limit("project", "mobile-banking", "vcpus", 100)
    site.limit("department", "head-office", "servers", 2)
    site.hold(site.request(servers=2))
    with pytest.raises(
        QuotaExceeded, match=r"Head Office may have 2 of servers; 0 are used and 2 held, 1 more"
    ) as seen:
        site.hold(site.request())
    assert seen.value.field == "servers"
    site.hold(site.request("risk-reporting", servers=0, region_id=site.regions["r1"], tiers={"low": 1}))
    assert site.load(pool_id) == (SMALL.times(2), NOTHING)


def test_a_new_limit_begins_with_what_is_taken_already(site: Site, pool_id: str) -> None:
    site.do(capacity.to_usage, site.hold(site.request(servers=2)).id)
    site.hold(site.request(servers=3))
    gone = site.hold(site.request("credit-card"))
    site.do(capacity.release, gone.id)
    site.hold(site.request("trade-finance"))
    site.limit("project", "mobile-banking", "servers", 4)
    site.limit("department", "retail", "servers", 9)
    assert site.counters("servers") == {"project": (3, 2), "department": (3, 2)}
    with pytest.raises(QuotaExceeded):
        site.hold(site.request())
    site.limit("project", "mobile-banking", "servers", None)
    site.hold(site.request())
    assert site.counters("servers") == {"department": (4, 2)}


def test_what_is_not_delivered_yet_comes_on_top_of_the_regions_figures(site: Site, pool_id: str) -> None:
    whole = BIG.times(2)
    hold = site.hold(site.request())
    assert site.room(pool_id).free == whole - SMALL
    site.do(capacity.to_usage, hold.id)
    assert site.room(pool_id).free == whole - SMALL
    site.read_by_region(pool_id, SMALL)
    assert site.room(pool_id).free == whole - SMALL
    site.do(capacity.release, hold.id)
    assert site.room(pool_id).free == whole - SMALL
    site.read_by_region(pool_id, NOTHING)
    assert site.room(pool_id).free == whole


def test_other_peoples_servers_count(site: Site, pool_id: str) -> None:
    site.read_by_region(pool_id, Amount(15, 1024, 0))
    room = site.room(pool_id)
    assert room.free == BIG.times(2) - Amount(15, 1024, 0)
    assert room.places_for(SMALL) == 8


def test_a_resize_takes_or_gives_back_the_difference(site: Site, pool_id: str) -> None:
    site.limit("project", "mobile-banking", "vcpus", 8)
    hold = site.hold(site.request())
    site.do(capacity.to_usage, hold.id)
    site.read_by_region(pool_id, SMALL)
    site.do(capacity.change, hold.id, site.request(vcpus=8))
    assert site.counters("vcpus") == {"project": (0, 8)}
    assert site.load(pool_id) == (NOTHING, Amount(8, 4096, 10))
    assert site.room(pool_id).settling == NOTHING
    with pytest.raises(QuotaExceeded):
        site.do(capacity.change, hold.id, site.request(vcpus=9))
    site.do(capacity.change, hold.id, site.request(vcpus=1))
    assert site.counters("vcpus") == {"project": (0, 1)}
    site.do(capacity.release, hold.id)
    assert site.counters("vcpus") == {"project": (0, 0)}
    assert site.load(pool_id) == (NOTHING, NOTHING)


def test_growth_settles_with_what_had_not_settled_yet(site: Site, pool_id: str) -> None:
    hold = site.hold(site.request())
    site.do(capacity.to_usage, hold.id)
    site.do(capacity.change, hold.id, site.request(vcpus=6))
    assert site.room(pool_id).settling == Amount(6, 4096, 10)
    assert site.room(pool_id).free == BIG.times(2) - Amount(6, 4096, 10)


def test_a_resize_needs_a_host_with_room_for_all_of_it(site: Site, pool_id: str) -> None:
    hold = site.hold(site.request(vcpus=8))
    site.read_by_region(pool_id, Amount(8, 4096, 10))
    site.do(capacity.change, hold.id, site.request(vcpus=16))
    with pytest.raises(NoCapacity, match="r1/p1"):
        site.do(capacity.change, hold.id, site.request(vcpus=17))
    site.do(capacity.change, hold.id, site.request(vcpus=16, tiers={"low": 50}))
    assert site.load(pool_id) == (Amount(16, 4096, 10), NOTHING)


def test_volumes_alone_take_quota_but_no_pool(site: Site, pool_id: str) -> None:
    site.limit("project", "mobile-banking", "storage_gib:high", 100)
    request = site.request(vcpus=0, memory_mib=0, disk_gib=0, servers=0, tiers={"high": 60})
    with pytest.raises(ValueError, match="needs a region"):
        site.hold(request)
    request = site.request(
        vcpus=0, memory_mib=0, disk_gib=0, servers=0, tiers={"high": 60}, region_id=site.regions["r1"]
    )
    hold = site.hold(request)
    assert (hold.pool_id, hold.lines) == (None, {"storage_gib:high": 60})
    with pytest.raises(QuotaExceeded):
        site.hold(request)
    site.do(capacity.to_usage, hold.id)
    assert site.database.read(lambda session: hosts.host_for(session, hold.id)) is None
    site.do(capacity.release, hold.id)
    assert site.counters("storage_gib:high") == {"project": (0, 0)}


@pytest.fixture
def expired() -> Iterator[list[HoldExpired]]:
    heard: list[HoldExpired] = []

    def listener(_session: Session, event: HoldExpired) -> None:
        heard.append(event)

    events.subscribe(HoldExpired, listener)
    yield heard
    events._listeners[HoldExpired].remove(listener)


def test_what_nobody_confirmed_in_time_is_given_back(site: Site, pool_id: str, expired: list[HoldExpired]) -> None:
    late, kept, extended = (site.hold(site.request(), name) for name in ("late", "kept", "extended"))
    site.do(capacity.confirm, kept.id)
    site.do(capacity.extend, kept.id, utc_now())
    site.do(capacity.extend, extended.id, utc_now() + 2 * LATER)
    after = utc_now() + LATER + timedelta(minutes=1)
    assert site.database.write(lambda session: capacity.release_expired(session, after)) == 1
    assert site.database.write(lambda session: capacity.release_expired(session, after)) == 0
    assert expired == [HoldExpired(late.id, "order_item", "late")]
    assert site.load(pool_id) == (SMALL.times(2), NOTHING)
    states = site.database.read(lambda session: dict(session.execute(select(Hold.holder_id, Hold.state)).all()))
    assert states == {"late": "released", "kept": "held", "extended": "held"}
    actions = site.database.read(lambda session: list(session.scalars(select(AuditRecord.action))))
    assert actions.count("capacity.expire") == 1


def test_the_region_chooses_the_host_where_the_zone_has_one_pool(site: Site) -> None:
    site.pool("alone", BIG, zone="a")
    only = site.hold(site.request(zone="a"))
    assert site.database.read(lambda session: hosts.host_for(session, only.id)) is None
    site.pool("left", BIG, BIG, zone="b")
    site.pool("right", Amount(1, 1, 1), zone="b")
    hold = site.hold(site.request(zone="b"))

    def down(session: Session) -> None:
        session.scalars(select(Host).filter_by(name="left-1")).one().up = False

    site.alter(down)
    assert site.database.read(lambda session: hosts.host_for(session, hold.id)) == "left-0"

    def all_down(session: Session) -> None:
        session.scalars(select(Host).filter_by(name="left-0")).one().enabled = False

    site.alter(all_down)
    with pytest.raises(NoCapacity):
        site.database.read(lambda session: hosts.host_for(session, hold.id))
    with pytest.raises(NotFound):
        site.database.read(lambda session: hosts.host_for(session, "none"))


def test_a_host_that_was_chosen_is_taken_or_nothing(site: Site) -> None:
    first = site.pool("first", BIG, BIG, zone="a")
    second = site.pool("second", BIG, zone="a")
    assert site.hold(site.request(zone="a", in_pool=second)).pool_id == second
    hold = site.hold(site.request(zone="a", on_host="first-1"))
    assert (hold.pool_id, hold.host) == (first, "first-1")
    assert site.database.read(lambda session: hosts.host_for(session, hold.id)) == "first-1"
    with pytest.raises(NoCapacity):
        site.hold(site.request(zone="a", in_pool=second, on_host="first-1"))
    site.alter(lambda session: setattr(session.scalars(select(Host).filter_by(name="first-1")).one(), "up", False))
    with pytest.raises(NoCapacity):
        site.database.read(lambda session: hosts.host_for(session, hold.id))
    moved, left = site.database.write(lambda session: capacity.place_anew(session, hold.id, "office", frozenset()))
    assert (moved.host, left) in {("first-0", "first-1"), ("second-0", "first-1")}


def test_what_lost_its_room_is_placed_anew_in_its_zone(site: Site, pool_id: str) -> None:
    site.alter(lambda session: setattr(session.get_one(Pool, pool_id), "present", False))
    first = site.pool("first", BIG, zone="z1")
    second = site.pool("second", Amount(8, 65536, 1000), zone="z1")
    site.pool("elsewhere", BIG, zone="z2")
    hold = site.hold(site.request(zone="z1"))
    assert hold.pool_id == first
    site.read_by_region(first, BIG)
    with pytest.raises(NoCapacity):
        site.database.read(lambda session: hosts.host_for(session, hold.id))
    moved, _ = site.database.write(lambda session: capacity.place_anew(session, hold.id, "office", frozenset({"high"})))
    assert (moved.pool_id, moved.explanation["chosen"]["pool"]) == (second, "r1/second")
    assert (site.load(first)[0], site.load(second)[0]) == (NOTHING, SMALL)
    site.read_by_region(second, BIG)
    with pytest.raises(NoCapacity, match="stays apart from"):
        site.database.write(lambda session: capacity.place_anew(session, hold.id, "office", frozenset()))
    assert (site.load(first)[0], site.load(second)[0]) == (NOTHING, SMALL)
