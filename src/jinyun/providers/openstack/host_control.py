"""What is done to hosts through Nova: a host is closed and opened by its compute service."""

from collections.abc import Sequence

from jinyun.providers.base import Server
from jinyun.providers.errors import Missing
from jinyun.providers.openstack.api import Api, Document, Query
from jinyun.providers.openstack.flavors import FlavorNames
from jinyun.providers.openstack.hosts import Hosts
from jinyun.providers.openstack.translate import server_from

REASON_LENGTH = 255


class OpenStackHostControl:
    """The cloud's hosts. A service that runs many hosts is closed and opened for all of them."""

    def __init__(self, compute: Api, hosts: Hosts, flavors: FlavorNames) -> None:
        self._compute = compute
        self._hosts = hosts
        self._flavors = flavors

    def close(self, name: str, why: str) -> None:
        """Have Nova place no new server on a host. Raises Missing where there is no such host."""
        self._set(name, {"status": "disabled", "disabled_reason": why[:REASON_LENGTH]})

    def open(self, name: str) -> None:
        """Have Nova place servers on a host again. Raises Missing where there is no such host."""
        self._set(name, {"status": "enabled"})

    def servers_on(self, name: str) -> Sequence[Server]:
        """Return the servers of all projects that are on a host."""
        query: Query = {"all_tenants": 1, "host": self._service(name)["host"]}
        documents = list(self._compute.items("/servers/detail", "servers", query))
        names = self._flavors.for_servers(documents)
        servers = [server_from(document, names) for document in documents]
        return [server for server in servers if server.host == name]

    def _set(self, name: str, wish: Document) -> None:
        self._compute.put(f"/os-services/{self._service(name)['id']}", wish)

    def _service(self, name: str) -> Document:
        service = self._hosts.service_of(name)
        if service is None:
            raise Missing(f"host {name} does not exist")
        return service
