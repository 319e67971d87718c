"""Maintenance of hosts over HTTP."""

from fastapi import APIRouter
from pydantic import Field

from jinyun.access.http import CurrentCall, reading_one, writing
from jinyun.capacity.errors import NoCapacity
from jinyun.kit.bodies import Body
from jinyun.kit.ids import Id
from jinyun.operations.http import operation_of
from jinyun.operations.schemas import OperationView
from jinyun.operations.service import SubjectBusy
from jinyun.regions.schemas import HostView
from jinyun.servers import maintenance
from jinyun.servers.maintenance import NotInMaintenance

router = APIRouter(prefix="/v1", tags=["regions"])


class Maintain(Body):
    """Why a host is emptied."""

    reason: str = Field(min_length=1, max_length=200)
    force: bool = Field(default=False, description="Also where its pool is too small, or not safe, without it")


@router.get("/hosts/{host_id}", responses=reading_one())
def show_host(call: CurrentCall, host_id: Id) -> HostView:
    """Show a host; in maintenance, also what could not be moved away, and why."""
    return call.read(lambda session, actor: HostView.of(maintenance.find_host(session, actor, host_id), actor.language))


@router.post("/hosts/{host_id}/maintain", status_code=202, responses=writing(NoCapacity, SubjectBusy))
def maintain_host(call: CurrentCall, host_id: Id, body: Maintain) -> OperationView:
    """Place nothing more on a host, and move what runs there to others of its pool."""
    return operation_of(
        call, lambda session, actor: maintenance.begin(session, actor, host_id, body.reason, force=body.force)
    )


@router.post("/hosts/{host_id}/end-maintenance", status_code=202, responses=writing(NotInMaintenance, SubjectBusy))
def end_maintenance(call: CurrentCall, host_id: Id) -> OperationView:
    """Place servers on a host again."""
    return operation_of(call, lambda session, actor: maintenance.end(session, actor, host_id))
