"""Attaching and detaching volumes: where the most was lost in the past, so every turn reads the state first."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Parameters, Step, StepContext, done, wait
from jinyun.providers.base import AttachmentVerdict, ProjectScope
from jinyun.providers.errors import Refused
from jinyun.servers.models import Attachment, Server
from jinyun.servers.steps.facts import ServerFacts, array_lane, facts
from jinyun.volumes import states as volume_states
from jinyun.volumes.models import Volume
from jinyun.volumes.steps import DeliverVolume

ATTACHING = Text("The storage is attaching the volume", "存储正在挂载卷")
DETACHING = Text("The storage is detaching the volume", "存储正在卸载卷")
CLEANING = Text("An orphaned attachment is being cleaned up first", "正在先清理遗留的挂载记录")
POLL_SECONDS = 0.5
MOST_REQUESTS = 5
"""How often a volume is offered to a server that lets go of it again."""


def attach_volume(step: StepContext) -> Outcome:
    """Attach the volume of the step's key; wait until the region's records agree that it is on.

    A request may be on its way inside the region and show nowhere yet: "not attached" is believed when it stays so.

    Raises:
        Refused: the region let go of the volume again and again.
    """
    server, scope, volume = _subject(step)
    if server.external_id is None or volume.external_id is None:
        raise RuntimeError(f"{step.operation_id}: nothing to attach")
    seen = scope.compute.attachment(server.external_id, volume.external_id)
    if seen.verdict is AttachmentVerdict.ATTACHED:
        step.write(lambda session: _attached(session, server.id, volume.id, seen.device))
        return done(device=seen.device)
    asked, steady = step.memory.get("asked", 0), _steady(step, seen.verdict)
    if seen.verdict is AttachmentVerdict.ORPHANED and steady >= step.settings.settle_seconds:
        scope.storage.clean_orphaned_attachments(volume.external_id)
        return wait(POLL_SECONDS, progress=CLEANING, asked=asked)
    if seen.verdict is AttachmentVerdict.DETACHED and (step.attempt == 1 or steady >= step.settings.settle_seconds):
        if asked >= MOST_REQUESTS:
            raise Refused(f"the region took the attachment back {asked} times: {seen.evidence}")
        scope.compute.attach_volume(server.external_id, volume.external_id)
        return wait(POLL_SECONDS, progress=ATTACHING, asked=asked + 1)
    return wait(POLL_SECONDS, progress=ATTACHING, asked=asked, **_remembered(step, seen.verdict, steady))


def detach_volume(step: StepContext) -> Outcome:
    """Detach the volume of the step's key; wait until the region's records agree that it is off.

    As the undo of an attachment that was never seen to be there, it waits until "not attached" has stayed so.
    """
    server, scope, volume = _subject(step)
    if server.external_id is not None and volume.external_id is not None:
        seen = scope.compute.attachment(server.external_id, volume.external_id)
        steady = _steady(step, seen.verdict)
        settled = steady >= step.settings.settle_seconds
        was_seen_on = volume.state == volume_states.ATTACHED
        if seen.verdict is AttachmentVerdict.ATTACHED and (settled or not step.memory.get("asked")):
            scope.compute.detach_volume(server.external_id, volume.external_id)
            return wait(POLL_SECONDS, progress=DETACHING, asked=True)
        if seen.verdict is AttachmentVerdict.ORPHANED and settled:
            scope.storage.clean_orphaned_attachments(volume.external_id)
            return wait(POLL_SECONDS, progress=CLEANING, asked=True)
        if seen.verdict is not AttachmentVerdict.DETACHED or not (was_seen_on or settled):
            asked = bool(step.memory.get("asked"))
            return wait(POLL_SECONDS, progress=DETACHING, asked=asked, **_remembered(step, seen.verdict, steady))
    step.write(lambda session: _detached(session, volume.id))
    return done()


def _steady(step: StepContext, verdict: AttachmentVerdict) -> float:
    """Return for how many seconds the region's records have said the same."""
    if step.memory.get("verdict") != verdict.value:
        return 0.0
    return max(0.0, step.now.timestamp() - float(step.memory["since"]))


def _remembered(step: StepContext, verdict: AttachmentVerdict, steady: float) -> dict[str, Any]:
    return {"verdict": verdict.value, "since": step.now.timestamp() - steady}


def _subject(step: StepContext) -> tuple[ServerFacts, ProjectScope, Volume]:
    server = facts(step)
    return server, server.scope(step), step.read(lambda session: session.get_one(Volume, step.key))


def _attached(session: Session, server_id: str, volume_id: str, device: str | None) -> None:
    attachment = session.scalar(select(Attachment).filter_by(volume_id=volume_id))
    if attachment is None:
        attachment = Attachment(server_id=server_id, volume_id=volume_id)
        session.add(attachment)
    attachment.device = device
    volume = session.get_one(Volume, volume_id)
    volume.state = volume_states.ATTACHED
    volume.server_hostname = session.get_one(Server, server_id).hostname


def _detached(session: Session, volume_id: str) -> None:
    attachment = session.scalar(select(Attachment).filter_by(volume_id=volume_id))
    if attachment is not None:
        session.delete(attachment)
    volume = session.get_one(Volume, volume_id)
    volume.server_hostname = None
    if volume.state == volume_states.ATTACHED:
        volume.state = volume_states.AVAILABLE


def _only_volume(parameters: Parameters) -> list[str]:
    return [parameters["volume_id"]]


class AttachVolume(Operation):
    """Put one volume on one server."""

    kind = "attach-volume"
    title = Text("Attach volume", "挂载卷")
    steps = (
        Step(
            "attach",
            attach_volume,
            Text("Attach the volume", "挂载卷"),
            undo=detach_volume,
            each=_only_volume,
            lane=array_lane,
            timeout=timedelta(hours=1),
        ),
    )


class DeliverAttachedVolume(Operation):
    """Make one approved volume, and put it on its server."""

    kind = "deliver-attached-volume"
    title = Text("Deliver volume onto its server", "交付卷并挂载到服务器")
    steps = (*DeliverVolume.steps[:-1], *AttachVolume.steps, DeliverVolume.steps[-1])


class DetachVolume(Operation):
    """Take one volume off its server."""

    kind = "detach-volume"
    title = Text("Detach volume", "卸载卷")
    steps = (
        Step(
            "detach",
            detach_volume,
            Text("Detach the volume", "卸载卷"),
            each=_only_volume,
            lane=array_lane,
            timeout=timedelta(hours=1),
            point_of_no_return=True,
        ),
    )
