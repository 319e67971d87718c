"""Deciding over HTTP."""

from fastapi import APIRouter
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.approvals import queries
from jinyun.approvals import service as approvals
from jinyun.approvals.errors import AlreadyDecided, ContentChanged, NotYourDecision, NotYourTurn, OwnRequest
from jinyun.approvals.schemas import Approval, ChainView, Rejection, TodoView
from jinyun.kit.actor import Actor
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery

router = APIRouter(prefix="/v1", tags=["approvals"])
DECIDING = writing(NotYourDecision, OwnRequest, NotYourTurn, AlreadyDecided, ContentChanged)


@router.get("/todos", responses=reading())
def list_todos(call: CurrentCall, page: PageQuery) -> Page[TodoView]:
    """List what waits for your decision, oldest first."""

    def work(session: Session, actor: Actor) -> Page[TodoView]:
        assignments, following = queries.todos(session, actor, page)
        return Page(items=[TodoView.of(each, actor.language) for each in assignments], next=following)

    return call.read(work)


@router.get("/chains/{chain_id}", responses=reading_one())
def show_chain(call: CurrentCall, chain_id: Id) -> ChainView:
    """Show who was asked and who said what."""
    return call.read(
        lambda session, actor: ChainView.of(queries.chain_with_history(session, actor, chain_id), actor.language)
    )


@router.post("/assignments/{assignment_id}/approve", responses=DECIDING)
def approve(call: CurrentCall, assignment_id: Id, body: Approval) -> ChainView:
    """Say yes to exactly what you read."""
    return call.write(
        lambda session, actor: ChainView.of(
            approvals.approve(session, actor, assignment_id, body.digest, body.comment), actor.language
        )
    )


@router.post("/assignments/{assignment_id}/reject", responses=DECIDING)
def reject(call: CurrentCall, assignment_id: Id, body: Rejection) -> ChainView:
    """Say no, with the reason."""
    return call.write(
        lambda session, actor: ChainView.of(
            approvals.reject(session, actor, assignment_id, body.digest, body.comment), actor.language
        )
    )
