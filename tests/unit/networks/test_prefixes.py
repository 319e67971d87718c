"""Prefixes out of the bank's plan: the lowest free one, and none twice."""

from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jinyun.kit.errors import AlreadyExists, NotFound
from jinyun.networks import prefixes
from jinyun.networks.errors import NoFreePrefix, PrefixPoolInUse, PrefixPoolOverlaps, SubnetOverlaps
from jinyun.networks.models import Network, PrefixBlock, Subnet
from jinyun.networks.plan import blocks_of, first_free
from jinyun.networks.schemas import NewPrefixPool
from jinyun.regions.models import Region, Zone
from tests.api import OPERATOR
from tests.together import at_once
from tests.unit.networks.conftest import Plan

POOL = "10.64.0.0/22"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(22, 28), st.integers(0, 63)), max_size=12), st.integers(22, 28))
def test_the_lowest_prefix_that_meets_no_other_is_found(taken: list[tuple[int, int]], length: int) -> None:
    others = [IPv4Network((0x0A400000 + index * 16 & -1 << (32 - size), size)) for size, index in taken]
    free = [each for each in IPv4Network(POOL).subnets(new_prefix=length) if not any(map(each.overlaps, others))]
    assert first_free(POOL, length, others) == (free[0] if free else None)


def test_a_prefix_is_made_of_blocks() -> None:
    assert blocks_of(POOL, IPv4Network("10.64.0.0/28")) == (0, 0)
    assert blocks_of(POOL, IPv4Network("10.64.1.0/24")) == (16, 31)


def add_pool(plan: Plan, cidr: str = POOL, zone: str | None = None) -> str:
    wanted = NewPrefixPool(region="sim-1", zone=zone, cidr=cidr, dns=["10.0.0.53"])
    return plan.database.write(lambda session: prefixes.add_pool(session, plan.bank.actor(OPERATOR), wanted).id)


def hold(plan: Plan, code: str, length: int = 24, zone: str | None = None) -> str:
    """Hold a network, and return its prefix."""
    project_id = plan.bank.project_id("mobile-banking")

    def work(session: Session) -> str:
        region = session.get_one(Region, plan.region_id)
        return prefixes.hold_network(session, region, project_id, code, code, length, zone)[1].cidr

    return plan.database.write(work)


def drop(plan: Plan, code: str) -> None:
    def work(session: Session) -> None:
        prefixes.drop_network(session, session.scalars(select(Network.id).filter_by(code=code)).one())

    plan.database.write(work)


def all_of(plan: Plan, column: Any) -> list[Any]:
    return plan.database.read(lambda session: list(session.scalars(select(column))))


def test_what_is_given_back_is_held_again(plan: Plan) -> None:
    add_pool(plan)
    assert [hold(plan, code) for code in ("a", "b", "c")] == ["10.64.0.0/24", "10.64.1.0/24", "10.64.2.0/24"]
    drop(plan, "b")
    assert [hold(plan, "small", 28), hold(plan, "d")] == ["10.64.1.0/28", "10.64.3.0/24"]
    with pytest.raises(NoFreePrefix) as refused:
        hold(plan, "e")
    assert refused.value.field == "prefix_length"
    with pytest.raises(AlreadyExists):
        hold(plan, "a", 28)
    for code in ("a", "c", "d", "small"):
        drop(plan, code)
    assert (all_of(plan, PrefixBlock.number), all_of(plan, Subnet.id)) == ([], [])


def test_what_others_have_in_the_pool_is_left_to_them(plan: Plan) -> None:
    add_pool(plan)
    plan.network("theirs", "10.64.0.128/25", "10.64.0.130", "10.64.0.140")
    assert [hold(plan, "a"), hold(plan, "b", 25)] == ["10.64.1.0/24", "10.64.0.0/25"]
    with pytest.raises(SubnetOverlaps):
        plan.network("late", "10.64.1.0/28", "10.64.1.2", "10.64.1.3")


def test_a_zone_s_own_pool_comes_first(plan: Plan) -> None:
    plan.database.write(lambda session: session.add(Zone(region_id=plan.region_id, name="az-1")))
    add_pool(plan)
    add_pool(plan, "10.96.0.0/24", "az-1")
    found = [hold(plan, "a", zone="az-1"), hold(plan, "b", zone="az-1"), hold(plan, "c")]
    assert found == ["10.96.0.0/24", "10.64.0.0/24", "10.64.1.0/24"]
    with pytest.raises(NotFound):
        add_pool(plan, "10.97.0.0/24", "az-2")


def test_pools_do_not_overlap_and_one_in_use_stays(plan: Plan) -> None:
    operator = plan.bank.actor(OPERATOR)
    pool_id = add_pool(plan)
    with pytest.raises(PrefixPoolOverlaps):
        add_pool(plan, "10.64.0.0/16")
    hold(plan, "a", 28)
    with pytest.raises(PrefixPoolInUse):
        plan.database.write(lambda session: prefixes.remove_pool(session, operator, pool_id))
    drop(plan, "a")
    plan.database.write(lambda session: prefixes.remove_pool(session, operator, pool_id))
    with pytest.raises(NoFreePrefix):
        hold(plan, "a", 28)


def test_many_at_once_never_get_the_same_prefix(plan: Plan) -> None:
    add_pool(plan, "10.64.0.0/24")
    outcomes = at_once(20, lambda number: hold(plan, f"net-{number}", 28))
    granted = [IPv4Network(each) for each in outcomes if "/" in each]
    assert sorted(granted) == list(IPv4Network("10.64.0.0/24").subnets(new_prefix=28))
    assert outcomes.count("no-free-prefix") == 4


def test_the_database_itself_gives_no_block_twice(plan: Plan) -> None:
    pool_id = add_pool(plan)
    hold(plan, "a", 28)
    network_id = all_of(plan, Network.id)[0]
    with pytest.raises(IntegrityError):
        plan.database.write(lambda session: session.add(PrefixBlock(pool_id=pool_id, number=0, network_id=network_id)))
