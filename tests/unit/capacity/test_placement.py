import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.capacity.amounts import Amount
from jinyun.capacity.errors import NoCapacity
from jinyun.regions.models import Host, Region
from tests.unit.capacity.conftest import Site

BIG = Amount(16, 65536, 1000)


def pool_of(site: Site, **wanted: object) -> str:
    chosen: str = site.hold(site.request(**wanted)).explanation["chosen"]["pool"]
    return chosen


def why_not(site: Site, **wanted: object) -> str:
    with pytest.raises(NoCapacity) as refused:
        site.hold(site.request(**wanted))
    explanation = refused.value.explanation()
    assert explanation.zh != explanation.en
    return explanation.en


def test_without_pools_it_says_so(site: Site) -> None:
    assert why_not(site) == "There is no pool yet."


def test_each_filter_names_what_it_ruled_out(site: Site) -> None:
    far = site.region("r2")
    site.region("down", state="unreachable")
    site.pool("closed", BIG, orderable=False)
    site.pool("gone", BIG, present=False)
    site.pool("far", BIG, region="r2", zone="z2")
    site.pool("dark", BIG, region="down")
    site.pool("key-only", BIG, zone="z1", criticality_class="key")
    site.pool("tiny", Amount(1, 512, 1), zone="z1")
    assert why_not(site, region_id=site.regions["r1"], zone="z1") == (
        "None of 5 pools can take it: 1 in a region that is not ready; 1 not open for orders; 1 in another region; "
        "1 kept for other systems; 1 without enough room."
    )
    assert "1 in another zone" in why_not(site, zone="z1", offered_in=frozenset({*site.regions.values()}))
    assert "3 out of the network's reach" in why_not(site, network_region_id=site.regions["down"], criticality="none")
    assert "1 without the flavor, image or tier" in why_not(site, offered_in=frozenset({site.regions["r1"]}))
    assert pool_of(site, region_id=far) == "r2/far"
    assert pool_of(site, zone="z1", criticality="key") == "r1/key-only"


def test_room_in_all_is_not_room_on_a_host(site: Site) -> None:
    site.pool("split", Amount(8, 8192, 100), Amount(8, 8192, 100))
    assert "1 without a host that has room" in why_not(site, vcpus=10)
    assert "1 without a host that has room" in why_not(site, vcpus=5, servers=3)
    assert pool_of(site, vcpus=5, servers=2) == "r1/split"


def test_hosts_that_take_no_servers_do_not_count(site: Site) -> None:
    pool_id = site.pool("p", BIG, BIG, BIG)

    def take_out(session: Session) -> None:
        first, second, _third = session.scalars(select(Host).order_by(Host.name)).all()
        first.up, second.enabled = False, False

    site.alter(take_out)
    assert site.room(pool_id).size == BIG
    assert not site.room(pool_id).survives_a_host(BIG)


def test_overcommit_is_the_smaller_of_what_was_decided_and_what_is_applied(site: Site) -> None:
    pool_id = site.pool("p", BIG, cpu_ratio=4.0)
    assert site.room(pool_id).size == Amount(64, 65536, 1000)

    def apply_less(session: Session) -> None:
        session.scalars(select(Host)).one().cpu_ratio = 1.5

    site.alter(apply_less)
    assert site.room(pool_id).size == Amount(24, 65536, 1000)


def test_an_overfull_host_takes_nothing_from_the_others(site: Site) -> None:
    pool_id = site.pool("p", BIG, BIG)
    site.read_by_region(pool_id, Amount(40, 65536, 0))
    assert site.room(pool_id).free == Amount(16, 65536, 2000)


def test_the_pool_that_survives_a_host_comes_first(site: Site) -> None:
    risky = site.pool("risky", Amount(64, 262144, 1000), Amount(4, 16384, 1000))
    site.pool("safe", BIG, BIG)
    hold = site.hold(site.request(vcpus=6, memory_mib=20000))
    assert hold.explanation["chosen"]["pool"] == "r1/safe"
    assert [each["survives_a_host"] for each in hold.explanation["ranking"]] == [True, False]
    assert not site.room(risky).survives_a_host(Amount(6, 20000))


def test_a_pool_kept_for_such_systems_comes_before_one_for_all(site: Site) -> None:
    site.pool("any", *[BIG] * 4)
    site.pool("key", BIG, BIG, criticality_class="key")
    assert pool_of(site, criticality="key") == "r1/key"
    assert pool_of(site, criticality="general") == "r1/any"


def test_load_spreads_to_where_most_is_left(site: Site) -> None:
    site.pool("a", BIG, BIG)
    site.pool("b", BIG, BIG)
    assert sorted(pool_of(site, vcpus=4) for _ in range(4)) == ["r1/a", "r1/a", "r1/b", "r1/b"]


def test_the_explanation_of_a_choice_has_its_numbers(site: Site) -> None:
    site.pool("p", BIG, zone="z1")
    explanation = site.hold(site.request(vcpus=4)).explanation
    assert explanation["summary"]["en"] == "Pool r1/p is the best of 1 that can take it."
    assert explanation["chosen"]["free_after"] == {"vcpus": 12, "memory_mib": 61440, "disk_gib": 990}
    assert explanation["considered"] == 1


def test_a_region_that_went_away_takes_nothing_new(site: Site) -> None:
    site.pool("p", BIG)

    def lose(session: Session) -> None:
        session.scalars(select(Region)).one().state = "unreachable"

    site.alter(lose)
    assert "1 in a region that is not ready" in why_not(site)
