"""Standing deputies over HTTP."""

from fastapi import APIRouter
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, writing
from jinyun.approvals import deputies
from jinyun.approvals.errors import NotEligible
from jinyun.approvals.schemas import DeputyView, NewDeputy
from jinyun.kit.actor import Actor
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery

router = APIRouter(prefix="/v1/deputies", tags=["approvals"])


@router.get("", responses=reading())
def list_deputies(call: CurrentCall, page: PageQuery) -> Page[DeputyView]:
    """List who is or will be your deputy, and whose deputy you are or will be."""

    def work(session: Session, actor: Actor) -> Page[DeputyView]:
        rows, following = deputies.list_own(session, actor, page)
        return Page(items=[DeputyView.of(row) for row in rows], next=following)

    return call.read(work)


@router.post("", status_code=201, responses=writing(NotEligible))
def appoint_deputy(call: CurrentCall, body: NewDeputy) -> DeputyView:
    """Have somebody decide in your place while you are away."""

    def work(session: Session, actor: Actor) -> DeputyView:
        span = (body.begins_at, body.ends_at)
        return DeputyView.of(deputies.appoint(session, actor, body.to, span, body.reason, person_login=body.person))

    return call.write(work)


@router.delete("/{deputy_id}", status_code=204, responses=writing())
def dismiss_deputy(call: CurrentCall, deputy_id: Id) -> None:
    """End a deputy's time now, where it is yours; else nothing changes."""
    call.write(lambda session, actor: deputies.dismiss(session, actor, deputy_id))
