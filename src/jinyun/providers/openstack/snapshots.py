"""Snapshots of volumes through Cinder."""

import json

from jinyun.providers.base import Snapshot, SnapshotStatus
from jinyun.providers.errors import Missing, Transient
from jinyun.providers.openstack.api import Api, Document
from jinyun.providers.openstack.translate import TOKEN, snapshot_from


class OpenStackSnapshots:
    """Snapshots of the volumes of one project."""

    def __init__(self, storage: Api) -> None:
        self._storage = storage

    def find_by_token(self, token: str) -> Snapshot | None:
        """Return the snapshot made with this token, or None; of several after a repeated request, always the same."""
        return next((snapshot_from(document) for document in self._with_token(token)), None)

    def create(self, volume_id: str, name: str, token: str) -> Snapshot:
        """Ask for a snapshot of a volume, on a server or not: then of what was written to it so far."""
        wish = {"volume_id": volume_id, "name": name, "force": True, "metadata": {TOKEN: token}}
        return snapshot_from(self._storage.post("/snapshots", {"snapshot": wish})["snapshot"])

    def get(self, snapshot_id: str) -> Snapshot | None:
        """Return the snapshot, or None where it does not exist any more."""
        document = self._storage.find(f"/snapshots/{snapshot_id}")
        return snapshot_from(document["snapshot"]) if document else None

    def delete(self, snapshot_id: str) -> None:
        """Ask for deletion; a missing snapshot is fine."""
        try:
            self._storage.delete(f"/snapshots/{snapshot_id}")
        except Missing:
            return

    def sweep_duplicates(self, token: str, keep: str) -> int:
        """Ask for deletion of this token's snapshots other than `keep`; return how many there were.

        Transient while one of them is being made: Cinder does not delete it then.
        """
        others = [snapshot_from(document) for document in self._with_token(token) if document["id"] != keep]
        if any(snapshot.status is SnapshotStatus.CREATING for snapshot in others):
            raise Transient(f"a snapshot made beside {keep} is still being made")
        doomed = [snapshot for snapshot in others if snapshot.status is not SnapshotStatus.DELETING]
        for snapshot in doomed:
            self.delete(snapshot.id)
        return len(doomed)

    def _with_token(self, token: str) -> list[Document]:
        """Return the snapshots of a token, the oldest first."""
        found = self._storage.items("/snapshots/detail", "snapshots", {"metadata": json.dumps({TOKEN: token})})
        return sorted(found, key=lambda snapshot: (str(snapshot["created_at"]), str(snapshot["id"])))
