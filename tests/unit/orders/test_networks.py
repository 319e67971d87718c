"""Networks that are ordered, with servers of the same order in them, and given up."""

from typing import Any

import pytest
from sqlalchemy import select

from jinyun.kit.actor import PLATFORM
from jinyun.kit.errors import NotFound
from jinyun.networks import delivery, prefixes, removal
from jinyun.networks.errors import NetworkInUse, NetworkNotOurs, NetworkNotReady
from jinyun.networks.models import Address, Network, PrefixBlock, Subnet
from jinyun.networks.schemas import NewPrefixPool
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.providers.simulated import effects
from jinyun.providers.simulated.faults import FaultKind, set_fault
from jinyun.servers import recipes as server_recipes
from jinyun.servers.steps.delivery import give_everything_back
from jinyun.volumes import recipes as volume_recipes
from tests.estate import NETWORK, REGION, Estate, a_server, a_volume, found_estate
from tests.unit.orders.ending import run_to_the_end, states_of

RECIPES = (*delivery.RECIPES, *server_recipes.RECIPES, *volume_recipes.RECIPES)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Any:
    found = found_estate(tmp_path_factory.mktemp("estate"), work_seconds={})
    pool = NewPrefixPool(region=REGION, cidr="10.64.0.0/20", dns=["10.0.0.53"])
    found.database.write(lambda session: prefixes.add_pool(session, PLATFORM, pool))
    yield found
    found.database.dispose()


def a_network(code: str, prefix_length: int = 26) -> dict[str, Any]:
    return {"kind": "network", "code": code, "region": REGION, "prefix_length": prefix_length}


def on(network: str, hostname: str) -> dict[str, Any]:
    return a_server(hostname) | {"network": network}


def run(estate: Estate) -> None:
    run_to_the_end(estate, *RECIPES)


def network_of(estate: Estate, code: str) -> Network | None:
    return estate.database.read(lambda session: session.scalar(select(Network).filter_by(code=code)))


def delete(estate: Estate, code: str) -> str:
    return estate.database.write(lambda session: removal.delete_network(session, PLATFORM, code).id)


def forget_server(estate: Estate, server_id: str) -> None:
    estate.database.write(lambda session: give_everything_back(session, server_id, "deleted"))


def test_a_server_with_its_volume_comes_onto_a_network_of_the_same_order(estate: Estate) -> None:
    volume = a_volume("net-data") | {"attach_to": "net-1"}
    ordered = estate.order(volume, on("app-net", "net-1"), a_network("app-net"))
    assert states_of(estate) == ["delivering", "waiting", "waiting", "delivering"]
    plan = ordered[2].allocation["specification"]
    assert ordered[1].allocation["address"] == plan["gateway"].rpartition(".")[0] + ".2"
    run(estate)
    assert states_of(estate) == ["delivered"] * 4
    (network,) = estate.in_world("SELECT id FROM network WHERE name = 'app-net'")
    (subnet,) = estate.in_world("SELECT * FROM subnet WHERE network_id = ?", network["id"])
    assert (subnet["cidr"], subnet["gateway"], subnet["dns"]) == (plan["cidr"], plan["gateway"], '["10.0.0.53"]')
    (port,) = estate.in_world("SELECT * FROM port WHERE name = 'net-1'")
    assert (port["network_id"], port["address"]) == (network["id"], ordered[1].allocation["address"])


def test_a_network_that_is_not_made_takes_its_server_with_it(estate: Estate) -> None:
    made = estate.order(a_network("never"), on("never", "never-1"), a_volume("never-2") | {"attach_to": "never-1"})[0]
    held = estate.database.read(lambda session: list(session.scalars(select(Address).filter_by(state="held"))))
    estate.database.write(lambda session: operations.cancel(session, PLATFORM, made.operation_id))
    run(estate)
    assert states_of(estate) == ["failed"] * 4
    assert network_of(estate, "never") is None
    assert not estate.in_world("SELECT 1 FROM server WHERE name = 'never-1'")
    left = {each.id for each in estate.database.read(lambda session: list(session.scalars(select(Address))))}
    assert held
    assert not left & {each.id for each in held}
    assert estate.order(a_network("never"))[0].allocation["specification"] == made.allocation["specification"]
    run(estate)


def test_a_lost_answer_makes_no_second_network(estate: Estate) -> None:
    set_fault(estate.world, "network.create", FaultKind.TIMEOUT_AFTER, times=1)
    estate.order(a_network("once"))
    run(estate)
    assert states_of(estate) == ["delivered"] * 2
    assert len(estate.in_world("SELECT 1 FROM network WHERE name = 'once'")) == 1


def test_before_it_is_delivered_a_network_is_its_order_s_alone(estate: Estate) -> None:
    estate.order(a_network("early"))
    with pytest.raises(NetworkNotReady):
        estate.order(on("early", "early-1"))
    run(estate)
    estate.order(on("early", "early-1"))


def test_a_network_is_deleted_when_its_last_server_is_gone(estate: Estate) -> None:
    server = estate.order(a_network("short"), on("short", "short-1"))[1]
    run(estate)
    with pytest.raises(NetworkInUse):
        delete(estate, "short")
    forget_server(estate, server.server_id)
    removing = delete(estate, "short")
    with pytest.raises(NetworkNotReady):
        estate.order(on("short", "short-2"))
    run(estate)
    state = estate.database.read(lambda session: session.get_one(OperationRow, removing).state)
    assert state == "failed"  # the region's port is still there; the address can be handed out again
    with effects.changing(estate.world) as transaction:
        transaction.run("DELETE FROM port WHERE name = 'short-1'")
    again = estate.order(on("short", "short-3"))[0]
    assert again.allocation["address"] == server.allocation["address"]
    run(estate)
    forget_server(estate, again.server_id)
    with effects.changing(estate.world) as transaction:
        transaction.run("DELETE FROM port WHERE name = 'short-3'")
    delete(estate, "short")
    run(estate)
    gone = network_of(estate, "short")
    assert gone is not None
    assert gone.state == "released"
    assert not estate.in_world("SELECT 1 FROM network WHERE name = 'short'")
    left = estate.database.read(
        lambda session: [
            *session.scalars(select(PrefixBlock).filter_by(network_id=gone.id)),
            *session.scalars(select(Subnet).filter_by(network_id=gone.id)),
        ]
    )
    assert left == []
    with pytest.raises(NotFound):
        estate.order(on("short", "short-4"))


def test_networks_of_the_data_centre_stay(estate: Estate) -> None:
    with pytest.raises(NetworkNotOurs):
        delete(estate, NETWORK)
