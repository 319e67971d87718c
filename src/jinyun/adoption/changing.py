"""What is changed in a managed machine besides its size: its disks, and where it is."""

from math import ceil
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.adoption.adopting import Surroundings
from jinyun.adoption.errors import DiskNotLarger, NowhereToMove
from jinyun.adoption.models import AdoptionClaim
from jinyun.adoption.schemas import Aim, DiskSize
from jinyun.adoption.service import MANAGE
from jinyun.capacity.models import Hold
from jinyun.inventory.models import ObservedObject
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.operations.models import OperationRow
from jinyun.servers import service as servers
from jinyun.servers.models import Server
from jinyun.servers.steps.machines import ExtendMachineDisk, MigrateMachine, count_disks


def extend_disk(session: Session, actor: Actor, server_id: str, wanted: DiskSize) -> OperationRow:
    """Make a disk of a managed server larger; what it takes in addition counts at once.

    Raises:
        NotFound, Forbidden, VerbNotOffered, WrongServerState, SubjectBusy.
        DiskNotLarger: it has this size, or more.
        QuotaExceeded: a limit would be passed.
    """
    server = servers.find(session, actor, server_id, servers.OPERATE)
    servers.require_state(server, "extend-disk")
    disk = _disk(session, server, wanted.disk)
    present = ceil(float(disk["size_gib"]))
    if wanted.size_gib <= present:
        raise DiskNotLarger(field="size_gib", disk=wanted.disk, present=present, wanted=wanted.size_gib)
    tier = Surroundings.look(session).tiers.get((server.region_id, disk.get("datastore") or ""))
    counted = session.get_one(Hold, server.hold_id).lines.get(f"storage_gib:{tier}", 0)
    total, more = server.size.disk_gib, wanted.size_gib - present
    before = {"disk_gib": total, "tier": tier, "tier_gib": counted}
    after = {"disk_gib": total + more, "tier": tier, "tier_gib": counted + more}
    asked = {"disk": wanted.disk, "size_gib": wanted.size_gib, "before": before}
    operation = servers.begin_of_machine(session, actor, server, ExtendMachineDisk, **asked)
    count_disks(session, server, after)
    return operation


def migrate(session: Session, actor: Actor, server_id: str, aim: Aim) -> OperationRow:
    """Move a managed server to another host, to another datastore, or both: for those who run the region.

    Raises:
        Forbidden, NotFound, VerbNotOffered, WrongServerState, SubjectBusy, NowhereToMove.
    """
    authorise(session, actor, MANAGE)
    server = servers.find(session, actor, server_id)
    servers.require_state(server, "migrate")
    if aim.host is None and aim.datastore is None:
        raise NowhereToMove(field="host")
    return servers.begin_of_machine(session, actor, server, MigrateMachine, host=aim.host, datastore=aim.datastore)


def _disk(session: Session, server: Server, key: int) -> dict[str, Any]:
    """Return a disk of a server as it was last observed. Raises NotFound."""
    machine = select(ObservedObject).join(AdoptionClaim, AdoptionClaim.object_id == ObservedObject.id)
    observed = session.scalars(machine.where(AdoptionClaim.server_id == server.id)).one()
    found = next((disk for disk in observed.facts.get("disks", ()) if disk["key"] == key), None)
    if found is None:
        raise NotFound(field="disk", kind="disk", name=str(key))
    return dict(found)
