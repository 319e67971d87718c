"""The lab's cloud, seen by its administrator past Jinyun: what is really there."""

from typing import Any

from openstack.config import OpenStackConfig
from openstack.connection import Connection

from tests.lab.installation import LAYOUT

ATTACHMENTS_WITH_SERVERS = "3.44"


class Cloud:
    """Questions to the cloud, over all of its projects."""

    def __init__(self) -> None:
        known = OpenStackConfig(config_files=[str(LAYOUT.clouds)])
        self._connection = Connection(config=known.get_one("lab-admin"))

    def servers(self, server_id: str, hostname: str) -> list[Any]:
        """Return the servers that were built for a server of Jinyun."""
        named = self._connection.compute.servers(details=True, all_projects=True, name=f"^{hostname}$")
        return [server for server in named if server.metadata.get("jinyun_server") == server_id]

    def ports(self, address: str) -> list[Any]:
        """Return the ports at an address."""
        return list(self._connection.network.ports(fixed_ips=f"ip_address={address}"))

    def ports_of(self, external_id: str) -> list[Any]:
        """Return the ports of a server."""
        return list(self._connection.network.ports(device_id=external_id))

    def volumes(self, prefix: str) -> list[Any]:
        """Return the volumes whose names begin so."""
        everywhere = self._connection.block_storage.volumes(details=True, all_projects=True)
        return [volume for volume in everywhere if (volume.name or "").startswith(prefix)]

    def attachments(self, volume_id: str) -> list[dict[str, Any]]:
        """Return Cinder's records of a volume being on a server."""
        answer = self._connection.block_storage.get(
            f"/attachments/detail?all_tenants=1&volume_id={volume_id}", microversion=ATTACHMENTS_WITH_SERVERS
        )
        records: list[dict[str, Any]] = answer.json()["attachments"]
        return records

    def volumes_on(self, external_id: str) -> list[str]:
        """Return the ids of the volumes that Nova has on a server."""
        return [str(each.volume_id) for each in self._connection.compute.volume_attachments(external_id)]

    def projects(self, name: str) -> list[dict[str, Any]]:
        """Return the projects of this name."""
        answer = self._connection.identity.get("/projects", params={"name": name})
        projects: list[dict[str, Any]] = answer.json()["projects"]
        return projects

    def anything_left_of(self, server_id: str, hostname: str, address: str) -> list[Any]:
        """Return the servers, ports and volumes that there are of a server of Jinyun."""
        return [*self.servers(server_id, hostname), *self.ports(address), *self.volumes(f"{hostname}-")]
