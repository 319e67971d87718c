"""Simulated routers and floating addresses."""

from sqlite3 import IntegrityError, Row

from jinyun.kit.ids import new_id
from jinyun.providers.base import FloatingAddress, RouterSpecification
from jinyun.providers.errors import Missing, Refused
from jinyun.providers.simulated.calls import Part, changes, reads
from jinyun.providers.simulated.world import Transaction

REACHES = (
    "SELECT 1 FROM port JOIN subnet ON subnet.network_id = port.network_id"
    " JOIN router_interface ON router_interface.subnet_id = subnet.id JOIN router ON router.id = router_id"
    " WHERE port.id = ? AND router.external_network_id = ?"
)


class SimulatedRouting(Part):
    """Routers and floating addresses of one project."""

    @changes("router.ensure")
    def ensure_router(self, transaction: Transaction, specification: RouterSpecification, token: str) -> str:
        """Make the router of this token, or find it; give it exactly this gateway and these subnets; return its id."""
        known = transaction.one("SELECT id FROM router WHERE project_id = ? AND token = ?", self.project_id, token)
        router_id = str(known["id"]) if known else new_id()
        if known is None:
            transaction.record("router.create", router_id, token)
        transaction.run(
            "REPLACE INTO router (id, project_id, token, name, external_network_id) VALUES (?, ?, ?, ?, ?)",
            router_id,
            self.project_id,
            token,
            specification.name,
            specification.external_network_id,
        )
        transaction.run("DELETE FROM router_interface WHERE router_id = ?", router_id)
        for subnet_id in specification.subnet_ids:
            if transaction.one("SELECT 1 FROM subnet WHERE id = ?", subnet_id) is None:
                raise Missing(f"subnet {subnet_id} does not exist")
            try:
                transaction.run(
                    "INSERT INTO router_interface (router_id, subnet_id) VALUES (?, ?)", router_id, subnet_id
                )
            except IntegrityError as error:
                raise Refused(f"subnet {subnet_id} has a router already", code="wrong-state") from error
        return router_id

    @changes("router.delete")
    def delete_router(self, transaction: Transaction, router_id: str) -> None:
        """Delete a router; a missing one is fine. Refused (`wrong-state`) while a floating address needs it."""
        needed = transaction.one(
            "SELECT 1 FROM floating_address JOIN port ON port.id = port_id"
            " JOIN subnet ON subnet.network_id = port.network_id"
            " JOIN router_interface ON router_interface.subnet_id = subnet.id WHERE router_id = ?",
            router_id,
        )
        if needed:
            raise Refused(f"router {router_id} is needed by floating addresses", code="wrong-state")
        if transaction.run("DELETE FROM router WHERE id = ? AND project_id = ?", router_id, self.project_id):
            transaction.run("DELETE FROM router_interface WHERE router_id = ?", router_id)
            transaction.record("router.delete", router_id)

    @reads("floating-address.find")
    def find_floating(self, transaction: Transaction, network_id: str, address: str) -> FloatingAddress | None:
        """Return the floating address, or None where the region has not got it."""
        at = "SELECT * FROM floating_address WHERE network_id = ? AND address = ?"
        row = transaction.one(at, network_id, address)
        return _floating_from(row) if row else None

    @changes("floating-address.create")
    def create_floating(self, transaction: Transaction, network_id: str, address: str, token: str) -> FloatingAddress:
        """Take exactly this address of an external network. Refused (`address-in-use`) where somebody has it."""
        if transaction.one("SELECT 1 FROM network WHERE id = ? AND external", network_id) is None:
            raise Refused(f"network {network_id} is not an external one")
        made = FloatingAddress(new_id(), network_id, address, None, token)
        try:
            transaction.run(
                "INSERT INTO floating_address (id, project_id, token, network_id, address) VALUES (?, ?, ?, ?, ?)",
                made.id,
                self.project_id,
                token,
                network_id,
                address,
            )
        except IntegrityError as error:
            raise Refused(f"address {address} is taken", code="address-in-use") from error
        transaction.record("floating-address.create", made.id, token)
        return made

    @changes("floating-address.associate")
    def associate_floating(self, transaction: Transaction, floating_id: str, port_id: str | None) -> None:
        """Have the address answer for a port, or for none; a second time is fine.

        Refused where no router joins the port's network with the external one.
        """
        row = transaction.one("SELECT * FROM floating_address WHERE id = ?", floating_id)
        if row is None:
            raise Missing(f"floating address {floating_id} does not exist")
        if port_id is not None and transaction.one(REACHES, port_id, row["network_id"]) is None:
            raise Missing(f"external network {row['network_id']} is not reachable from port {port_id}")
        transaction.run("UPDATE floating_address SET port_id = ? WHERE id = ?", port_id, floating_id)
        transaction.record("floating-address.associate", floating_id)

    @changes("floating-address.delete")
    def delete_floating(self, transaction: Transaction, floating_id: str) -> None:
        """Give a floating address back; a missing one is fine."""
        mine = "DELETE FROM floating_address WHERE id = ? AND project_id = ?"
        if transaction.run(mine, floating_id, self.project_id):
            transaction.record("floating-address.delete", floating_id)


def _floating_from(row: Row) -> FloatingAddress:
    return FloatingAddress(row["id"], row["network_id"], row["address"], row["port_id"], row["token"])
