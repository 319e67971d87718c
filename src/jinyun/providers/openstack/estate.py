"""What is in an OpenStack cloud and was not made by Jinyun: servers, volumes and ports of all projects.

Nova tells which servers changed since a moment; Cinder and Neutron do not, so that everything is listed each minute.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from jinyun.providers.estate import Changes, EstateWatch, Key, Observed, ObservedKind, Power
from jinyun.providers.openstack.api import Api, Document, Query
from jinyun.providers.openstack.translate import TOKEN, TOKEN_PREFIX

BATCH = 500
ASK_SECONDS = 5.0
"""How often Nova is asked for changes."""
ANEW_SECONDS = 60.0
"""How often everything is listed."""
OVERLAP = timedelta(seconds=10)
"""Changes are asked for from a little earlier on: the cloud's clock is another one."""
INSTALLATION = "openstack"
"""The ids of a cloud are unique in the world: nothing has to tell clouds from one another."""
EVERYWHERE: Query = {"all_tenants": 1}
INFRASTRUCTURE = "network:"
"""Owners of ports that begin so are routers, DHCP and the like."""
DELETED = frozenset({"DELETED", "SOFT_DELETED"})
POWER: Mapping[str, Power] = {
    "ACTIVE": Power.ON,
    "SHUTOFF": Power.OFF,
    "SUSPENDED": Power.SUSPENDED,
    "PAUSED": Power.SUSPENDED,
}


class OpenStackEstate:
    """Servers, volumes and ports that bear no token of ours."""

    batch = BATCH
    machines = None

    def __init__(self, compute: Api, storage: Api, network: Api) -> None:
        self._apis = (compute, storage, network)

    @contextmanager
    def watch(self) -> Iterator[EstateWatch]:
        """Open a watch: nothing is kept in the cloud for it."""
        yield OpenStackWatch(*self._apis)


class OpenStackWatch:
    """Asks again and again."""

    installation = INSTALLATION

    def __init__(self, compute: Api, storage: Api, network: Api) -> None:
        self._compute, self._storage, self._network = compute, storage, network
        self._seen: dict[Key, Observed] = {}
        self._since = datetime.now(UTC)
        self._asked_at = self._listed_at = time.monotonic()

    def keys(self) -> Sequence[Key]:
        """Return everything that there is; what the lists tell is kept until it is read. Raises BackendError."""
        self._since, self._listed_at = datetime.now(UTC), time.monotonic()
        servers = self._compute.items("/servers/detail", "servers", EVERYWHERE)
        volumes = self._storage.items("/volumes/detail", "volumes", EVERYWHERE)
        ports = self._network.items("/ports", "ports")
        things = [
            *(_server(each) for each in servers if TOKEN not in each["metadata"]),
            *(_volume(each) for each in volumes if TOKEN not in each["metadata"]),
            *(_port(each) for each in ports if _is_a_guest_s(each)),
        ]
        self._seen = {thing.key: thing for thing in things}
        return list(self._seen)

    def read(self, keys: Sequence[Key]) -> Sequence[Observed]:
        """Return those of some things that were listed, once."""
        return [self._seen.pop(key) for key in keys if key in self._seen]

    def changed(self, seconds: float) -> Changes:
        """Wait so long, and return what changed, where it is time to ask. Raises BackendError."""
        time.sleep(seconds)
        now = time.monotonic()
        if now - self._asked_at < ASK_SECONDS:
            return Changes()
        began, self._asked_at = datetime.now(UTC), now
        since = (self._since - OVERLAP).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
        query: Query = {**EVERYWHERE, "changes-since": since}
        servers = list(self._compute.items("/servers/detail", "servers", query))
        self._since = began
        gone = {Key(ObservedKind.SERVER, each["id"]) for each in servers if each["status"] in DELETED}
        things = [_server(each) for each in servers if each["status"] not in DELETED and TOKEN not in each["metadata"]]
        self._seen.update({thing.key: thing for thing in things})
        anew = now - self._listed_at >= ANEW_SECONDS
        return Changes(frozenset(thing.key for thing in things), frozenset(gone), anew=anew)


def _server(server: Document) -> Observed:
    on_networks = [(network, port) for network, ports in server["addresses"].items() for port in ports]
    flavor = server["flavor"]
    return Observed(
        key=Key(ObservedKind.SERVER, server["id"]),
        name=server["name"],
        uuid=server["id"],
        cluster=server.get("OS-EXT-AZ:availability_zone") or None,
        host=server.get("OS-EXT-SRV-ATTR:hypervisor_hostname"),
        power=POWER.get(server["status"]),
        addresses=tuple(port["addr"] for _network, port in on_networks),
        document={
            "vcpus": flavor.get("vcpus"),
            "memory_mib": flavor.get("ram"),
            "flavor": flavor.get("original_name"),
            "status": server["status"],
            "project_id": server["tenant_id"],
            "nics": [
                {"mac": port.get("OS-EXT-IPS-MAC:mac_addr"), "network": network, "addresses": [port["addr"]]}
                for network, port in on_networks
            ],
            "volume_ids": sorted(each["id"] for each in server.get("os-extended-volumes:volumes_attached", ())),
            "custom_fields": server["metadata"],
            "created_at": server["created"],
        },
    )


def _volume(volume: Document) -> Observed:
    return Observed(
        key=Key(ObservedKind.VOLUME, volume["id"]),
        name=volume["name"] or "",
        uuid=volume["id"],
        cluster=volume.get("availability_zone"),
        host=volume.get("os-vol-host-attr:host"),
        document={
            "size_gib": volume["size"],
            "volume_type": volume["volume_type"],
            "status": volume["status"],
            "project_id": volume.get("os-vol-tenant-attr:tenant_id"),
            "server_ids": sorted(each["server_id"] for each in volume["attachments"]),
            "custom_fields": volume["metadata"],
            "created_at": volume["created_at"],
        },
    )


def _port(port: Document) -> Observed:
    return Observed(
        key=Key(ObservedKind.PORT, port["id"]),
        name=port["name"],
        uuid=port["id"],
        host=port.get("binding:host_id") or None,
        addresses=tuple(each["ip_address"] for each in port["fixed_ips"]),
        document={
            "mac": port["mac_address"],
            "network_id": port["network_id"],
            "server_id": port["device_id"] or None,
            "owner": port["device_owner"],
            "status": port["status"],
            "project_id": port["project_id"],
        },
    )


def _is_a_guest_s(port: Document) -> bool:
    ours = (port.get("description") or "").startswith(TOKEN_PREFIX)
    return not ours and not port["device_owner"].startswith(INFRASTRUCTURE)
