"""Operations over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.operations import queries
from jinyun.operations import service as operations
from jinyun.operations.http import operation_of
from jinyun.operations.schemas import OperationDetail, OperationView
from jinyun.operations.service import CannotCancel, NothingToRetry, OperationNotActive

router = APIRouter(prefix="/v1/operations", tags=["operations"])
State = Literal["pending", "running", "undoing", "needs_operator", "succeeded", "failed", "cancelled"]


@router.get("", responses=reading())
def list_operations(
    call: CurrentCall,
    page: PageQuery,
    state: Annotated[State | None, Query()] = None,
    active: Annotated[bool, Query(description="Only those that have not ended")] = False,
) -> Page[OperationView]:
    """List operations, newest first."""
    return call.read(lambda session, actor: queries.list_operations(session, actor, page, state=state, active=active))


@router.get("/{operation_id}", responses=reading_one())
def show_operation(call: CurrentCall, operation_id: Id, request: Request) -> OperationDetail:
    """Show an operation with its steps."""
    recipes = request.app.state.recipes
    return call.read(lambda session, actor: queries.show_operation(session, actor, recipes, operation_id))


@router.post("/{operation_id}/cancel", status_code=202, responses=writing(OperationNotActive, CannotCancel))
def cancel_operation(call: CurrentCall, operation_id: Id) -> OperationView:
    """Ask an operation to stop and undo what it did."""
    return operation_of(call, lambda session, actor: operations.cancel(session, actor, operation_id))


@router.post("/{operation_id}/retry", status_code=202, responses=writing(OperationNotActive, NothingToRetry))
def retry_operation(call: CurrentCall, operation_id: Id) -> OperationView:
    """Let an operation that stopped for an operator go on."""
    return operation_of(call, lambda session, actor: operations.retry(session, actor, operation_id))
