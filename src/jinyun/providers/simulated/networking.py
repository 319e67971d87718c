"""Simulated networks, ports and security groups."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from ipaddress import ip_address, ip_network
from sqlite3 import IntegrityError, Row

from jinyun.kit.ids import new_id
from jinyun.providers.base import (
    NetworkFacts,
    NetworkSpecification,
    Port,
    PortSpecification,
    SecurityRule,
    SubnetFacts,
)
from jinyun.providers.errors import Missing, Refused
from jinyun.providers.simulated.calls import Part, changes, reads
from jinyun.providers.simulated.world import Transaction


class SimulatedNetworking(Part):
    """Ports, networks and security groups of one project."""

    @reads("port.find")
    def find_port(self, transaction: Transaction, network_id: str, address: str) -> Port | None:
        """Return the port that holds this address in this network, or None."""
        row = transaction.one("SELECT * FROM port WHERE network_id = ? AND address = ?", network_id, address)
        return _port_from(row) if row else None

    @changes("port.create")
    def create_port(self, transaction: Transaction, specification: PortSpecification, token: str) -> Port:
        """Make a port. Refused (`address-in-use`) where another port has the address."""
        subnet = transaction.one(
            "SELECT * FROM subnet WHERE id = ? AND network_id = ?", specification.subnet_id, specification.network_id
        )
        if subnet is None:
            raise Missing(f"subnet {specification.subnet_id} of network {specification.network_id} does not exist")
        if ip_address(specification.address) not in ip_network(subnet["cidr"]):
            raise Refused(f"address {specification.address} is not in subnet {subnet['cidr']}")
        for group_id in specification.security_group_ids:
            self._require_group(transaction, group_id)
        return self._insert_port(transaction, specification, token)

    def _insert_port(self, transaction: Transaction, specification: PortSpecification, token: str) -> Port:
        port_id = new_id()
        try:
            transaction.run(
                "INSERT INTO port (id, project_id, token, name, network_id, address, mac, security_group_ids)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                port_id,
                self.project_id,
                token,
                specification.name,
                specification.network_id,
                specification.address,
                _mac(port_id),
                json.dumps(specification.security_group_ids),
            )
        except IntegrityError as error:
            raise Refused(f"address {specification.address} has a port already", code="address-in-use") from error
        transaction.record("port.create", port_id, token)
        row = transaction.one("SELECT * FROM port WHERE id = ?", port_id)
        if row is None:
            raise Missing(f"port {port_id} does not exist")
        return _port_from(row)

    @reads("port.get")
    def get_port(self, transaction: Transaction, port_id: str) -> Port | None:
        """Return the port, or None where it does not exist any more."""
        row = transaction.one("SELECT * FROM port WHERE id = ? AND project_id = ?", port_id, self.project_id)
        return _port_from(row) if row else None

    @changes("port.delete")
    def delete_port(self, transaction: Transaction, port_id: str) -> None:
        """Delete a port; a missing one is fine."""
        if transaction.run("DELETE FROM port WHERE id = ? AND project_id = ?", port_id, self.project_id):
            transaction.run("UPDATE floating_address SET port_id = NULL WHERE port_id = ?", port_id)
            transaction.record("port.delete", port_id)

    @changes("network.create")
    def create_network(self, transaction: Transaction, specification: NetworkSpecification, token: str) -> NetworkFacts:
        """Make a network and its subnet, or return the one made with this token before."""
        known = transaction.one("SELECT * FROM network WHERE project_id = ? AND token = ?", self.project_id, token)
        if known:
            return network_from(transaction, known)
        network_id = new_id()
        try:
            transaction.run(
                "INSERT INTO network (id, project_id, token, name, shared, external, vlan, physical_network)"
                " VALUES (?, ?, ?, ?, 0, 0, ?, ?)",
                network_id,
                self.project_id,
                token,
                specification.name,
                specification.vlan,
                specification.physical_network,
            )
        except IntegrityError as error:
            words = f"VLAN {specification.vlan} is in use on physical network {specification.physical_network}"
            raise Refused(words) from error
        transaction.run(
            "INSERT INTO subnet (id, network_id, cidr, gateway, dhcp, pool_first, pool_last, dns)"
            " VALUES (?, ?, ?, ?, 1, ?, ?, ?)",
            new_id(),
            network_id,
            specification.cidr,
            specification.gateway,
            *specification.backend_pool,
            json.dumps(specification.dns),
        )
        transaction.record("network.create", network_id, token)
        return next(iter(networks(transaction, network_id)))

    @changes("network.delete")
    def delete_network(self, transaction: Transaction, network_id: str) -> None:
        """Delete a network with its subnets; a missing one is fine. Refused (`wrong-state`) while it has ports."""
        if transaction.one("SELECT 1 FROM port WHERE network_id = ?", network_id):
            raise Refused(f"network {network_id} still has ports", code="wrong-state")
        if transaction.run("DELETE FROM network WHERE id = ? AND project_id = ?", network_id, self.project_id):
            transaction.run("DELETE FROM subnet WHERE network_id = ?", network_id)
            transaction.record("network.delete", network_id)

    @changes("security-group.ensure")
    def ensure_security_group(
        self, transaction: Transaction, name: str, token: str, rules: Sequence[SecurityRule]
    ) -> str:
        """Make the group of this token, or find it; give it exactly these rules; return its id."""
        written = json.dumps([asdict(rule) for rule in rules])
        known = transaction.one(
            "SELECT id FROM security_group WHERE project_id = ? AND token = ?", self.project_id, token
        )
        group_id = str(known["id"]) if known else new_id()
        for rule in rules:
            if rule.remote_group_id not in {None, group_id}:
                self._require_group(transaction, str(rule.remote_group_id))
        if known is None:
            transaction.record("security-group.create", group_id, token)
        transaction.run(
            "REPLACE INTO security_group (id, project_id, token, name, rules) VALUES (?, ?, ?, ?, ?)",
            group_id,
            self.project_id,
            token,
            name,
            written,
        )
        return group_id

    def _require_group(self, transaction: Transaction, group_id: str) -> None:
        mine = "SELECT 1 FROM security_group WHERE id = ? AND project_id = ?"
        if transaction.one(mine, group_id, self.project_id) is None:
            raise Missing(f"security group {group_id} does not exist")

    @changes("security-group.delete")
    def delete_security_group(self, transaction: Transaction, group_id: str) -> None:
        """Delete a security group; a missing one is fine. Refused (`wrong-state`) while ports use it."""
        if transaction.one("SELECT 1 FROM port WHERE instr(security_group_ids, ?)", group_id):
            raise Refused(f"security group {group_id} is in use", code="wrong-state")
        if transaction.run("DELETE FROM security_group WHERE id = ? AND project_id = ?", group_id, self.project_id):
            transaction.record("security-group.delete", group_id)


def networks(transaction: Transaction, network_id: str | None = None) -> list[NetworkFacts]:
    """Return all networks, or the one with this id."""
    rows = transaction.all("SELECT * FROM network WHERE ?1 IS NULL OR id = ?1 ORDER BY name", network_id)
    return [network_from(transaction, row) for row in rows]


def network_from(transaction: Transaction, row: Row) -> NetworkFacts:
    """Return a network as the protocol knows it."""
    subnets = transaction.all("SELECT * FROM subnet WHERE network_id = ? ORDER BY cidr", row["id"])
    return NetworkFacts(
        id=row["id"],
        name=row["name"],
        shared=bool(row["shared"]),
        external=bool(row["external"]),
        vlan=row["vlan"],
        physical_network=row["physical_network"],
        subnets=tuple(
            SubnetFacts(
                id=subnet["id"],
                cidr=subnet["cidr"],
                gateway=subnet["gateway"],
                dhcp=bool(subnet["dhcp"]),
                allocation_pools=((subnet["pool_first"], subnet["pool_last"]),),
                dns=tuple(json.loads(subnet["dns"])),
            )
            for subnet in subnets
        ),
    )


def _mac(port_id: str) -> str:
    """Return a locally administered hardware address from the random end of an id."""
    tail = port_id[-10:]
    return ":".join(["02", *(tail[start : start + 2] for start in range(0, 10, 2))])


def _port_from(row: Row) -> Port:
    return Port(
        id=row["id"],
        network_id=row["network_id"],
        address=row["address"],
        mac=row["mac"],
        device_id=row["server_id"],
        token=row["token"],
        status="ACTIVE" if row["server_id"] else "DOWN",
    )
