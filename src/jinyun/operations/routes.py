"""Operations over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.operations import health, interventions, queries
from jinyun.operations import service as operations
from jinyun.operations.health import AlarmView, BackendView, LaneChange, LaneView
from jinyun.operations.http import operation_of
from jinyun.operations.interventions import NothingToDecide
from jinyun.operations.queries import OperationFilter
from jinyun.operations.schemas import Intervention, OperationDetail, OperationView
from jinyun.operations.service import CannotCancel, OperationNotActive

router = APIRouter(prefix="/v1", tags=["operations"])
DECIDING = writing(OperationNotActive, NothingToDecide)
LaneName = Annotated[str, Path(max_length=96)]
State = Literal["pending", "running", "undoing", "needs_operator", "succeeded", "failed", "cancelled"]


@router.get("/operations", responses=reading())
def list_operations(
    call: CurrentCall,
    page: PageQuery,
    state: Annotated[State | None, Query()] = None,
    active: Annotated[bool, Query(description="Only those that have not ended")] = False,
    stuck: Annotated[bool, Query(description="Only those that need an operator or keep failing")] = False,
) -> Page[OperationView]:
    """List operations, newest first."""
    wanted = OperationFilter(state, active, stuck)
    return call.read(lambda session, actor: queries.list_operations(session, actor, page, wanted))


@router.get("/operations/{operation_id}", responses=reading_one())
def show_operation(call: CurrentCall, operation_id: Id, request: Request) -> OperationDetail:
    """Show an operation with its steps."""
    recipes = request.app.state.recipes
    return call.read(lambda session, actor: queries.show_operation(session, actor, recipes, operation_id))


@router.post("/operations/{operation_id}/cancel", status_code=202, responses=writing(OperationNotActive, CannotCancel))
def cancel_operation(call: CurrentCall, operation_id: Id) -> OperationView:
    """Ask an operation to stop and undo what it did."""
    return operation_of(call, lambda session, actor: operations.cancel(session, actor, operation_id))


@router.post("/operations/{operation_id}/retry", status_code=202, responses=DECIDING)
def retry_operation(call: CurrentCall, operation_id: Id) -> OperationView:
    """Let an operation that stopped for an operator go on."""
    return operation_of(call, lambda session, actor: interventions.retry(session, actor, operation_id))


@router.post("/operations/{operation_id}/skip", status_code=202, responses=DECIDING)
def skip_step(call: CurrentCall, operation_id: Id, body: Intervention) -> OperationView:
    """Go on as if the step where it stopped were done: you have seen to it yourself."""
    return operation_of(call, lambda session, actor: interventions.skip(session, actor, operation_id, body.reason))


@router.post("/operations/{operation_id}/undo", status_code=202, responses=DECIDING)
def undo_operation(call: CurrentCall, operation_id: Id, body: Intervention) -> OperationView:
    """Undo from here, also beyond the point of no return."""
    return operation_of(call, lambda session, actor: interventions.undo(session, actor, operation_id, body.reason))


@router.get("/lanes", responses=reading())
def list_lanes(call: CurrentCall, page: PageQuery) -> Page[LaneView]:
    """List the lanes: how many may be at which backend, how many are, how many wait."""
    return call.read(lambda session, actor: health.list_lanes(session, actor, page))


@router.put("/lanes/{name:path}", responses=writing())
def change_lane(call: CurrentCall, name: LaneName, body: LaneChange) -> LaneView:
    """Set how many may be at a backend at once; it holds from now on, also for what waits."""
    return call.write(lambda session, actor: health.change_lane(session, actor, name, body))


@router.get("/backends", responses=reading())
def list_backends(call: CurrentCall, page: PageQuery) -> Page[BackendView]:
    """List the backends that have failed, and which are down."""
    return call.read(lambda session, actor: health.list_backends(session, actor, page))


@router.get("/alarms", responses=reading())
def list_alarms(
    call: CurrentCall, page: PageQuery, active: Annotated[bool, Query(description="Only those not over yet")] = True
) -> Page[AlarmView]:
    """List alarms, newest first."""
    return call.read(lambda session, actor: health.list_alarms(session, actor, page, active=active))
