import pytest

from jinyun.kit.ids import new_id
from jinyun.providers.base import NetworkSpecification, PortSpecification, SecurityRule
from jinyun.providers.errors import Refused
from tests.contract.site import Site, Workshop

SSH = SecurityRule("ingress", "tcp", 22, 22, "10.0.0.0/8")
WEB = SecurityRule("ingress", "tcp", 80, 443, "0.0.0.0/0")
OUT = SecurityRule("egress", None, None, None, "0.0.0.0/0")


def test_a_port_holds_exactly_its_address(workshop: Workshop) -> None:
    wish = workshop.port_wish()
    assert workshop.networking.find_port(wish.network_id, wish.address) is None
    token = new_id()
    port = workshop.networking.create_port(wish, token)
    workshop.at_the_end(lambda: workshop.networking.delete_port(port.id))
    assert (port.address, port.network_id, port.token, port.device_id) == (wish.address, wish.network_id, token, None)
    assert port.mac.count(":") == 5
    assert workshop.networking.find_port(wish.network_id, wish.address) == port


def test_an_address_belongs_to_one_port(workshop: Workshop) -> None:
    port = workshop.port()
    again = PortSpecification(port.network_id, workshop.port_wish().subnet_id, port.address, name="second")
    with pytest.raises(Refused) as caught:
        workshop.networking.create_port(again, new_id())
    assert caught.value.code == "address-in-use"


def test_an_address_outside_the_subnet_is_refused(workshop: Workshop) -> None:
    wish = workshop.port_wish()
    with pytest.raises(Refused):
        workshop.networking.create_port(
            PortSpecification(wish.network_id, wish.subnet_id, "192.0.2.7", name="outside"), new_id()
        )


def test_a_rule_may_name_a_group_and_be_made_twice(workshop: Workshop) -> None:
    token, networking = new_id(), workshop.networking
    friends = networking.ensure_security_group("contract-friends", new_id(), [OUT])
    workshop.at_the_end(lambda: networking.delete_security_group(friends))
    group_id = networking.ensure_security_group("contract-named", token, [OUT])
    workshop.at_the_end(lambda: networking.delete_security_group(group_id))
    named = [SecurityRule("ingress", "tcp", 22, 22, None, each) for each in (friends, group_id)]
    for _ in range(2):
        assert networking.ensure_security_group("contract-named", token, [OUT, *named]) == group_id
    with pytest.raises(Refused):
        nobody = SecurityRule("ingress", None, None, None, None, new_id())
        networking.ensure_security_group("contract-named", token, [OUT, nobody])
    networking.ensure_security_group("contract-named", token, [OUT])


def test_deleting_a_port_twice_is_fine(workshop: Workshop) -> None:
    port = workshop.port()
    workshop.networking.delete_port(port.id)
    workshop.networking.delete_port(port.id)
    assert workshop.networking.find_port(port.network_id, port.address) is None


def test_a_token_makes_one_network(site: Site, workshop: Workshop) -> None:
    token = new_id()
    pool = ("10.99.0.200", "10.99.0.254")
    wish = NetworkSpecification("contract-net", "10.99.0.0/24", "10.99.0.1", pool, dns=("10.0.0.53", "10.0.1.53"))
    network = workshop.networking.create_network(wish, token)
    workshop.at_the_end(lambda: workshop.networking.delete_network(network.id))
    assert workshop.networking.create_network(wish, token) == network
    (subnet,) = network.subnets
    assert (subnet.cidr, subnet.gateway, subnet.dhcp) == ("10.99.0.0/24", "10.99.0.1", True)
    assert (subnet.allocation_pools, subnet.dns) == ((pool,), wish.dns)
    workshop.networking.delete_network(network.id)
    workshop.networking.delete_network(network.id)
    assert network.id not in {known.id for known in site.region.inventory.networks()}


def test_a_vlan_belongs_to_one_network(workshop: Workshop) -> None:
    taken = NetworkSpecification(
        "contract-vlan", "10.98.0.0/24", None, ("10.98.0.200", "10.98.0.254"), vlan=100, physical_network="physnet1"
    )
    with pytest.raises(Refused):
        workshop.networking.create_network(taken, new_id())


def test_a_security_group_has_exactly_its_rules(workshop: Workshop) -> None:
    token = new_id()
    group_id = workshop.networking.ensure_security_group("contract", token, [SSH, OUT])
    workshop.at_the_end(lambda: workshop.networking.delete_security_group(group_id))
    assert workshop.networking.ensure_security_group("contract", token, [WEB, OUT]) == group_id
    wish = workshop.port_wish()
    port = workshop.networking.create_port(
        PortSpecification(wish.network_id, wish.subnet_id, wish.address, "guarded", (group_id,)), new_id()
    )
    with pytest.raises(Refused) as caught:
        workshop.networking.delete_security_group(group_id)
    assert caught.value.code == "wrong-state"
    workshop.networking.delete_port(port.id)
    workshop.networking.delete_security_group(group_id)
    workshop.networking.delete_security_group(group_id)
