"""Ports, networks and security groups through Neutron."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from ipaddress import ip_network
from typing import Any
from urllib.parse import quote

from jinyun.providers.base import NetworkFacts, NetworkSpecification, Port, PortSpecification, SecurityRule
from jinyun.providers.errors import Missing, Refused
from jinyun.providers.openstack.api import Api, Document
from jinyun.providers.openstack.translate import description_of, network_from, port_from

RuleKey = tuple[str, str | None, int | None, int | None, str, str]


class OpenStackNetworking:
    """Ports, networks and security groups of one project."""

    def __init__(self, network: Api) -> None:
        self._network = network

    def find_port(self, network_id: str, address: str) -> Port | None:
        """Return the port that holds this address in this network, or None."""
        query = {"network_id": network_id, "fixed_ips": f"ip_address={address}"}
        return next((port_from(port) for port in self._network.items("/ports", "ports", {**query})), None)

    def create_port(self, specification: PortSpecification, token: str) -> Port:
        """Make a port. Refused (`address-in-use`) where another port has the address."""
        wish: Document = {
            "name": specification.name,
            "network_id": specification.network_id,
            "fixed_ips": [{"subnet_id": specification.subnet_id, "ip_address": specification.address}],
            "description": description_of(token),
        }
        if specification.security_group_ids:
            wish["security_groups"] = list(specification.security_group_ids)
        return port_from(self._network.post("/ports", {"port": wish})["port"])

    def get_port(self, port_id: str) -> Port | None:
        """Return the port, or None where it does not exist any more."""
        document = self._network.find(f"/ports/{quote(port_id)}")
        return port_from(document["port"]) if document else None

    def delete_port(self, port_id: str) -> None:
        """Delete a port; a missing one is fine."""
        with suppress(Missing):
            self._network.delete(f"/ports/{port_id}")

    def create_network(self, specification: NetworkSpecification, token: str) -> NetworkFacts:
        """Make a network and its subnet, or return the one made with this token before."""
        network = self._find("/networks", "networks", token) or self._post_network(specification, token)
        subnets = list(self._network.items("/subnets", "subnets", {"network_id": network["id"]}))
        return network_from(network, subnets or [self._post_subnet(network["id"], specification, token)])

    def _post_network(self, specification: NetworkSpecification, token: str) -> Document:
        wish: Document = {"name": specification.name, "description": description_of(token)}
        if specification.vlan is not None:
            wish |= {
                "provider:network_type": "vlan",
                "provider:segmentation_id": specification.vlan,
                "provider:physical_network": specification.physical_network,
            }
        network: Document = self._network.post("/networks", {"network": wish})["network"]
        return network

    def _post_subnet(self, network_id: str, specification: NetworkSpecification, token: str) -> Document:
        first, last = specification.backend_pool
        wish = {
            "name": specification.name,
            "description": description_of(token),
            "network_id": network_id,
            "cidr": specification.cidr,
            "ip_version": ip_network(specification.cidr).version,
            "gateway_ip": specification.gateway,
            "enable_dhcp": True,
            "dns_nameservers": list(specification.dns),
            "allocation_pools": [{"start": first, "end": last}],
        }
        subnet: Document = self._network.post("/subnets", {"subnet": wish})["subnet"]
        return subnet

    def delete_network(self, network_id: str) -> None:
        """Delete a network with its subnets; a missing one is fine. Refused (`wrong-state`) while it has ports."""
        with suppress(Missing):
            self._network.delete(f"/networks/{network_id}")

    def ensure_security_group(self, name: str, token: str, rules: Sequence[SecurityRule]) -> str:
        """Make the group of this token, or find it; give it exactly these rules; return its id."""
        group = self._find("/security-groups", "security_groups", token)
        if group is None:
            wish = {"name": name, "description": description_of(token)}
            group = self._network.post("/security-groups", {"security_group": wish})["security_group"]
        self._set_rules(group, rules)
        return str(group["id"])

    def _set_rules(self, group: Document, rules: Sequence[SecurityRule]) -> None:
        """Add what is missing before removing what is too much, so that wanted traffic flows throughout."""
        present = {_key_of(rule): rule["id"] for rule in group["security_group_rules"]}
        wanted = {_key(rule): rule for rule in rules}
        for key in wanted.keys() - present.keys():
            with _already_there():
                self._network.post(
                    "/security-group-rules", {"security_group_rule": _rule_wish(group["id"], wanted[key])}
                )
        for key in present.keys() - wanted.keys():
            with suppress(Missing):
                self._network.delete(f"/security-group-rules/{present[key]}")

    def delete_security_group(self, group_id: str) -> None:
        """Delete a security group; a missing one is fine. Refused (`wrong-state`) while ports use it."""
        with suppress(Missing):
            self._network.delete(f"/security-groups/{group_id}")

    def _find(self, path: str, collection: str, token: str) -> Document | None:
        return next(self._network.items(path, collection, {"description": description_of(token)}), None)


@contextmanager
def _already_there() -> Iterator[None]:
    """Take it for done when somebody else was quicker: a rule has no other state that could refuse it."""
    try:
        yield
    except Refused as refused:
        if refused.code != "wrong-state":
            raise


def _key(rule: SecurityRule) -> RuleKey:
    remote = rule.remote_group_id or rule.remote_cidr or ""
    return (rule.direction, rule.protocol, rule.port_min, rule.port_max, _family(rule), remote)


def _key_of(document: Document) -> RuleKey:
    """Return what makes a rule the same rule; Neutron's own first rules have no prefix, which means any."""
    anywhere = "0.0.0.0/0" if document["ethertype"] == "IPv4" else "::/0"
    return (
        document["direction"],
        document["protocol"],
        document["port_range_min"],
        document["port_range_max"],
        document["ethertype"],
        document["remote_group_id"] or document["remote_ip_prefix"] or anywhere,
    )


def _family(rule: SecurityRule) -> str:
    """Return the ethertype; whoever is a member of a group, his IPv4 address is meant."""
    return "IPv4" if rule.remote_cidr is None else f"IPv{ip_network(rule.remote_cidr).version}"


def _rule_wish(group_id: str, rule: SecurityRule) -> dict[str, Any]:
    return {
        "security_group_id": group_id,
        "direction": rule.direction,
        "ethertype": _family(rule),
        "protocol": rule.protocol,
        "port_range_min": rule.port_min,
        "port_range_max": rule.port_max,
        "remote_ip_prefix": rule.remote_cidr,
        "remote_group_id": rule.remote_group_id,
    }
