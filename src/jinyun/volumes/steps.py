"""Making and deleting volumes: the recipe, and the steps that deliveries of servers share."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.catalog.service import external_tier_id
from jinyun.kit.clock import utc_now
from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Parameters, Step, StepContext, done, wait
from jinyun.providers.base import BlockStorage, VolumeSpecification, VolumeStatus
from jinyun.providers.errors import Missing, Refused
from jinyun.regions.connections import project_scope
from jinyun.regions.steps import bind_project
from jinyun.volumes import states
from jinyun.volumes.models import Snapshot, Volume

MAKING = Text("The storage is making the volume", "存储正在创建卷")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the step has to know of a volume."""

    id: str
    project_id: str
    region_id: str
    region_code: str
    tier_code: str
    external_id: str | None
    specification: VolumeSpecification

    def storage(self, step: StepContext) -> BlockStorage:
        """Return the block storage of the volume's project."""
        return project_scope(step, self.region_id, self.project_id).storage


def wanted(step: StepContext, volume_id: str) -> Wanted:
    """Read what a step has to know of a volume."""

    def work(session: Session) -> Wanted:
        volume = session.get_one(Volume, volume_id)
        volume_type = external_tier_id(session, volume.tier_id, volume.region_id)
        origin = session.get(Snapshot, volume.snapshot_id) if volume.snapshot_id else None
        return Wanted(
            id=volume.id,
            project_id=volume.project_id,
            region_id=volume.region_id,
            region_code=volume.region.code,
            tier_code=volume.tier.code,
            external_id=volume.external_id,
            specification=VolumeSpecification(
                volume.name, volume.size_gib, volume_type, origin.external_id if origin else None
            ),
        )

    return step.read(work)


def create_volume(step: StepContext) -> Outcome:
    """Ask for the volume named by the step's key; `await_volume` waits for it, so that other work goes on meanwhile."""
    volume = wanted(step, step.key or "")
    storage = volume.storage(step)
    # begun for the first time: nothing can bear its token yet
    found = storage.find_by_token(step.token) if step.attempt > 1 else None
    external_id = (found or storage.create(volume.specification, step.token)).id
    step.write(lambda session: _asked_for(session, volume.id, external_id))
    return done(external_id=external_id)


def await_volume(step: StepContext) -> Outcome:
    """Wait until the volume named by the step's key can be used; delete what a repeated request made beside it.

    Raises:
        Missing: it is gone.
        Refused: the storage could not make it.
    """
    volume = wanted(step, step.key or "")
    storage = volume.storage(step)
    found = storage.get(volume.external_id) if volume.external_id else None
    if found is None:
        raise Missing(f"volume {volume.external_id} of {volume.specification.name}")
    if found.status is VolumeStatus.CREATING:
        return wait(0.5, progress=MAKING)
    if found.status is VolumeStatus.ERROR:
        raise Refused(f"volume {found.id} is in error")
    if found.token is not None:
        storage.sweep_duplicates(found.token, found.id)
    step.write(lambda session: _made(session, volume.id))
    return done()


def undo_create_volume(step: StepContext) -> Outcome:
    """Take a volume back, whether or not its making was seen to end."""
    volume = wanted(step, step.key or "")
    storage = volume.storage(step)
    found = storage.find_by_token(step.token)
    if found is not None and found.status is VolumeStatus.CREATING:
        return wait(1, progress=MAKING)  # no storage deletes what it is making
    if found is not None and found.status is not VolumeStatus.DELETING:
        storage.sweep_duplicates(step.token, found.id)
        storage.delete(found.id)
    if found is not None:
        return wait(1, progress=Text("The storage is deleting the volume", "存储正在删除卷"))
    step.write(lambda session: forget(session, volume.id))
    return done()


def delete_volume(step: StepContext) -> Outcome:
    """Delete the volume named by the step's key; wait until it is gone."""
    volume = wanted(step, step.key or "")
    if volume.external_id is not None:
        storage = volume.storage(step)
        found = storage.get(volume.external_id)
        if found is not None and found.status is not VolumeStatus.DELETING:
            storage.delete(found.id)
        if found is not None:
            return wait(1, progress=Text("The storage is deleting the volume", "存储正在删除卷"))
    step.write(lambda session: forget(session, volume.id))
    return done()


def forget(session: Session, volume_id: str) -> None:
    """Note that a volume is gone, and give its capacity back."""
    volume = session.get_one(Volume, volume_id)
    volume.state, volume.deleted_at = states.DELETED, utc_now()
    if volume.hold_id is not None:
        capacity.release(session, volume.hold_id)


def _asked_for(session: Session, volume_id: str, external_id: str) -> None:
    session.get_one(Volume, volume_id).external_id = external_id


def _made(session: Session, volume_id: str) -> None:
    session.get_one(Volume, volume_id).state = states.AVAILABLE


def _only_volume(parameters: Parameters) -> list[str]:
    return [parameters["volume_id"]]


def hand_over(step: StepContext) -> Outcome:
    """Turn the storage that was held into storage that is used."""

    def work(session: Session) -> None:
        volume = session.get_one(Volume, step.parameters["volume_id"])
        if volume.hold_id is not None:
            capacity.to_usage(session, volume.hold_id)

    step.write(work)
    return done()


def bind(step: StepContext) -> Outcome:
    """Make the application system's own project in the region, or find it."""
    region_id, project_id = step.read(lambda session: _place(session, step.parameters["volume_id"]))
    return done(project=bind_project(step, region_id, project_id))


def _place(session: Session, volume_id: str) -> tuple[str, str]:
    volume = session.get_one(Volume, volume_id)
    return volume.region_id, volume.project_id


class DeliverVolume(Operation):
    """Make one approved volume."""

    kind = "deliver-volume"
    title = Text("Deliver volume", "交付卷")
    steps = (
        Step("bind", bind, Text("Find the project in the region", "确认区域内的项目")),
        Step(
            "volume",
            create_volume,
            Text("Ask for the volume", "申请创建卷"),
            undo=undo_create_volume,
            each=_only_volume,
            timeout=timedelta(minutes=30),
        ),
        Step(
            "volume-ready",
            await_volume,
            Text("Wait for the volume", "等待卷就绪"),
            each=_only_volume,
            timeout=timedelta(minutes=30),
        ),
        Step("hand-over", hand_over, Text("Hand it over", "交付"), local=True),
    )


class DeleteVolume(Operation):
    """Delete one volume that is on no server."""

    kind = "delete-volume"
    title = Text("Delete volume", "删除卷")
    steps = (
        Step(
            "delete",
            delete_volume,
            Text("Delete it from the storage", "从存储中删除"),
            each=_only_volume,
            point_of_no_return=True,
        ),
    )
