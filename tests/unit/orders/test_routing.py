"""Routers and floating addresses that are ordered, moved and given back."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.capacity import limits
from jinyun.capacity.errors import QuotaExceeded
from jinyun.capacity.models import Hold, Quota
from jinyun.kit.actor import PLATFORM
from jinyun.networks import delivery, prefixes, removal, routers
from jinyun.networks.errors import NetworkHasRouter, NetworkInUse, NetworkIsExternal, NetworkNotExternal
from jinyun.networks.models import Address, Network, Router
from jinyun.networks.schemas import NewPrefixPool
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.providers.simulated import effects
from jinyun.providers.simulated.faults import FaultKind, set_fault
from jinyun.servers import floating
from jinyun.servers import recipes as server_recipes
from jinyun.servers.models import FloatingAddress
from jinyun.servers.steps.delivery import give_everything_back
from tests.estate import NETWORK, PROJECT, REGION, Estate, a_server, found_estate
from tests.unit.orders.ending import run_to_the_end, states_of

RECIPES = (*delivery.RECIPES, *routers.RECIPES, *server_recipes.RECIPES)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Any:
    found = found_estate(tmp_path_factory.mktemp("estate"), work_seconds={}, external_network=True)
    pool = NewPrefixPool(region=REGION, cidr="10.64.0.0/20")
    found.database.write(lambda session: prefixes.add_pool(session, PLATFORM, pool))
    yield found
    found.database.dispose()


def a_network(code: str) -> dict[str, Any]:
    return {"kind": "network", "code": code, "region": REGION, "prefix_length": 28}


def a_router(code: str, *networks: str, external: str | None = "public") -> dict[str, Any]:
    return {"kind": "router", "code": code, "networks": list(networks), "external": external}


def an_address(attach_to: str | None = None, network: str = "public") -> dict[str, Any]:
    return {"kind": "floating-address", "network": network, "attach_to": attach_to}


def run(estate: Estate) -> None:
    run_to_the_end(estate, *RECIPES)


def state_of(estate: Estate, operation_id: str) -> str:
    return estate.database.read(lambda session: session.get_one(OperationRow, operation_id).state)


def answers_for(estate: Estate, address: str) -> str | None:
    """Return the name of the port that the region lets an address answer for."""
    (row,) = estate.in_world(
        "SELECT port.name FROM floating_address LEFT JOIN port ON port.id = port_id WHERE floating_address.address = ?",
        address,
    )
    name: str | None = row["name"]
    return name


def move(estate: Estate, floating_id: str, hostname: str | None) -> str:
    return estate.database.write(lambda session: floating.move(session, PLATFORM, floating_id, hostname).id)


def router_of(estate: Estate, code: str) -> Router | None:
    return estate.database.read(lambda session: session.scalar(select(Router).filter_by(code=code)))


@pytest.fixture(scope="module")
def way_out(estate: Estate) -> dict[str, Any]:
    """An order of a network, a router, two servers, and an address for one of them."""
    on_it = {"network": "routed"}
    ordered = estate.order(
        an_address("out-1"),
        a_server("out-1") | on_it,
        a_server("out-2") | on_it,
        a_router("way-out", "routed"),
        a_network("routed"),
    )
    assert states_of(estate) == ["delivering", "waiting", "waiting", "waiting", "waiting", "delivering"]
    run(estate)
    assert states_of(estate) == ["delivered"] * 6
    return ordered[0].allocation


def test_all_in_one_order_and_each_after_what_it_needs(estate: Estate, way_out: dict[str, Any]) -> None:
    assert way_out["address"] == "172.24.4.2"
    assert answers_for(estate, way_out["address"]) == "out-1"
    address = estate.database.read(lambda session: session.get_one(Address, way_out["address_id"]))
    assert (address.state, address.holder_kind) == ("used", "floating_address")
    hold = estate.database.read(lambda session: session.get_one(Hold, way_out["hold_id"]))
    assert (hold.state, hold.lines) == ("used", {"addresses": 1})


def test_an_address_is_moved_and_comes_back_where_it_cannot_be(estate: Estate, way_out: dict[str, Any]) -> None:
    assert state_of_after(estate, move(estate, way_out["floating_id"], "out-2")) == "succeeded"
    assert answers_for(estate, way_out["address"]) == "out-2"
    estate.order(a_server("aside-1"))
    run(estate)
    assert state_of_after(estate, move(estate, way_out["floating_id"], "aside-1")) == "failed"
    assert answers_for(estate, way_out["address"]) == "out-2"
    assert state_of_after(estate, move(estate, way_out["floating_id"], None)) == "succeeded"
    assert answers_for(estate, way_out["address"]) is None
    assert state_of_after(estate, move(estate, way_out["floating_id"], "out-1")) == "succeeded"


def state_of_after(estate: Estate, operation_id: str) -> str:
    run(estate)
    return state_of(estate, operation_id)


def test_what_is_needed_stays(estate: Estate, way_out: dict[str, Any]) -> None:
    assert answers_for(estate, way_out["address"]) == "out-1"
    router = router_of(estate, "way-out")
    assert router is not None
    removing = estate.database.write(lambda session: routers.delete_router(session, PLATFORM, router.id).id)
    assert state_of_after(estate, removing) == "failed"
    again = router_of(estate, "way-out")
    assert again is not None
    assert again.state == "ready"
    with pytest.raises(NetworkInUse):
        estate.database.write(lambda session: removal.delete_network(session, PLATFORM, "routed"))
    with pytest.raises(NetworkHasRouter):
        estate.order(a_router("second", "routed"))


def test_a_server_that_goes_leaves_its_address(estate: Estate) -> None:
    held = estate.order(a_server("leaving-1"), an_address())
    run(estate)

    def point_at(session: Session) -> None:
        session.get_one(FloatingAddress, held[1].allocation["floating_id"]).server_id = held[0].server_id

    estate.database.write(point_at)
    estate.database.write(lambda session: give_everything_back(session, held[0].server_id, "deleted"))
    with effects.changing(estate.world) as transaction:
        transaction.run("DELETE FROM port WHERE name = 'leaving-1'")
    row = estate.database.read(lambda session: session.get_one(FloatingAddress, held[1].allocation["floating_id"]))
    assert row.server_id is None


def test_an_address_that_is_given_back_is_handed_out_again(estate: Estate) -> None:
    held = estate.order(an_address())[0].allocation
    run(estate)
    release = estate.database.write(lambda session: floating.release(session, PLATFORM, held["floating_id"]).id)
    assert state_of_after(estate, release) == "succeeded"
    assert not estate.in_world("SELECT 1 FROM floating_address WHERE address = ?", held["address"])
    assert estate.database.read(lambda session: session.get_one(Hold, held["hold_id"])).state == "released"
    set_fault(estate.world, "floating-address.create", FaultKind.TIMEOUT_AFTER, times=1)
    again = estate.order(an_address())[0].allocation
    run(estate)
    assert states_of(estate) == ["delivered"] * 2
    assert again["address"] == held["address"]


def test_what_is_not_delivered_holds_nothing(estate: Estate) -> None:
    lonely = estate.order(a_server("lonely-1"), an_address("lonely-1"))
    run(estate)
    assert states_of(estate) == ["partly_delivered", "delivered", "failed"]  # no router leads there
    held = lonely[1].allocation
    assert estate.database.read(lambda session: session.get_one(Hold, held["hold_id"])).state == "released"
    assert estate.database.read(lambda session: session.get(Address, held["address_id"])) is None
    assert not estate.in_world("SELECT 1 FROM floating_address WHERE address = ?", held["address"])
    router = estate.order(a_network("unrouted"), a_router("never", "unrouted"))
    estate.database.write(lambda session: operations.cancel(session, PLATFORM, router[0].operation_id))
    run(estate)
    assert states_of(estate) == ["failed"] * 3
    assert router_of(estate, "never") is None


def test_networks_are_what_they_are_for(estate: Estate) -> None:
    with pytest.raises(NetworkIsExternal):
        estate.order(a_server("outside-1") | {"network": "public"})
    with pytest.raises(NetworkNotExternal):
        estate.order(an_address(network=NETWORK))
    networks = estate.database.read(lambda session: list(session.scalars(select(Network))))
    assert {("public", "external"), (NETWORK, "provider")} <= {(each.code, each.kind) for each in networks}


def test_floating_addresses_count_against_the_quota_of_addresses(estate: Estate) -> None:
    def limit(session: Session) -> None:
        quota = limits.set_quota(session, PLATFORM, "project", PROJECT, "addresses", 0)
        assert quota is not None

    estate.database.write(limit)
    with pytest.raises(QuotaExceeded):
        estate.order(an_address())
    used = estate.database.read(lambda session: session.scalars(select(Quota).filter_by(resource="addresses")).one())
    with_address = select(Hold).where(Hold.state.in_(["held", "used"]))
    holds = estate.database.read(lambda session: list(session.scalars(with_address)))
    assert used.held + used.used == sum(hold.lines.get("addresses", 0) for hold in holds)
