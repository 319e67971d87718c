"""The truth about a volume on a server: three records, none of which is enough alone."""

from collections.abc import Sequence

from jinyun.providers.base import Attachment, AttachmentVerdict
from jinyun.providers.openstack.api import Api, Document, Query

IN_SERVICE = frozenset({"in-use", "reserved", "attaching", "detaching"})
"""Cinder's statuses of a volume that a server uses, or is about to use or let go."""
FREE = {"os-reset_status": {"status": "available", "attach_status": "detached"}}


class Attachments:
    """Reads what Cinder and Nova know of a volume on a server."""

    def __init__(self, compute: Api, storage: Api) -> None:
        self._compute = compute
        self._storage = storage

    def read(self, server_id: str, volume_id: str) -> Attachment:
        """Return the verdict. An orphan must be seen twice: Nova and Cinder write one after the other."""
        first = self._read_once(server_id, volume_id)
        return self._read_once(server_id, volume_id) if first.verdict is AttachmentVerdict.ORPHANED else first

    def clean_orphans(self, volume_id: str) -> int:
        """Delete Cinder's records of servers that do not know the volume; return how many there were."""
        orphans = [
            record["id"]
            for record in self._records(volume_id)
            if record["instance"] and self.read(record["instance"], volume_id).verdict is AttachmentVerdict.ORPHANED
        ]
        for record_id in orphans:
            self._storage.delete(f"/attachments/{record_id}")
        return len(orphans)

    def release(self, volume_id: str) -> bool:
        """Reset the status of a volume that counts as used without any record; return whether it was one."""
        volume = self._storage.find(f"/volumes/{volume_id}")
        if volume is None or volume["volume"]["status"] not in IN_SERVICE or self._records(volume_id):
            return False
        self._storage.post(f"/volumes/{volume_id}/action", FREE)
        return True

    def _read_once(self, server_id: str, volume_id: str) -> Attachment:
        volume = self._storage.find(f"/volumes/{volume_id}")
        records = self._records(volume_id)
        known = self._compute.find(f"/servers/{server_id}/os-volume_attachments/{volume_id}")
        return verdict(
            volume["volume"]["status"] if volume else None,
            [record for record in records if record["instance"] == server_id],
            known["volumeAttachment"] if known else None,
        )

    def _records(self, volume_id: str) -> list[Document]:
        """Return the records of a volume, whichever project it is in: Cinder hides those of others where not asked."""
        query: Query = {"volume_id": volume_id, "all_tenants": 1}
        return list(self._storage.items("/attachments/detail", "attachments", query))


def verdict(volume_status: str | None, records: Sequence[Document], known: Document | None) -> Attachment:
    """Judge one volume on one server.

    Args:
        volume_status: Cinder's status of the volume; None where it does not exist.
        records: Cinder's attachments of this volume to this server.
        known: Nova's attachment, which exists from the moment a request is accepted; None where Nova knows none.
    """
    evidence = _evidence(volume_status, records, known)
    if known is None:
        found = AttachmentVerdict.ORPHANED if records else AttachmentVerdict.DETACHED
        return Attachment(found, evidence=evidence)
    own = next((record for record in records if record["id"] == known["attachment_id"]), None)
    connected = own is not None and own["status"] == "attached" and bool(own.get("connection_info"))
    if connected and volume_status == "in-use":
        return Attachment(AttachmentVerdict.ATTACHED, device=known["device"], evidence=evidence)
    return Attachment(AttachmentVerdict.UNDER_WAY, evidence=evidence)


def _evidence(volume_status: str | None, records: Sequence[Document], known: Document | None) -> str:
    cinder = ", ".join(f"attachment {record['id']} {record['status']}" for record in records) or "no attachment"
    nova = f"attachment {known['attachment_id']} at {known['device']}" if known else "no attachment"
    return f"cinder: volume {volume_status or 'missing'}, {cinder}; nova: {nova}"
