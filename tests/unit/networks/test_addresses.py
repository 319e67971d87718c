import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from jinyun.kit.errors import InvalidField, NotFound
from jinyun.networks import service as networks
from jinyun.networks.errors import AddressOutsideRange, AddressTaken, NetworkNotReady, NoFreeAddress
from jinyun.networks.models import Address, Network
from jinyun.networks.plan import default_backend_pool, hosts_of, intervals_to_hand_out, text_of, without
from tests.together import at_once
from tests.unit.networks.conftest import Plan

HOLDER = ("order_item", "item-1")


def take(plan: Plan, network_id: str, wanted: str | None = None) -> Address:
    return plan.database.write(lambda session: networks.allocate(session, network_id, HOLDER, wanted))


def give_back(plan: Plan, address: Address) -> None:
    plan.database.write(lambda session: networks.release(session, address.id))


@pytest.fixture
def network_id(plan: Plan) -> str:
    return plan.network("small", "10.9.0.0/28", "10.9.0.2", "10.9.0.9")


def test_the_lowest_free_address_is_handed_out(plan: Plan, network_id: str) -> None:
    assert [take(plan, network_id).address for _ in range(3)] == ["10.9.0.2", "10.9.0.3", "10.9.0.4"]
    assert plan.gaps(network_id) == [(3, 7)]


def test_a_wanted_address_is_handed_out_once(plan: Plan, network_id: str) -> None:
    first = take(plan, network_id, "10.9.0.5")
    assert (first.state, first.holder_kind, first.holder_id) == ("held", *HOLDER)
    assert plan.gaps(network_id) == [(0, 2), (4, 7)]
    with pytest.raises(AddressTaken):
        take(plan, network_id, "10.9.0.5")
    for edge in ("10.9.0.2", "10.9.0.9"):
        take(plan, network_id, edge)
    assert plan.gaps(network_id) == [(1, 2), (4, 6)]


def test_what_is_given_back_is_joined_with_its_neighbours(plan: Plan, network_id: str) -> None:
    addresses = [take(plan, network_id) for _ in range(8)]
    assert plan.gaps(network_id) == []
    for position, gaps in ((0, [(0, 0)]), (2, [(0, 0), (2, 2)]), (1, [(0, 2)]), (4, [(0, 2), (4, 4)])):
        give_back(plan, addresses[position])
        assert plan.gaps(network_id) == gaps
    give_back(plan, addresses[3])
    give_back(plan, addresses[3])
    assert plan.gaps(network_id) == [(0, 4)]
    for position in (7, 6, 5):
        give_back(plan, addresses[position])
    assert plan.gaps(network_id) == [(0, 7)]


def test_any_order_of_taking_and_giving_back_leaves_the_whole_range(plan: Plan) -> None:
    network_id = plan.network("wide", "10.8.0.0/24", "10.8.0.10", "10.8.0.109")
    chance = random.Random(7)  # noqa: S311
    held: list[Address] = []
    for _ in range(120):
        if held and chance.random() < 0.4:
            give_back(plan, held.pop(chance.randrange(len(held))))
        else:
            held.append(take(plan, network_id))
        free = sum(last - first + 1 for first, last in plan.gaps(network_id))
        assert free + len(held) == 100
    for address in held:
        give_back(plan, address)
    assert plan.gaps(network_id) == [(0, 99)]


def test_an_address_that_is_not_handed_out_is_refused(plan: Plan, network_id: str) -> None:
    for outside in ("10.9.0.1", "10.9.0.10", "192.0.2.1"):
        with pytest.raises(AddressOutsideRange):
            take(plan, network_id, outside)
    with pytest.raises(InvalidField):
        take(plan, network_id, "no address")


def test_an_exhausted_network_says_so(plan: Plan, network_id: str) -> None:
    for _ in range(8):
        take(plan, network_id)
    with pytest.raises(NoFreeAddress, match="small"):
        take(plan, network_id)


def test_a_network_that_is_being_made_hands_nothing_out(plan: Plan, network_id: str) -> None:
    def unmake(session: Session) -> None:
        session.get_one(Network, network_id).state = "creating"

    plan.database.write(unmake)
    with pytest.raises(NetworkNotReady):
        take(plan, network_id)


def test_a_used_address_tells_what_answers_there(plan: Plan, network_id: str) -> None:
    held = take(plan, network_id)
    for _ in range(2):
        used = plan.database.write(
            lambda session: networks.mark_used(session, held.id, ("server", "server-1"), "pay-01")
        )
    assert (used.state, used.holder_kind, used.holder_id, used.hostname) == ("used", "server", "server-1", "pay-01")
    give_back(plan, held)
    with pytest.raises(NotFound):
        plan.database.write(lambda session: networks.mark_used(session, held.id))


def test_many_at_once_never_get_the_same_address(plan: Plan) -> None:
    network_id = plan.network("busy", "10.7.0.0/26", "10.7.0.1", "10.7.0.20")
    outcomes = at_once(32, lambda _number: take(plan, network_id).address)
    granted = [outcome for outcome in outcomes if outcome.startswith("10.")]
    assert sorted(granted) == sorted(text_of(hosts_of("10.7.0.0/26")[0] + offset) for offset in range(20))
    assert outcomes.count("no-free-address") == 12
    assert (plan.taken(network_id), plan.gaps(network_id)) == (20, [])


def test_taking_and_giving_back_at_once_loses_nothing(plan: Plan) -> None:
    network_id = plan.network("busy", "10.7.0.0/26", "10.7.0.1", "10.7.0.40")

    def come_and_go(_number: int) -> None:
        for _ in range(3):
            address = take(plan, network_id)
            give_back(plan, address)
            give_back(plan, address)

    at_once(8, come_and_go)
    assert (plan.taken(network_id), plan.gaps(network_id)) == (0, [(0, 39)])


def test_who_takes_from_a_large_network_does_not_wait_for_another(plan: Plan) -> None:
    if plan.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    network_id = plan.network("wide", "10.6.0.0/24", "10.6.0.1", "10.6.0.200")
    taken = [take(plan, network_id).address]
    second_has_his = threading.Event()

    def first(session: Session) -> str:
        address = networks.allocate(session, network_id, HOLDER)
        assert second_has_his.wait(10)
        return address.address

    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(plan.database.write, first)
        taken.append(take(plan, network_id).address)
        second_has_his.set()
        taken.append(coming.result())
    assert len(set(taken)) == 3
    free = sum(last - first + 1 for first, last in plan.gaps(network_id))
    assert free + plan.taken(network_id) == 200


def test_one_wanted_address_goes_to_one_of_many(plan: Plan, network_id: str) -> None:
    outcomes = at_once(8, lambda _number: take(plan, network_id, "10.9.0.6").address)
    assert outcomes.count("address-taken") == 7


def test_what_is_left_of_a_subnet() -> None:
    left = intervals_to_hand_out(
        "10.0.0.0/24", "10.0.0.1", [("10.0.0.100", "10.0.0.110"), ("10.0.0.200", "10.0.0.254")]
    )
    assert [(text_of(first), text_of(last)) for first, last in left] == [
        ("10.0.0.2", "10.0.0.99"),
        ("10.0.0.111", "10.0.0.199"),
    ]
    assert intervals_to_hand_out("10.0.0.0/24", None, [("10.0.0.1", "10.0.0.254")]) == []
    assert without([(1, 10)], (20, 30)) == [(1, 10)]
    assert default_backend_pool("10.0.0.0/24") == ("10.0.0.240", "10.0.0.254")
    assert hosts_of("10.0.0.4/31") == (hosts_of("10.0.0.4/32")[0], hosts_of("10.0.0.5/32")[0])
