"""What is true of each volume: asked of Cinder, of Nova, of the array itself, and from within the servers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openstack.config import OpenStackConfig
from openstack.connection import Connection

from bench.guest import say
from bench.storm.plan import Client, Pair
from lab.array import Array

ADMINISTRATOR = "lab-admin"
ATTACHMENTS_WITH_SERVERS = "3.44"
ATTACHMENTS_WITH_IDS = "2.89"
SERIAL_LENGTH = 20
"""A disk shows so much of its volume's id as its serial number."""
DISKS = "for disk in /sys/block/vd*; do cat $disk/serial; echo; done"
"""A serial number has no line's end of its own."""


@dataclass(slots=True)
class Findings:
    """Which volumes are how, and what was found of them."""

    on: set[str] = field(default_factory=set)
    """Names of those on their server, by every record; seen from within where somebody is inside."""
    off: set[str] = field(default_factory=set)
    """Names of those that are free, by every record."""
    stuck: set[str] = field(default_factory=set)
    """Names of the others: the records contradict each other, or say that the volume is on its way."""
    orphaned: int = 0
    """Attachments of Cinder that no server knows."""
    mapped_unused: int = 0
    """Mapped by the array for nobody."""
    mapped_twice: int = 0
    """Mapped more than once since the storm began."""
    maps: int = 0
    unmaps: int = 0
    """What the array did since then."""
    details: list[str] = field(default_factory=list)
    """What the records say of each volume that is stuck."""


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of one volume."""

    volume: Any
    attachments: list[dict[str, Any]]
    known: dict[str, str]
    """The attachment that Nova has, by server."""
    mappings: int
    seen: bool | None
    """Whether the server's guest sees it; None where nobody is inside."""

    def is_on(self, server_id: str) -> bool:
        """Tell whether every record says that the volume is on this server."""
        ids = [each["id"] for each in self.attachments if each["status"] == "attached"]
        agreed = len(self.attachments) == 1 and self.known == {server_id: ids[0] if ids else None}
        return self.volume.status == "in-use" and agreed and self.mappings == 1 and self.seen is not False

    @property
    def is_off(self) -> bool:
        """Tell whether no record says that the volume is anywhere."""
        return self.volume.status == "available" and not (self.attachments or self.known or self.mappings or self.seen)

    @property
    def orphans(self) -> int:
        """Attachments that no server knows."""
        return sum(each["id"] not in self.known.values() for each in self.attachments)

    def __str__(self) -> str:
        """Put it into one line."""
        cinder = ", ".join(each["status"] for each in self.attachments) or "nothing"
        nova = "known" if self.known else "unknown"
        return f"{self.volume.name}: {self.volume.status}; Cinder {cinder}, Nova {nova}, mapped {self.mappings} times"


class Census:
    """Asks everybody, past Jinyun."""

    def __init__(self, clouds: Path, array: Array, key: Path) -> None:
        self._cloud = Connection(config=OpenStackConfig(config_files=[str(clouds)]).get_one(ADMINISTRATOR))
        self._array, self._key = array, key

    def take(self, client: Client, since: float) -> Findings:
        """Count a client's volumes, and what the array did for them since a moment (seconds of the epoch)."""
        servers = {server.name: server for server in self.servers(client.plan.series)}
        volumes = {volume.name: volume for volume in self.volumes(client.plan.series)}
        records = self._records(client, servers, volumes)
        found = Findings()
        for pair in client.plan.pairs:
            count(found, records[pair.volume], servers[pair.server].id)
        ours = {volume.id for volume in volumes.values()}
        verbs = Counter(entry["verb"] for entry in self._array.journal(since) if entry["volume"] in ours)
        found.maps, found.unmaps = verbs["map"], verbs["unmap"]
        maps = Counter(entry["volume"] for entry in self._array.journal(since) if entry["verb"] == "map")
        found.mapped_twice = sum(times > 1 for volume, times in maps.items() if volume in ours)
        return found

    def servers(self, series: str) -> list[Any]:
        """Return the servers of a series of names."""
        return list(self._cloud.compute.servers(details=True, all_projects=True, name=f"^{series}-"))

    def volumes(self, series: str) -> list[Any]:
        """Return the volumes of a series of names."""
        everywhere = self._cloud.block_storage.volumes(details=True, all_projects=True)
        return [volume for volume in everywhere if (volume.name or "").startswith(f"{series}-")]

    def attachments(self) -> list[dict[str, Any]]:
        """Return all of Cinder's attachments."""
        answer = self._cloud.block_storage.get(
            "/attachments/detail?all_tenants=1&limit=1000", microversion=ATTACHMENTS_WITH_SERVERS
        )
        records: list[dict[str, Any]] = answer.json()["attachments"]
        return records

    def _records(self, client: Client, servers: Mapping[str, Any], volumes: Mapping[str, Any]) -> dict[str, Record]:
        attachments, mapped = self.attachments(), Counter(each["volume"] for each in self._array.mapped())
        known = {server.id: self._known(server.id) for server in servers.values()}
        seen = {seat.name: self._seen(client.addresses[seat.name]) for seat in client.plan.seats if seat.is_real}
        return {
            pair.volume: Record(
                volume=volume,
                attachments=[each for each in attachments if each["volume_id"] == volume.id],
                known={server: rows[volume.id] for server, rows in known.items() if volume.id in rows},
                mappings=mapped[volume.id],
                seen=volume.id[:SERIAL_LENGTH] in seen[pair.server] if pair.server in seen else None,
            )
            for pair, volume in _with_volumes(client.plan.pairs, volumes)
        }

    def _known(self, server_id: str) -> dict[str, str]:
        """Nova's attachments of a server, as volume → attachment."""
        answer = self._cloud.compute.get(
            f"/servers/{server_id}/os-volume_attachments", microversion=ATTACHMENTS_WITH_IDS
        )
        return {each["volumeId"]: each["attachment_id"] for each in answer.json()["volumeAttachments"]}

    def _seen(self, address: str) -> set[str]:
        return set(say(address, self._key, DISKS).split())


def _with_volumes(pairs: Iterable[Pair], volumes: Mapping[str, Any]) -> list[tuple[Pair, Any]]:
    return [(pair, volumes[pair.volume]) for pair in pairs]


def count(found: Findings, record: Record, server_id: str) -> None:
    """Add what is known of one volume to the findings; `server_id` is the server that it is for."""
    found.orphaned += record.orphans
    found.mapped_unused += bool(record.mappings and not record.known)
    name = str(record.volume.name)
    if record.is_on(server_id):
        found.on.add(name)
    elif record.is_off:
        found.off.add(name)
    else:
        found.stuck.add(name)
        found.details.append(str(record))
