"""Volumes through Cinder."""

import json

from jinyun.providers.base import Volume, VolumeSpecification, VolumeStatus
from jinyun.providers.errors import Missing, Transient
from jinyun.providers.openstack.api import Api, Document
from jinyun.providers.openstack.attachments import Attachments
from jinyun.providers.openstack.translate import TOKEN, volume_from


class OpenStackBlockStorage:
    """Volumes of one project."""

    def __init__(self, storage: Api, attachments: Attachments) -> None:
        self._storage = storage
        self._attachments = attachments

    def find_by_token(self, token: str) -> Volume | None:
        """Return the volume made with this token, or None; of several after a repeated request, always the same."""
        return next((volume_from(document) for document in self._with_token(token)), None)

    def _with_token(self, token: str) -> list[Document]:
        """Return the volumes of a token, the oldest first; Cinder tells seconds only, so ids decide among equals."""
        query = {"metadata": json.dumps({TOKEN: token})}
        found = self._storage.items("/volumes/detail", "volumes", {**query})
        return sorted(found, key=lambda volume: (str(volume["created_at"]), str(volume["id"])))

    def create(self, specification: VolumeSpecification, token: str) -> Volume:
        """Ask for a volume. Raises Missing where there is no such volume type."""
        wish = {
            "name": specification.name,
            "size": specification.size_gib,
            "volume_type": specification.volume_type,
            "metadata": {TOKEN: token},
        }
        if specification.snapshot_id is not None:
            wish["snapshot_id"] = specification.snapshot_id
        return volume_from(self._storage.post("/volumes", {"volume": wish})["volume"])

    def get(self, volume_id: str) -> Volume | None:
        """Return the volume, or None where it does not exist any more."""
        document = self._storage.find(f"/volumes/{volume_id}")
        return volume_from(document["volume"]) if document else None

    def delete(self, volume_id: str) -> None:
        """Ask for deletion; a missing volume is fine. Refused (`wrong-state`) while it is attached."""
        try:
            self._storage.delete(f"/volumes/{volume_id}")
        except Missing:
            return

    def extend(self, volume_id: str, size_gib: int) -> None:
        """Ask for a larger size, on a server or not; Refused (`wrong-state`) while something else is under way."""
        self._storage.post(f"/volumes/{volume_id}/action", {"os-extend": {"new_size": size_gib}})

    def sweep_duplicates(self, token: str, keep: str) -> int:
        """Ask for deletion of this token's volumes other than `keep`; return how many there were.

        Transient while one of them is being made: Cinder does not delete it then.
        """
        others = [volume_from(document) for document in self._with_token(token) if document["id"] != keep]
        for volume in others:
            if volume.status is VolumeStatus.CREATING:
                raise Transient(f"volume {volume.id}, made beside {keep}, is still being made")
        doomed = [volume for volume in others if volume.status is not VolumeStatus.DELETING]
        for volume in doomed:
            self.delete(volume.id)
        return len(doomed)

    def clean_orphaned_attachments(self, volume_id: str) -> int:
        """Delete the attachment records that no server knows; return how many there were."""
        return self._attachments.clean_orphans(volume_id)

    def release(self, volume_id: str) -> bool:
        """Mark a volume as free that counts as used although no record says by whom; return whether it was one."""
        return self._attachments.release(volume_id)
