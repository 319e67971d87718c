"""Routers and floating addresses through Neutron."""

from contextlib import suppress

from jinyun.providers.base import FloatingAddress, RouterSpecification
from jinyun.providers.errors import Missing
from jinyun.providers.openstack.api import Api, Document
from jinyun.providers.openstack.translate import description_of, floating_from

INTERFACE = "network:router_interface"
"""How the owner of a port begins that joins a subnet to a router."""


class OpenStackRouting:
    """Routers and floating addresses of one project."""

    def __init__(self, network: Api) -> None:
        self._network = network

    def ensure_router(self, specification: RouterSpecification, token: str) -> str:
        """Make the router of this token, or find it; give it exactly this gateway and these subnets; return its id."""
        query = {"description": description_of(token)}
        router = next(self._network.items("/routers", "routers", {**query}), None)
        if router is None:
            wish = {"name": specification.name, **query}
            router = self._network.post("/routers", {"router": wish})["router"]
        self._set_gateway(router, specification.external_network_id)
        self._set_subnets(router["id"], set(specification.subnet_ids))
        return str(router["id"])

    def _set_gateway(self, router: Document, external_network_id: str | None) -> None:
        if (router.get("external_gateway_info") or {}).get("network_id") != external_network_id:
            wish = {"network_id": external_network_id} if external_network_id else {}
            self._network.put(f"/routers/{router['id']}", {"router": {"external_gateway_info": wish}})

    def _set_subnets(self, router_id: str, wanted: set[str]) -> None:
        present = {
            fixed["subnet_id"]
            for port in self._network.items("/ports", "ports", {"device_id": router_id})
            if port["device_owner"].startswith(INTERFACE)
            for fixed in port["fixed_ips"]
        }
        for subnet_id in sorted(wanted - present):
            self._network.put(f"/routers/{router_id}/add_router_interface", {"subnet_id": subnet_id})
        for subnet_id in sorted(present - wanted):
            with suppress(Missing):
                self._network.put(f"/routers/{router_id}/remove_router_interface", {"subnet_id": subnet_id})

    def delete_router(self, router_id: str) -> None:
        """Delete a router; a missing one is fine. Refused (`wrong-state`) while a floating address needs it."""
        with suppress(Missing):
            self._set_subnets(router_id, set())
            self._network.delete(f"/routers/{router_id}")

    def find_floating(self, network_id: str, address: str) -> FloatingAddress | None:
        """Return the floating address, or None where the region has not got it."""
        query = {"floating_network_id": network_id, "floating_ip_address": address}
        return next(map(floating_from, self._network.items("/floatingips", "floatingips", {**query})), None)

    def create_floating(self, network_id: str, address: str, token: str) -> FloatingAddress:
        """Take exactly this address of an external network. Refused (`address-in-use`) where somebody has it."""
        wish = {
            "floating_network_id": network_id,
            "floating_ip_address": address,
            "description": description_of(token),
        }
        return floating_from(self._network.post("/floatingips", {"floatingip": wish})["floatingip"])

    def associate_floating(self, floating_id: str, port_id: str | None) -> None:
        """Have the address answer for a port, or for none; a second time is fine.

        Refused where no router joins the port's network with the external one.
        """
        self._network.put(f"/floatingips/{floating_id}", {"floatingip": {"port_id": port_id}})

    def delete_floating(self, floating_id: str) -> None:
        """Give a floating address back; a missing one is fine."""
        with suppress(Missing):
            self._network.delete(f"/floatingips/{floating_id}")
