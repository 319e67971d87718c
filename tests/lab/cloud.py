"""The lab's cloud, seen by its administrator past Jinyun: what is really there."""

from typing import Any

from openstack.config import OpenStackConfig
from openstack.connection import Connection

from jinyun.cli.client import Document
from lab.facts import FLAVORS, IMAGE
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

    def server(self, external_id: str) -> Any:
        """Return a server by the cloud's id."""
        return self._connection.compute.get_server(external_id)

    def host_of(self, external_id: str) -> str:
        """Return the hypervisor that a server is on."""
        return str(self.server(external_id).hypervisor_hostname)

    def closed_hosts(self) -> list[str]:
        """Return the hosts that take no new servers."""
        services = self._connection.compute.services(binary="nova-compute")
        return [str(service.host) for service in services if service.status == "disabled"]

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

    def make_server(self, name: str, zone: str) -> str:
        """Have a server made that Jinyun knows nothing of, without a network."""
        compute = self._connection.compute
        image, flavor = self._connection.image.find_image(IMAGE), compute.find_flavor(FLAVORS[0].name)
        assert image is not None
        assert flavor is not None
        wanted = {"image_id": image.id, "flavor_id": flavor.id, "networks": "none", "availability_zone": zone}
        server = compute.create_server(name=name, **wanted)
        return str(compute.wait_for_server(server, wait=120).id)

    def stop_server(self, external_id: str) -> None:
        """Switch a server off."""
        self._connection.compute.stop_server(external_id)

    def delete_server(self, external_id: str) -> None:
        """Delete a server."""
        self._connection.compute.delete_server(external_id)

    def make_volume(self, name: str) -> str:
        """Have a volume made that Jinyun knows nothing of."""
        return str(self._connection.create_volume(size=1, name=name, wait=True).id)

    def rename_volume(self, volume_id: str, name: str) -> None:
        """Give a volume another name."""
        self._connection.block_storage.put(f"/volumes/{volume_id}", json={"volume": {"name": name}})

    def delete_volume(self, volume_id: str) -> None:
        """Delete a volume."""
        self._connection.block_storage.delete_volume(volume_id)

    def anything_left_of(self, server_id: str, hostname: str, address: str) -> list[Any]:
        """Return the servers, ports and volumes that there are of a server of Jinyun."""
        return [*self.servers(server_id, hostname), *self.ports(address), *self.volumes(f"{hostname}-")]


def what_is_amiss(cloud: Cloud, server: Document) -> list[str]:
    """Return what is not as it should be of a delivered server with one volume: one of each, joined once."""
    built = cloud.servers(server["id"], server["hostname"])
    ports = cloud.ports(server["address"])
    volumes = cloud.volumes(f"{server['hostname']}-")
    if (len(built), len(ports), len(volumes)) != (1, 1, 1):
        return [f"{len(built)} servers, {len(ports)} ports, {len(volumes)} volumes"]
    records = cloud.attachments(volumes[0].id)
    truths = {
        "the server is another one": built[0].id == server["external_id"],
        "the server does not run": (built[0].status, server["state"]) == ("ACTIVE", "active"),
        "the port is not on the server": ports[0].device_id == built[0].id,
        "the server has other ports": [port.id for port in cloud.ports_of(built[0].id)] == [ports[0].id],
        "Cinder has it not on once": [(r["instance"], r["status"]) for r in records] == [(built[0].id, "attached")],
        "Nova has it not on once": cloud.volumes_on(built[0].id) == [volumes[0].id],
        "the volume is not in use": volumes[0].status == "in-use",
    }
    return [words for words, true in truths.items() if not true]
