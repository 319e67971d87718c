"""Simulated volumes."""

from sqlite3 import Row

from jinyun.kit.ids import new_id
from jinyun.providers.base import Volume, VolumeSpecification, VolumeStatus
from jinyun.providers.errors import Missing, Refused, Transient
from jinyun.providers.simulated.calls import Part, changes, reads
from jinyun.providers.simulated.faults import FaultKind
from jinyun.providers.simulated.world import Transaction

AT_REST = {VolumeStatus.AVAILABLE, VolumeStatus.IN_USE}
DELETABLE = {VolumeStatus.AVAILABLE, VolumeStatus.ERROR}


class SimulatedBlockStorage(Part):
    """Volumes of one project."""

    @reads("volume.find")
    def find_by_token(self, transaction: Transaction, token: str) -> Volume | None:
        """Return the volume made with this token, or None; of several after a repeated request, always the same."""
        row = transaction.one(
            "SELECT * FROM volume WHERE project_id = ? AND token = ? ORDER BY created_at, rowid LIMIT 1",
            self.project_id,
            token,
        )
        return _volume_from(transaction, row) if row else None

    @changes("volume.create")
    def create(self, transaction: Transaction, specification: VolumeSpecification, token: str) -> Volume:
        """Ask for a volume. Raises Missing where there is no such volume type."""
        kind = transaction.one("SELECT * FROM volume_type WHERE name = ?", specification.volume_type)
        if kind is None:
            raise Missing(f"volume type {specification.volume_type} does not exist")
        if specification.snapshot_id is not None:
            _require_snapshot(transaction, self.project_id, specification)
        volume_id = new_id()
        transaction.record("volume.create", volume_id, token)
        transaction.run(
            "INSERT INTO volume (id, project_id, token, name, status, size_gib, volume_type, array, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            volume_id,
            self.project_id,
            token,
            specification.name,
            VolumeStatus.CREATING,
            specification.size_gib,
            kind["name"],
            kind["array"],
            transaction.now,
        )
        fails = transaction.destiny == FaultKind.HALF_CREATED
        ends = VolumeStatus.ERROR if fails else VolumeStatus.AVAILABLE
        transaction.later(transaction.end_of("volume.create"), "volume-becomes", volume_id, ends)
        return _volume_from(transaction, volume_row(transaction, self.project_id, volume_id))

    @reads("volume.get")
    def get(self, transaction: Transaction, volume_id: str) -> Volume | None:
        """Return the volume, or None where it does not exist any more."""
        try:
            return _volume_from(transaction, volume_row(transaction, self.project_id, volume_id))
        except Missing:
            return None

    @changes("volume.delete")
    def delete(self, transaction: Transaction, volume_id: str) -> None:
        """Ask for deletion; a missing volume is fine. Refused (`wrong-state`) while it is attached."""
        try:
            volume = volume_row(transaction, self.project_id, volume_id)
        except Missing:
            return
        if volume["status"] != VolumeStatus.DELETING:
            _delete(transaction, volume)

    @changes("volume.extend")
    def extend(self, transaction: Transaction, volume_id: str, size_gib: int) -> None:
        """Ask for a larger size, on a server or not; Refused (`wrong-state`) while something else is under way."""
        volume = volume_row(transaction, self.project_id, volume_id)
        if volume["status"] not in AT_REST or size_gib <= volume["size_gib"]:
            found = f"{volume['status']} and has {volume['size_gib']} GiB"
            raise Refused(f"volume {volume_id} is {found}: it cannot be extended to {size_gib}", code="wrong-state")
        transaction.record("volume.extend", volume_id)
        transaction.run("UPDATE volume SET status = ? WHERE id = ?", VolumeStatus.RESERVED, volume_id)
        grown = f"{volume['status']} {size_gib}"
        transaction.later(transaction.end_of("volume.extend"), "volume-grew", volume_id, grown)

    @changes("volume.sweep")
    def sweep_duplicates(self, transaction: Transaction, token: str, keep: str) -> int:
        """Ask for deletion of this token's volumes other than `keep`; return how many there were.

        Transient while one of them is being made.
        """
        others = transaction.all(
            "SELECT * FROM volume WHERE project_id = ? AND token = ? AND id <> ? AND status <> 'deleting'",
            self.project_id,
            token,
            keep,
        )
        if any(volume["status"] == VolumeStatus.CREATING for volume in others):
            raise Transient(f"a volume made beside {keep} is still being made")
        for volume in others:
            _delete(transaction, volume)
        return len(others)

    @changes("volume.clean-orphans")
    def clean_orphaned_attachments(self, transaction: Transaction, volume_id: str) -> int:
        """Delete the attachment records that no server knows; return how many there were."""
        count = transaction.run("DELETE FROM attachment WHERE volume_id = ? AND NOT server_knows", volume_id)
        if count:
            transaction.record("volume.clean-orphans", volume_id)
            transaction.run("UPDATE volume SET status = ? WHERE id = ?", VolumeStatus.AVAILABLE, volume_id)
        return count

    @changes("volume.release")
    def release(self, transaction: Transaction, volume_id: str) -> bool:
        """Mark a volume as free that counts as used although no record says by whom; return whether it was one."""
        freed = transaction.run(
            "UPDATE volume SET status = 'available' WHERE id = ? AND project_id = ?"
            " AND status IN ('in_use', 'reserved') AND id NOT IN (SELECT volume_id FROM attachment)",
            volume_id,
            self.project_id,
        )
        if freed:
            transaction.record("volume.release", volume_id)
        return bool(freed)


def volume_row(transaction: Transaction, project_id: str, volume_id: str) -> Row:
    """Return a volume of a project. Raises Missing."""
    row = transaction.one("SELECT * FROM volume WHERE id = ? AND project_id = ?", volume_id, project_id)
    if row is None:
        raise Missing(f"volume {volume_id} does not exist")
    return row


def _require_snapshot(transaction: Transaction, project_id: str, specification: VolumeSpecification) -> None:
    query = "SELECT * FROM snapshot WHERE id = ? AND project_id = ? AND status = 'available'"
    snapshot = transaction.one(query, specification.snapshot_id, project_id)
    if snapshot is None:
        raise Missing(f"snapshot {specification.snapshot_id} does not exist")
    if specification.size_gib < snapshot["size_gib"]:
        raise Refused(f"a volume of {specification.size_gib} GiB is smaller than snapshot {snapshot['id']}")


def _delete(transaction: Transaction, volume: Row) -> None:
    if transaction.one("SELECT 1 FROM snapshot WHERE volume_id = ?", volume["id"]):
        raise Refused(f"volume {volume['id']} still has dependent snapshots", code="wrong-state")
    if volume["status"] not in DELETABLE:
        raise Refused(f"volume {volume['id']} is {volume['status']} and cannot be deleted", code="wrong-state")
    transaction.record("volume.delete", volume["id"], volume["token"])
    transaction.run("UPDATE volume SET status = ? WHERE id = ?", VolumeStatus.DELETING, volume["id"])
    transaction.later(transaction.end_of("volume.delete"), "volume-goes", volume["id"])


def _volume_from(transaction: Transaction, row: Row) -> Volume:
    holders = transaction.all("SELECT server_id FROM attachment WHERE volume_id = ?", row["id"])
    return Volume(
        id=row["id"],
        name=row["name"],
        status=VolumeStatus(row["status"]),
        size_gib=row["size_gib"],
        volume_type=row["volume_type"],
        server_ids=tuple(holder["server_id"] for holder in holders),
        token=row["token"],
    )
