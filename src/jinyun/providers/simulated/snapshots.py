"""Simulated snapshots of volumes."""

from sqlite3 import Row

from jinyun.kit.ids import new_id
from jinyun.providers.base import Snapshot, SnapshotStatus
from jinyun.providers.errors import Refused, Transient
from jinyun.providers.simulated.calls import Part, changes, reads
from jinyun.providers.simulated.faults import FaultKind
from jinyun.providers.simulated.storage import AT_REST, volume_row
from jinyun.providers.simulated.world import Transaction


class SimulatedSnapshots(Part):
    """Snapshots of the volumes of one project."""

    @reads("snapshot.find")
    def find_by_token(self, transaction: Transaction, token: str) -> Snapshot | None:
        """Return the snapshot made with this token, or None; of several after a repeated request, always the same."""
        query = "SELECT * FROM snapshot WHERE project_id = ? AND token = ? ORDER BY created_at, rowid LIMIT 1"
        row = transaction.one(query, self.project_id, token)
        return _snapshot_from(row) if row else None

    @changes("snapshot.create")
    def create(self, transaction: Transaction, volume_id: str, name: str, token: str) -> Snapshot:
        """Ask for a snapshot of a volume, on a server or not: then of what was written to it so far."""
        volume = volume_row(transaction, self.project_id, volume_id)
        if volume["status"] not in AT_REST:
            raise Refused(f"volume {volume_id} is {volume['status']}", code="wrong-state")
        snapshot_id = new_id()
        transaction.record("snapshot.create", snapshot_id, token)
        transaction.run(
            "INSERT INTO snapshot (id, project_id, token, name, status, volume_id, size_gib, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            snapshot_id,
            self.project_id,
            token,
            name,
            SnapshotStatus.CREATING,
            volume_id,
            volume["size_gib"],
            transaction.now,
        )
        fails = transaction.destiny == FaultKind.HALF_CREATED
        ends = SnapshotStatus.ERROR if fails else SnapshotStatus.AVAILABLE
        transaction.later(transaction.end_of("snapshot.create"), "snapshot-becomes", snapshot_id, ends)
        row = transaction.one("SELECT * FROM snapshot WHERE id = ?", snapshot_id)
        assert row is not None  # noqa: S101 - it was inserted above
        return _snapshot_from(row)

    @reads("snapshot.get")
    def get(self, transaction: Transaction, snapshot_id: str) -> Snapshot | None:
        """Return the snapshot, or None where it does not exist any more."""
        row = transaction.one("SELECT * FROM snapshot WHERE id = ? AND project_id = ?", snapshot_id, self.project_id)
        return _snapshot_from(row) if row else None

    @changes("snapshot.delete")
    def delete(self, transaction: Transaction, snapshot_id: str) -> None:
        """Ask for deletion; a missing snapshot is fine."""
        row = transaction.one("SELECT * FROM snapshot WHERE id = ? AND project_id = ?", snapshot_id, self.project_id)
        if row is not None and row["status"] != SnapshotStatus.DELETING:
            _delete(transaction, row)

    @changes("snapshot.sweep")
    def sweep_duplicates(self, transaction: Transaction, token: str, keep: str) -> int:
        """Ask for deletion of this token's snapshots other than `keep`; return how many there were.

        Transient while one of them is being made.
        """
        others = transaction.all(
            "SELECT * FROM snapshot WHERE project_id = ? AND token = ? AND id <> ? AND status <> 'deleting'",
            self.project_id,
            token,
            keep,
        )
        if any(row["status"] == SnapshotStatus.CREATING for row in others):
            raise Transient(f"a snapshot made beside {keep} is still being made")
        for row in others:
            _delete(transaction, row)
        return len(others)


def _delete(transaction: Transaction, snapshot: Row) -> None:
    if snapshot["status"] == SnapshotStatus.CREATING:
        raise Refused(f"snapshot {snapshot['id']} is being made", code="wrong-state")
    transaction.record("snapshot.delete", snapshot["id"], snapshot["token"])
    transaction.run("UPDATE snapshot SET status = ? WHERE id = ?", SnapshotStatus.DELETING, snapshot["id"])
    transaction.later(transaction.end_of("snapshot.delete"), "snapshot-goes", snapshot["id"])


def _snapshot_from(row: Row) -> Snapshot:
    return Snapshot(
        id=row["id"],
        name=row["name"],
        status=SnapshotStatus(row["status"]),
        volume_id=row["volume_id"],
        size_gib=row["size_gib"],
        token=row["token"],
    )
