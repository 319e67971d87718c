"""What holds for every choice, whatever the pools and the wish: the filters, the explanation, the order, N+1."""

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jinyun.capacity.amounts import Amount
from jinyun.capacity.filters import FILTERS
from jinyun.capacity.placement import choose, fits
from jinyun.capacity.request import PlacementRequest
from jinyun.capacity.rooms import HostRoom, PoolRoom, PoolTraits
from jinyun.organisation.models import Project

PROJECT = Project(id="payments", code="payments")
WORDS = st.frozensets(st.sampled_from(["gpu", "old", "fast"]), max_size=2)
SOME = st.none() | st.frozensets(st.sampled_from(["a", "b"]), max_size=2)
AMOUNTS = st.builds(Amount, st.integers(1, 64), st.integers(1, 256), st.integers(1, 100))
BARE = PoolTraits(
    id="p",
    name="p",
    region_id="r1",
    region="r1",
    region_state="ready",
    takes_new_servers=True,
    zone_id="z1",
    zone="z1",
    hypervisor="kvm",
    criticality_class=None,
    orderable=True,
    present=True,
    cpu_ratio=1.0,
    memory_ratio=1.0,
    tags=frozenset(),
    licences=frozenset(),
    dedicated_to=None,
    tiers=None,
    networks=None,
    keeps_a_host=False,
    weight=1.0,
)


def room_of(*hosts: HostRoom, held: Amount = Amount(), **traits: Any) -> PoolRoom:  # noqa: B008 - frozen
    return PoolRoom(
        pool=replace(BARE, **traits),
        hosts=hosts,
        physical=Amount.total(host.size for host in hosts),
        held=held,
        settling=Amount(),
        delivered=Amount(),
        unseen_since=None,
    )


def host(vcpus: int, memory: int = 1000, used: int = 0) -> HostRoom:
    return HostRoom(f"h{vcpus}-{used}", Amount(vcpus, memory, 1000), Amount(used))


@st.composite
def rooms(draw: st.DrawFn) -> list[PoolRoom]:
    made = []
    for number in range(draw(st.integers(0, 6))):
        hosts = [
            HostRoom(f"h{number}-{index}", draw(AMOUNTS), draw(AMOUNTS)) for index in range(draw(st.integers(0, 4)))
        ]
        traits = {
            "id": f"p{number}",
            "name": f"p{number}",
            "region_id": draw(st.sampled_from(["r1", "r2"])),
            "takes_new_servers": draw(st.sampled_from([True, True, False])),
            "region_state": draw(st.sampled_from(["ready", "ready", "unreachable"])),
            "zone": draw(st.sampled_from(["z1", "z2"])),
            "hypervisor": draw(st.sampled_from(["kvm", "vmware"])),
            "criticality_class": draw(st.sampled_from([None, "key", "general"])),
            "orderable": draw(st.sampled_from([True, True, False])),
            "tags": draw(WORDS),
            "licences": draw(WORDS),
            "dedicated_to": draw(st.sampled_from([None, None, "payments", "others"])),
            "tiers": draw(SOME),
            "networks": draw(SOME),
            "keeps_a_host": draw(st.booleans()),
            "weight": draw(st.sampled_from([0.5, 1.0, 2.0])),
        }
        made.append(room_of(*hosts, held=draw(st.just(Amount()) | AMOUNTS), **traits))
    return made


WISHES = st.builds(
    PlacementRequest,
    project=st.just(PROJECT),
    vcpus=st.integers(1, 16),
    memory_mib=st.integers(1, 64),
    servers=st.integers(1, 3),
    region_id=st.sampled_from([None, None, "r1"]),
    zone=st.sampled_from([None, None, "z1"]),
    criticality=st.sampled_from(["key", "general"]),
    network=st.sampled_from([None, "a"]),
    tiers=st.sampled_from([{}, {"b": 10}]),
    hypervisor=st.sampled_from([None, None, "kvm"]),
    tags=WORDS,
    without_tags=WORDS,
    licences=WORDS,
    scopes=st.just(frozenset({"payments", "retail"})),
    not_in_pools=st.sampled_from([frozenset(), frozenset({"p1"})]),
    rather_not_in_pools=st.sampled_from([frozenset(), frozenset({"p0"})]),
    not_on_hosts=st.sampled_from([frozenset(), frozenset({"h0-0"})]),
)


@settings(max_examples=200, deadline=None)
@given(rooms(), WISHES)
def test_never_a_pool_that_a_filter_forbids_and_the_explanation_sums_up(
    pools: list[PoolRoom], wish: PlacementRequest
) -> None:
    chosen, explanation = choose(pools, wish)
    names = {room.pool.id for room in chosen}
    assert names == {room.pool.id for room in pools if fits(room, wish)}
    assert sum(each["removed"] for each in explanation.filters) + explanation.suitable == explanation.considered
    assert explanation.considered == len(pools)
    assert [each["name"] for each in explanation.filters] == [each.name for each in FILTERS]
    for room in chosen:
        assert wish.tags <= room.pool.tags
        assert not wish.without_tags & room.pool.tags
        assert wish.licences <= room.pool.licences
        assert room.pool.dedicated_to in {None, "payments"}
        assert room.pool.id not in wish.not_in_pools
        assert room.pool.tiers is None or set(wish.tiers) <= room.pool.tiers
        assert wish.network is None or room.pool.networks is None or wish.network in room.pool.networks
        allowed = [each for each in room.hosts if each.name not in wish.not_on_hosts]
        assert any(each.free.holds(wish.size) for each in allowed)
        assert room.free.holds(wish.amount)


@settings(max_examples=100, deadline=None)
@given(rooms(), WISHES, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_naught(pools: list[PoolRoom], wish: PlacementRequest, dice: random.Random) -> None:
    chosen, explanation = choose(pools, wish)
    shuffled = list(pools)
    dice.shuffle(shuffled)
    again, the_same = choose(shuffled, wish)
    assert [room.pool.id for room in again] == [room.pool.id for room in chosen]
    assert the_same.as_document() == explanation.as_document()


@settings(max_examples=100, deadline=None)
@given(rooms(), st.lists(WISHES, max_size=12))
def test_after_any_accepted_sequence_a_pool_that_keeps_a_host_survives_each_one(
    pools: list[PoolRoom], wishes: list[PlacementRequest]
) -> None:
    standing = {room.pool.id: room for room in pools}
    taken_from = set()
    for wish in wishes:
        chosen, _explanation = choose(list(standing.values()), wish)
        if chosen:
            room = chosen[0]
            standing[room.pool.id] = replace(room, held=room.held + wish.amount)
            taken_from.add(room.pool.id)
    for room in (standing[pool_id] for pool_id in taken_from):
        assert room.free.parts() >= (0, 0)
        if room.pool.keeps_a_host:
            largest = max(room.hosts, key=lambda each: (each.size.memory_mib, each.size.vcpus, each.size.disk_gib))
            others = Amount.total(each.size for each in room.hosts) - largest.size
            assert others.holds(Amount.total(each.used for each in room.hosts) + room.held)


@pytest.mark.parametrize(
    ("traits", "wish", "filter_name"),
    [
        ({"tags": frozenset({"old"})}, {"tags": frozenset({"gpu"})}, "tags"),
        ({"tags": frozenset({"old"})}, {"without_tags": frozenset({"old"})}, "without-tags"),
        ({}, {"licences": frozenset({"windows"})}, "licences"),
        ({"dedicated_to": "others"}, {}, "dedicated"),
        ({"tiers": frozenset({"low"})}, {"tiers": {"high": 1}}, "tiers"),
        ({"networks": frozenset({"dmz"})}, {"network": "office"}, "network"),
        ({"hypervisor": "vmware"}, {"hypervisor": "kvm"}, "kind"),
        ({}, {"not_in_pools": frozenset({"p"})}, "apart"),
        ({}, {"not_on_hosts": frozenset({"h8-0"})}, "group"),
        ({}, {"only_on_hosts": frozenset({"elsewhere"})}, "group"),
        ({}, {"in_pool": "another"}, "chosen"),
        ({}, {"on_host": "h9-0"}, "host-chosen"),
        ({"keeps_a_host": True}, {}, "n-plus-one"),
    ],
)
def test_each_filter_says_why_in_both_languages(traits: dict[str, Any], wish: dict[str, Any], filter_name: str) -> None:
    room = room_of(host(8), **traits)
    chosen, explanation = choose([room], PlacementRequest(PROJECT, vcpus=1, **wish))
    removed = [each for each in explanation.filters if each["removed"]]
    assert (chosen, [each["name"] for each in removed]) == ([], [filter_name])
    why = removed[0]["pools"][0]["why"]
    assert why["en"] != why["zh"]


def best(*pools: PoolRoom, **wish: Any) -> str:
    return choose(pools, PlacementRequest(PROJECT, vcpus=1, **wish))[0][0].pool.id


def test_what_is_dedicated_comes_first_and_no_licence_is_wasted() -> None:
    own = room_of(host(4), id="own", dedicated_to="payments")
    licensed = room_of(host(64), id="licensed", licences=frozenset({"windows"}))
    common = room_of(host(8), id="common")
    assert best(common, own, licensed, scopes=frozenset({"payments"})) == "own"
    assert best(common, own, licensed) == "common"
    assert best(common, licensed, licences=frozenset({"windows"})) == "licensed"


def test_among_equals_the_weight_and_the_wish_to_be_apart_decide() -> None:
    light, heavy = room_of(host(8), id="light"), room_of(host(8), id="heavy", weight=2.0)
    assert best(light, heavy) == "heavy"
    assert best(light, heavy, rather_not_in_pools=frozenset({"heavy"})) == "light"
    assert best(heavy, rather_not_in_pools=frozenset({"heavy"})) == "heavy"


def test_many_removed_pools_are_counted_and_some_named() -> None:
    pools = [room_of(host(1), id=f"p{number:03d}", name=f"p{number:03d}", zone="z2") for number in range(50)]
    _chosen, explanation = choose(pools, PlacementRequest(PROJECT, vcpus=1, zone="z1"))
    (zone,) = [each for each in explanation.filters if each["removed"]]
    assert (zone["removed"], len(zone["pools"])) == (50, 20)


def test_where_nothing_new_is_delivered_to_nothing_is_placed() -> None:
    request = PlacementRequest(project=PROJECT, vcpus=1, memory_mib=1)
    observed = room_of(host(64), takes_new_servers=False)
    reasons = [why for each in FILTERS if (why := each.why_not(observed, request)) is not None]
    assert [why.en for why in reasons] == ["New servers are not yet delivered to a vCenter"]
