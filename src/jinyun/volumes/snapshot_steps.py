"""Making and deleting snapshots of volumes."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.kit.clock import utc_now
from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done, wait
from jinyun.providers.base import Snapshots, SnapshotStatus
from jinyun.providers.errors import Missing, Refused
from jinyun.regions.connections import project_scope
from jinyun.volumes import states
from jinyun.volumes.models import Snapshot

POLL_SECONDS = 0.5
TAKING = Text("The storage is taking the snapshot", "存储正在创建快照")
DELETING = Text("The storage is deleting the snapshot", "存储正在删除快照")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the steps have to know of a snapshot."""

    id: str
    name: str
    region_id: str
    project_id: str
    volume_external_id: str
    external_id: str | None

    def snapshots(self, step: StepContext) -> Snapshots:
        """Return the snapshots of the project in the region."""
        return project_scope(step, self.region_id, self.project_id).snapshots


def wanted(step: StepContext) -> Wanted:
    """Read what a step has to know of its snapshot."""

    def work(session: Session) -> Wanted:
        snapshot = session.get_one(Snapshot, step.parameters["snapshot_id"])
        return Wanted(
            id=snapshot.id,
            name=snapshot.name,
            region_id=snapshot.volume.region_id,
            project_id=snapshot.project_id,
            volume_external_id=snapshot.volume.external_id or "",
            external_id=snapshot.external_id,
        )

    return step.read(work)


def take_snapshot(step: StepContext) -> Outcome:
    """Ask for the snapshot; what was asked for before is found by its token."""
    snapshot = wanted(step)
    snapshots = snapshot.snapshots(step)
    found = snapshots.find_by_token(step.token) if step.attempt > 1 else None
    external_id = (found or snapshots.create(snapshot.volume_external_id, snapshot.name, step.token)).id
    step.write(lambda session: _asked_for(session, snapshot.id, external_id))
    return done(external_id=external_id)


def await_snapshot(step: StepContext) -> Outcome:
    """Wait until the snapshot is there; delete what a repeated request made beside it.

    Raises:
        Missing: it is gone.
        Refused: the storage could not take it.
    """
    snapshot = wanted(step)
    snapshots = snapshot.snapshots(step)
    found = snapshots.get(snapshot.external_id) if snapshot.external_id else None
    if found is None:
        raise Missing(f"snapshot {snapshot.external_id} of {snapshot.name}")
    if found.status is SnapshotStatus.CREATING:
        return wait(POLL_SECONDS, progress=TAKING)
    if found.status is SnapshotStatus.ERROR:
        raise Refused(f"snapshot {found.id} is in error")
    if found.token is not None:
        snapshots.sweep_duplicates(found.token, found.id)
    step.write(lambda session: _taken(session, snapshot.id))
    return done()


def undo_take_snapshot(step: StepContext) -> Outcome:
    """Take a snapshot back, whether or not its making was seen to end."""
    snapshot = wanted(step)
    snapshots = snapshot.snapshots(step)
    found = snapshots.find_by_token(step.token)
    if found is not None and found.status is SnapshotStatus.CREATING:
        return wait(1, progress=TAKING)
    if found is not None:
        if found.status is not SnapshotStatus.DELETING:
            snapshots.sweep_duplicates(step.token, found.id)
            snapshots.delete(found.id)
        return wait(1, progress=DELETING)
    step.write(lambda session: forget_snapshot(session, snapshot.id))
    return done()


def delete_snapshot(step: StepContext) -> Outcome:
    """Delete the snapshot; wait until it is gone."""
    snapshot = wanted(step)
    if snapshot.external_id is not None:
        snapshots = snapshot.snapshots(step)
        found = snapshots.get(snapshot.external_id)
        if found is not None and found.status is not SnapshotStatus.DELETING:
            snapshots.delete(found.id)
        if found is not None:
            return wait(POLL_SECONDS, progress=DELETING)
    step.write(lambda session: forget_snapshot(session, snapshot.id))
    return done()


def forget_snapshot(session: Session, snapshot_id: str) -> None:
    """Note that a snapshot is gone, and give its quota back."""
    snapshot = session.get_one(Snapshot, snapshot_id)
    snapshot.state, snapshot.deleted_at = states.DELETED, utc_now()
    capacity.release(session, snapshot.hold_id)


def _asked_for(session: Session, snapshot_id: str, external_id: str) -> None:
    session.get_one(Snapshot, snapshot_id).external_id = external_id


def _taken(session: Session, snapshot_id: str) -> None:
    snapshot = session.get_one(Snapshot, snapshot_id)
    snapshot.state = states.AVAILABLE
    capacity.to_usage(session, snapshot.hold_id)


class TakeSnapshot(Operation):
    """Take one approved snapshot of a volume."""

    kind = "take-snapshot"
    title = Text("Take snapshot", "创建快照")
    steps = (
        Step(
            "snapshot",
            take_snapshot,
            Text("Ask for the snapshot", "申请创建快照"),
            undo=undo_take_snapshot,
            timeout=timedelta(minutes=30),
        ),
        Step(
            "snapshot-ready", await_snapshot, Text("Wait for the snapshot", "等待快照就绪"), timeout=timedelta(hours=1)
        ),
    )


class DeleteSnapshot(Operation):
    """Delete one snapshot."""

    kind = "delete-snapshot"
    title = Text("Delete snapshot", "删除快照")
    steps = (
        Step(
            "delete",
            delete_snapshot,
            Text("Delete it from the storage", "从存储中删除"),
            timeout=timedelta(minutes=30),
            point_of_no_return=True,
        ),
    )
