"""Orphans over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from jinyun.access.http import CurrentCall, reading_one, writing
from jinyun.inventory import queries
from jinyun.inventory import service as inventory
from jinyun.inventory.schemas import OrphanState, OrphanView
from jinyun.inventory.service import OrphanNotConfirmed
from jinyun.kit.bodies import Named
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.operations.http import operation_of
from jinyun.operations.schemas import OperationView
from jinyun.operations.service import SubjectBusy

router = APIRouter(prefix="/v1", tags=["inventory"])


@router.get("/orphans", responses=reading_one())
def list_orphans(
    call: CurrentCall,
    page: PageQuery,
    region: Annotated[str | None, Query(max_length=64, description="Only this region's")] = None,
    state: Annotated[OrphanState | None, Query(description="Only in this state; else all that are not gone")] = None,
) -> Page[OrphanView]:
    """List what is in the regions, bears our tokens and belongs to nobody, newest first."""
    return call.read(lambda session, actor: queries.list_orphans(session, actor, page, region, state))


@router.post("/orphans/{orphan_id}/clean", status_code=202, responses=writing(OrphanNotConfirmed, SubjectBusy))
def clean_orphan(call: CurrentCall, orphan_id: Id) -> OperationView:
    """Have a confirmed orphan removed; it is looked at once more right before."""
    return operation_of(call, lambda session, actor: inventory.clean(session, actor, orphan_id))


@router.post("/regions/{code}/find-orphans", status_code=202, responses=writing(SubjectBusy))
def find_orphans(call: CurrentCall, code: Named) -> OperationView:
    """Look for what belongs to nobody in a region."""
    return operation_of(call, lambda session, actor: inventory.find_orphans(session, actor, code))
