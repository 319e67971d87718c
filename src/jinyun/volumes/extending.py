"""A larger volume: it can only grow, so what the storage did is written down and never taken back."""

from datetime import timedelta

from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.capacity.request import PlacementRequest
from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done, wait
from jinyun.providers.base import VolumeStatus
from jinyun.providers.errors import Missing, Refused
from jinyun.volumes.models import Volume
from jinyun.volumes.steps import wanted

POLL_SECONDS = 0.5
EXTENDING = Text("The storage is extending the volume", "存储正在扩容卷")
UNDER_WAY = {VolumeStatus.CREATING, VolumeStatus.RESERVED}


def request_for(volume: Volume, size_gib: int) -> PlacementRequest:
    """Return what a volume takes of quota when it is so large."""
    return PlacementRequest(volume.project, servers=0, tiers={volume.tier.code: size_gib}, region_id=volume.region_id)


def extend_volume(step: StepContext) -> Outcome:
    """Ask for the larger size; wait until the volume has it.

    Raises:
        Missing: it is gone.
        Refused: the storage cannot do it, or went back to the old size.
    """
    volume, size_gib = wanted(step, step.parameters["volume_id"]), step.parameters["size_gib"]
    storage = volume.storage(step)
    found = storage.get(volume.external_id) if volume.external_id else None
    if found is None:
        raise Missing(f"volume {volume.external_id} of {volume.specification.name}")
    if found.status in UNDER_WAY:
        return wait(POLL_SECONDS, progress=EXTENDING, **step.memory)
    if found.status is VolumeStatus.ERROR:
        raise Refused(f"volume {found.id} is in error")
    if found.size_gib >= size_gib:
        step.write(lambda session: _account(session, volume.id, found.size_gib))
        return done(size_gib=found.size_gib)
    if step.memory.get("asked"):
        raise Refused(f"volume {found.id} still has {found.size_gib} GiB")
    storage.extend(found.id, size_gib)
    return wait(POLL_SECONDS, progress=EXTENDING, asked=True)


def write_down(step: StepContext) -> Outcome:
    """Take no growth back, for there is no way: write down how large the volume is, and give the rest back."""
    volume = wanted(step, step.parameters["volume_id"])
    found = volume.storage(step).get(volume.external_id) if volume.external_id else None
    if found is not None and found.status in UNDER_WAY:
        return wait(POLL_SECONDS, progress=EXTENDING)
    size_gib = found.size_gib if found is not None else volume.specification.size_gib
    step.write(lambda session: _account(session, volume.id, size_gib))
    return done()


def _account(session: Session, volume_id: str, size_gib: int) -> None:
    volume = session.get_one(Volume, volume_id)
    volume.size_gib = size_gib
    if volume.hold_id is not None:
        capacity.change(session, volume.hold_id, request_for(volume, size_gib))


class ExtendVolume(Operation):
    """Give one volume a larger size; what it takes in addition was held when the operation was started."""

    kind = "extend-volume"
    title = Text("Extend volume", "扩容卷")
    steps = (
        Step(
            "extend",
            extend_volume,
            Text("Extend the volume", "扩容卷"),
            undo=write_down,
            timeout=timedelta(minutes=30),
        ),
    )
