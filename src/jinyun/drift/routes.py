"""Drift over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading_one, writing
from jinyun.drift import queries
from jinyun.drift import service as drifts
from jinyun.drift.fields import FieldName
from jinyun.drift.queries import Wanted
from jinyun.drift.schemas import DriftDecision, DriftPause, DriftState, DriftView
from jinyun.drift.service import DriftOver, NotRevertible
from jinyun.kit.actor import Actor
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.operations.http import operation_of
from jinyun.operations.schemas import OperationView
from jinyun.operations.service import SubjectBusy

router = APIRouter(prefix="/v1", tags=["drift"])


@router.get("/drifts", responses=reading_one())
def list_drifts(
    call: CurrentCall,
    page: PageQuery,
    state: Annotated[DriftState | None, Query(description="By default all that is different still")] = None,
    history: Annotated[bool, Query(description="Also what is over")] = False,
    region: Annotated[str | None, Query(max_length=64, description="Only this region's")] = None,
    server: Annotated[Id | None, Query(description="Only this server's")] = None,
    field: Annotated[FieldName | None, Query(description="Only of this field")] = None,
) -> Page[DriftView]:
    """List what is not as expected on managed servers, the newest first."""
    wanted = Wanted(state, history, region, server, field)
    return call.read(lambda session, actor: queries.list_drifts(session, actor, page, wanted))


@router.get("/drifts/{drift_id}", responses=reading_one())
def show_drift(call: CurrentCall, drift_id: Id) -> DriftView:
    """Show one thing that is, or was, not as expected."""
    return call.read(lambda session, actor: queries.show_drift(session, actor, drift_id))


@router.post("/drifts/{drift_id}/accept", responses=writing(DriftOver))
def accept_drift(call: CurrentCall, drift_id: Id, body: DriftDecision) -> DriftView:
    """Expect from now on what was found."""

    def work(session: Session, actor: Actor) -> DriftView:
        return DriftView.of(drifts.accept(session, actor, drift_id, body.comment), actor.language)

    return call.write(work)


@router.post("/drifts/{drift_id}/ignore", responses=writing(DriftOver))
def ignore_drift(call: CurrentCall, drift_id: Id, body: DriftPause) -> DriftView:
    """Hear of it again at a moment."""

    def work(session: Session, actor: Actor) -> DriftView:
        return DriftView.of(drifts.ignore(session, actor, drift_id, body.until, body.comment), actor.language)

    return call.write(work)


@router.post("/drifts/{drift_id}/revert", status_code=202, responses=writing(DriftOver, NotRevertible, SubjectBusy))
def revert_drift(call: CurrentCall, drift_id: Id, body: DriftDecision) -> OperationView:
    """Have the machine made as it was."""
    return operation_of(call, lambda session, actor: drifts.revert(session, actor, drift_id, body.comment))
