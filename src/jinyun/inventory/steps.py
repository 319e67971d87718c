"""Looking for orphans in a region, and removing one."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from jinyun.inventory import states
from jinyun.inventory.looking import note_gone, note_look
from jinyun.inventory.models import Orphan
from jinyun.inventory.ownership import nobodys
from jinyun.kit.clock import utc_now
from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done, wait
from jinyun.operations.runner import TOKEN_MARK
from jinyun.providers.base import Marked, MarkedKind, ProjectScope, ServerStatus, VolumeStatus
from jinyun.providers.errors import Refused
from jinyun.regions.connections import open_region

REMOVING = Text("The region is removing it", "区域正在清除该资源")
USED = frozenset({VolumeStatus.IN_USE, VolumeStatus.RESERVED})


def look(step: StepContext) -> Outcome:
    """Read what in the region bears our tokens, and note what of it belongs to nobody."""
    region_id: str = step.parameters["region_id"]
    marked = open_region(step, region_id).inventory.marked(TOKEN_MARK)
    confirm_after = timedelta(seconds=step.settings.orphan_confirm_seconds)
    found = step.write(lambda session: note_look(session, region_id, marked, confirm_after, utc_now()))
    return done(marked=len(marked), orphans=found)


def remove(step: StepContext) -> Outcome:
    """Remove the orphan, unless it belongs to somebody or is in use by now; wait until it is gone.

    Raises:
        Refused: it has an owner (`has-owner`) or is in use (`wrong-state`).
    """
    orphan = step.read(lambda session: _unowned(session, step))
    scope = open_region(step, orphan.region_id).project(orphan.external_project_id)
    if not REMOVALS[MarkedKind(orphan.kind)](scope, orphan.external_id):
        return wait(1, progress=REMOVING)
    step.write(lambda session: note_gone(session, orphan.id, utc_now()))
    return done()


def leave(step: StepContext) -> Outcome:
    """Let the orphan stay what it was; the next look tells whether it is still there."""
    step.write(lambda session: _confirmed(session, step.parameters["orphan_id"]))
    return done()


def _unowned(session: Session, step: StepContext) -> Orphan:
    orphan = session.get_one(Orphan, step.parameters["orphan_id"])
    thing = Marked(
        kind=MarkedKind(orphan.kind),
        id=orphan.external_id,
        name=orphan.name,
        token=orphan.token,
        project_id=orphan.external_project_id,
    )
    if not list(nobodys(session, orphan.region_id, [thing], besides=step.operation_id)):
        raise Refused(f"{orphan.kind} {orphan.external_id}", code="has-owner")
    return orphan


def _confirmed(session: Session, orphan_id: str) -> None:
    session.get_one(Orphan, orphan_id).state = states.CONFIRMED


def _remove_server(scope: ProjectScope, server_id: str) -> bool:
    found = scope.compute.get(server_id)
    if found is None or found.status is ServerStatus.DELETED:
        return True
    if found.task != "deleting":
        scope.compute.delete(server_id)
    return False


def _remove_port(scope: ProjectScope, port_id: str) -> bool:
    found = scope.networking.get_port(port_id)
    if found is None:
        return True
    if found.device_id is not None:
        raise Refused(f"port {port_id} is used by {found.device_id}", code="wrong-state")
    scope.networking.delete_port(port_id)
    return False


def _remove_volume(scope: ProjectScope, volume_id: str) -> bool:
    found = scope.storage.get(volume_id)
    if found is None:
        return True
    if found.status in USED:
        raise Refused(f"volume {volume_id} is {found.status.value}", code="wrong-state")
    if found.status not in {VolumeStatus.CREATING, VolumeStatus.DELETING}:
        scope.storage.delete(volume_id)
    return False


def _remove_attachment(scope: ProjectScope, volume_id: str) -> bool:
    return scope.storage.clean_orphaned_attachments(volume_id) == 0


def _remove_reservation(scope: ProjectScope, volume_id: str) -> bool:
    return not scope.storage.release(volume_id)


REMOVALS: dict[MarkedKind, Callable[[ProjectScope, str], bool]] = {
    MarkedKind.SERVER: _remove_server,
    MarkedKind.PORT: _remove_port,
    MarkedKind.VOLUME: _remove_volume,
    MarkedKind.ATTACHMENT: _remove_attachment,
    MarkedKind.RESERVATION: _remove_reservation,
}
"""How a thing of each kind is removed; each looks first, and tells whether nothing is left."""


class FindOrphans(Operation):
    """Look for what belongs to nobody."""

    kind = "find-orphans"
    title = Text("Look for what belongs to nobody", "查找无归属的遗留资源")
    steps = (Step("look", look, Text("Read what bears our tokens", "读取带有金云标记的资源")),)


class CleanOrphan(Operation):
    """Remove one orphan."""

    kind = "clean-orphan"
    title = Text("Remove an orphan", "清除遗留资源")
    steps = (
        Step(
            "remove", remove, Text("Look again and remove it", "再次确认并清除"), undo=leave, timeout=timedelta(hours=1)
        ),
    )


RECIPES = (FindOrphans, CleanOrphan)
