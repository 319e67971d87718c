"""What is in an OpenStack cloud and was not made by Jinyun: servers, volumes and ports of all projects.

Where the cloud's notifications are heard, they tell at once what changed. Whether or not: Nova is asked which servers
changed since a moment, and since Cinder and Neutron do not tell, everything is listed about each minute.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from jinyun.providers.estate import Changes, EstateWatch, Key, Machines, Observed, ObservedKind, Power
from jinyun.providers.openstack.api import Api, Document, Query
from jinyun.providers.openstack.machines import OpenStackMachines
from jinyun.providers.openstack.notifications import Notifications
from jinyun.providers.openstack.translate import TOKEN, TOKEN_PREFIX

BATCH = 500
ASK_SECONDS = 5.0
"""How often Nova is asked for changes, where it does not tell of them."""
ASK_ALTHOUGH_TOLD_SECONDS = 30.0
"""How often it is asked where it does: the bus may be cut."""
ANEW_SECONDS = 50.0
"""How often everything is listed: a change shows within a minute."""
NEWS_AT_ONCE = 50
"""Of how many things that changed each is read by itself; of more, everything is listed."""
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

    def __init__(self, compute: Api, storage: Api, network: Api, notifications: Notifications | None = None) -> None:
        self._apis = (compute, storage, network)
        self._notifications = notifications

    @property
    def machines(self) -> Machines:
        """What can be done with its servers."""
        return OpenStackMachines(self._apis[0], _server)

    @contextmanager
    def watch(self) -> Iterator[EstateWatch]:
        """Open a watch: nothing is kept in the cloud for it but the queue of its notifications."""
        if self._notifications is None:
            yield OpenStackWatch(*self._apis, None)
        else:
            with self._notifications.open() as news:
                yield OpenStackWatch(*self._apis, news)


class OpenStackWatch:
    """Listens, and asks again and again."""

    installation = INSTALLATION

    def __init__(self, compute: Api, storage: Api, network: Api, news: Notifications | None) -> None:
        self._compute, self._storage, self._network, self._news = compute, storage, network, news
        self._seen: dict[Key, Observed] = {}
        self._since = datetime.now(UTC)
        self._asked_at = self._listed_at = time.monotonic()

    def keys(self) -> Sequence[Key]:
        """Return everything that there is; what the lists tell is kept until it is read. Raises BackendError."""
        self._since, self._listed_at = datetime.now(UTC), time.monotonic()
        lists = {
            ObservedKind.SERVER: self._compute.items("/servers/detail", "servers", EVERYWHERE),
            ObservedKind.VOLUME: self._storage.items("/volumes/detail", "volumes", EVERYWHERE),
            ObservedKind.PORT: self._network.items("/ports", "ports"),
        }
        things = [SHOWN[kind](each) for kind, shown in lists.items() for each in shown if not _is_left_out(kind, each)]
        self._seen = {thing.key: thing for thing in things}
        return list(self._seen)

    def read(self, keys: Sequence[Key]) -> Sequence[Observed]:
        """Return those of some things that were listed, once."""
        return [self._seen.pop(key) for key in keys if key in self._seen]

    def changed(self, seconds: float) -> Changes:
        """Wait at most so long for news; return what changed, and ask where it is time to. Raises BackendError."""
        if self._news is None:
            time.sleep(seconds)
            told: frozenset[Key] = frozenset()
        else:
            told = self._news.take(seconds)
        now = time.monotonic()
        anew = now - self._listed_at >= ANEW_SECONDS or len(told) > NEWS_AT_ONCE
        found = self._looked_at(() if anew else told)
        told_of_all = self._news is not None and self._news.heard
        if now - self._asked_at >= (ASK_ALTHOUGH_TOLD_SECONDS if told_of_all else ASK_SECONDS):
            self._asked_at = now
            found |= self._since_last_time()
        self._seen.update({key: thing for key, thing in found.items() if thing is not None})
        gone = frozenset(key for key, thing in found.items() if thing is None)
        return Changes(frozenset(found.keys() - gone), gone, anew=anew)

    def _looked_at(self, keys: Iterable[Key]) -> dict[Key, Observed | None]:
        """Return things as they are now, None for those that are no more; what is Jinyun's own is left out."""
        apis = {
            ObservedKind.SERVER: self._compute,
            ObservedKind.VOLUME: self._storage,
            ObservedKind.PORT: self._network,
        }
        found: dict[Key, Observed | None] = {}
        for key in keys:
            document = apis[key.kind].find(f"/{key.kind.value}s/{key.id}")
            shown = document and document[key.kind.value]
            if not shown or shown["status"] in DELETED:
                found[key] = None
            elif not _is_left_out(key.kind, shown):
                found[key] = SHOWN[key.kind](shown)
        return found

    def _since_last_time(self) -> dict[Key, Observed | None]:
        """Return the servers that changed since Nova was last asked, None for those that are no more."""
        began = datetime.now(UTC)
        since = (self._since - OVERLAP).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
        query: Query = {**EVERYWHERE, "changes-since": since}
        servers = list(self._compute.items("/servers/detail", "servers", query))
        self._since = began
        return {
            Key(ObservedKind.SERVER, each["id"]): None if each["status"] in DELETED else _server(each)
            for each in servers
            if each["status"] in DELETED or TOKEN not in each["metadata"]
        }


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


def _is_left_out(kind: ObservedKind, shown: Document) -> bool:
    """Tell whether a thing is Jinyun's own, or one of the network's own parts."""
    if kind is ObservedKind.PORT:
        ours = (shown.get("description") or "").startswith(TOKEN_PREFIX)
        return ours or shown["device_owner"].startswith(INFRASTRUCTURE)
    return TOKEN in shown["metadata"]


SHOWN: Mapping[ObservedKind, Callable[[Document], Observed]] = {
    ObservedKind.SERVER: _server,
    ObservedKind.VOLUME: _volume,
    ObservedKind.PORT: _port,
}
