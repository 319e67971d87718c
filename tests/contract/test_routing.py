"""Routers and floating addresses, where the region has an external network."""

from collections.abc import Iterator

import pytest

from jinyun.kit.ids import new_id
from jinyun.providers.base import NetworkFacts, NetworkSpecification, Port, PortSpecification, RouterSpecification
from jinyun.providers.errors import Refused
from tests.contract.site import Site, Workshop


@pytest.fixture(scope="module")
def outside(site: Site) -> NetworkFacts:
    """The network that leads outside."""
    return next(network for network in site.region.inventory.networks() if network.external)


@pytest.fixture
def inside(workshop: Workshop) -> Iterator[NetworkFacts]:
    """A network of the project, gone when the test is."""
    wish = NetworkSpecification("contract-routed", "10.97.0.0/24", "10.97.0.1", ("10.97.0.200", "10.97.0.254"))
    network = workshop.networking.create_network(wish, new_id())
    yield network
    workshop.networking.delete_network(network.id)


@pytest.fixture
def port(workshop: Workshop, inside: NetworkFacts) -> Iterator[Port]:
    """A port inside."""
    wish = PortSpecification(inside.id, inside.subnets[0].id, "10.97.0.10", "contract-routed")
    made = workshop.networking.create_port(wish, new_id())
    yield made
    workshop.networking.delete_port(made.id)


def test_a_token_makes_one_router_with_exactly_its_networks(
    workshop: Workshop, inside: NetworkFacts, outside: NetworkFacts
) -> None:
    token, routing = new_id(), workshop.routing
    joined = RouterSpecification("contract", outside.id, (inside.subnets[0].id,))
    router_id = routing.ensure_router(joined, token)
    assert routing.ensure_router(joined, token) == router_id
    assert routing.ensure_router(RouterSpecification("contract", None, ()), token) == router_id
    assert routing.ensure_router(joined, token) == router_id
    routing.delete_router(router_id)
    routing.delete_router(router_id)


def test_a_floating_address_answers_for_what_a_router_reaches(
    workshop: Workshop, inside: NetworkFacts, outside: NetworkFacts, port: Port
) -> None:
    token, routing = new_id(), workshop.routing
    address = "172.24.4.5"  # outside what the region hands out by itself
    assert routing.find_floating(outside.id, address) is None
    floating = routing.create_floating(outside.id, address, token)
    assert (floating.address, floating.token, floating.port_id) == (address, token, None)
    assert routing.find_floating(outside.id, address) == floating
    with pytest.raises(Refused) as caught:
        routing.create_floating(outside.id, address, new_id())
    assert caught.value.code == "address-in-use"
    with pytest.raises(Refused):
        routing.associate_floating(floating.id, port.id)
    router_id = routing.ensure_router(RouterSpecification("contract", outside.id, (inside.subnets[0].id,)), new_id())
    for _ in range(2):
        routing.associate_floating(floating.id, port.id)
    found = routing.find_floating(outside.id, address)
    assert found is not None
    assert found.port_id == port.id
    with pytest.raises(Refused) as needed:
        routing.delete_router(router_id)
    assert needed.value.code == "wrong-state"
    routing.associate_floating(floating.id, None)
    routing.delete_floating(floating.id)
    routing.delete_floating(floating.id)
    routing.delete_router(router_id)
