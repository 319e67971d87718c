"""Floating addresses over HTTP."""

from fastapi import APIRouter

from jinyun.access.http import CurrentCall, reading, writing
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.operations.http import operation_of
from jinyun.operations.schemas import OperationView
from jinyun.operations.service import SubjectBusy
from jinyun.servers import floating, queries
from jinyun.servers.errors import FloatingNotReady, ServerElsewhere
from jinyun.servers.schemas import FloatingAddressView, Move

router = APIRouter(prefix="/v1/floating-addresses", tags=["networks"])


@router.get("", responses=reading())
def list_floating_addresses(call: CurrentCall, page: PageQuery) -> Page[FloatingAddressView]:
    """List the floating addresses of your application systems."""
    return call.read(lambda session, actor: queries.list_floating(session, actor, page))


@router.put("/{floating_id}/server", status_code=202, responses=writing(FloatingNotReady, ServerElsewhere, SubjectBusy))
def move_floating_address(call: CurrentCall, floating_id: Id, body: Move) -> OperationView:
    """Have an address answer for another server of its application system, or for none."""
    return operation_of(call, lambda session, actor: floating.move(session, actor, floating_id, body.server))


@router.delete("/{floating_id}", status_code=202, responses=writing(FloatingNotReady, SubjectBusy))
def release_floating_address(call: CurrentCall, floating_id: Id) -> OperationView:
    """Give an address back for good."""
    return operation_of(call, lambda session, actor: floating.release(session, actor, floating_id))
