"""What in a cloud bears a token, and what is wrong with volumes that do; read from whole lists, project by project."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from jinyun.providers.base import AttachmentVerdict, Marked, MarkedKind
from jinyun.providers.openstack.api import Api, Document, Query
from jinyun.providers.openstack.attachments import IN_SERVICE, Attachments
from jinyun.providers.openstack.translate import TOKEN, moment_from, port_from

EVERYWHERE: Query = {"all_tenants": 1}
VOLUMES_OF_SERVER = "os-extended-volumes:volumes_attached"


class Marks:
    """Finds what bears a token in all projects."""

    def __init__(self, compute: Api, storage: Api, network: Api) -> None:
        self._compute = compute
        self._storage = storage
        self._network = network
        self._attachments = Attachments(compute, storage)

    def read(self, prefix: str) -> Sequence[Marked]:
        """Return everything that bears a token that begins so."""
        servers = list(self._compute.items("/servers/detail", "servers", EVERYWHERE))
        volumes = [volume for volume in self._volumes() if _token(volume).startswith(prefix)]
        marked_servers = [_server(server) for server in servers if _token(server).startswith(prefix)]
        return [*marked_servers, *self._ports(prefix), *map(_volume, volumes), *self._faults(servers, volumes)]

    def _volumes(self) -> Iterator[Document]:
        return self._storage.items("/volumes/detail", "volumes", EVERYWHERE)

    def _ports(self, prefix: str) -> Iterator[Marked]:
        for document in self._network.items("/ports", "ports"):
            token = port_from(document).token
            if token is not None and token.startswith(prefix):
                yield _port(document, token)

    def _faults(self, servers: Sequence[Document], volumes: Sequence[Document]) -> Iterator[Marked]:
        """Yield what is wrong with volumes; only what looks wrong in the lists is looked at by itself."""
        records: dict[str, list[Document]] = defaultdict(list)
        for record in self._storage.items("/attachments/detail", "attachments", EVERYWHERE):
            records[record["volume_id"]].append(record)
        known: dict[str, set[str]] = defaultdict(set)
        for server in servers:
            for on_server in server.get(VOLUMES_OF_SERVER, ()):
                known[on_server["id"]].add(server["id"])
        for volume in volumes:
            of_volume = records[volume["id"]]
            if not of_volume and not volume["attachments"] and volume["status"] in IN_SERVICE:
                yield _fault(MarkedKind.RESERVATION, volume, f"volume {volume['status']} without attachment")
            strangers = {record["instance"] for record in of_volume if record["instance"]}
            for server_id in sorted(strangers - known[volume["id"]]):
                seen = self._attachments.read(server_id, volume["id"])
                if seen.verdict is AttachmentVerdict.ORPHANED:
                    yield _fault(MarkedKind.ATTACHMENT, volume, f"server {server_id}: {seen.evidence}")
                    break


def _token(document: Document) -> str:
    return str(document.get("metadata", {}).get(TOKEN, ""))


def _server(document: Document) -> Marked:
    host = document.get("OS-EXT-SRV-ATTR:hypervisor_hostname") or "no host"
    return Marked(
        MarkedKind.SERVER,
        document["id"],
        document["name"],
        _token(document),
        document["tenant_id"],
        moment_from(document["created"]),
        f"server {document['status']} on {host}",
    )


def _port(document: Document, token: str) -> Marked:
    port = port_from(document)
    return Marked(
        MarkedKind.PORT,
        port.id,
        document["name"],
        token,
        document["project_id"],
        moment_from(document.get("created_at")),
        f"port at {port.address}, {f'used by {port.device_id}' if port.device_id else 'unused'}",
    )


def _volume(document: Document) -> Marked:
    return _fault(MarkedKind.VOLUME, document, f"volume {document['status']}")


def _fault(kind: MarkedKind, volume: Document, evidence: str) -> Marked:
    return Marked(
        kind,
        volume["id"],
        volume["name"] or "",
        _token(volume),
        volume["os-vol-tenant-attr:tenant_id"],
        moment_from(volume["created_at"]),
        evidence,
    )
