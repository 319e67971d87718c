"""Deciding over HTTP."""

from collections.abc import Callable

from fastapi import APIRouter
from sqlalchemy.orm import Session

from jinyun.access.http import Call, CurrentCall, reading, reading_one, writing
from jinyun.approvals import deciding, queries
from jinyun.approvals.errors import (
    AlreadyDecided,
    ChainReturnedToApplicant,
    ContentChanged,
    NotAnEarlierStage,
    NotDelegated,
    NotEligible,
    NotYourDecision,
    NotYourTurn,
    OnlyTheApplicant,
    OnlyYourWord,
    OwnRequest,
    SaidYesAlready,
)
from jinyun.approvals.models import Chain
from jinyun.approvals.schemas import (
    Approval,
    ChainView,
    Comment,
    EligibleView,
    Handing,
    Rejection,
    Return,
    Signers,
    TodoView,
)
from jinyun.kit.actor import Actor
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery

router = APIRouter(prefix="/v1", tags=["approvals"])
MINE = (NotYourDecision, OnlyYourWord, OwnRequest, NotYourTurn, ChainReturnedToApplicant, AlreadyDecided)
DECIDING = writing(*MINE, ContentChanged)
HANDING = writing(*MINE, NotEligible)


@router.get("/todos", responses=reading())
def list_todos(call: CurrentCall, page: PageQuery) -> Page[TodoView]:
    """List what waits for your decision or your word, oldest first."""

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


@router.post("/chains/{chain_id}/comments", responses=writing(AlreadyDecided))
def comment_on_chain(call: CurrentCall, chain_id: Id, body: Comment) -> ChainView:
    """Say something that changes nothing."""
    return _written(call, lambda session, actor: deciding.say(session, actor, chain_id, body.comment))


@router.get("/assignments/{assignment_id}/eligible", responses=reading_one())
def list_eligible(call: CurrentCall, assignment_id: Id, page: PageQuery) -> Page[EligibleView]:
    """List who can decide this instead of who is asked."""

    def work(session: Session, actor: Actor) -> Page[EligibleView]:
        people, following = queries.list_eligible(session, actor, assignment_id, page)
        return Page(items=[EligibleView.of(person) for person in people], next=following)

    return call.read(work)


@router.post("/assignments/{assignment_id}/approve", responses=writing(*MINE, ContentChanged, SaidYesAlready))
def approve(call: CurrentCall, assignment_id: Id, body: Approval) -> ChainView:
    """Say yes to exactly what you read."""
    return _written(
        call, lambda session, actor: deciding.approve(session, actor, assignment_id, body.digest, body.comment)
    )


@router.post("/assignments/{assignment_id}/reject", responses=DECIDING)
def reject(call: CurrentCall, assignment_id: Id, body: Rejection) -> ChainView:
    """Say no, with the reason."""
    return _written(
        call, lambda session, actor: deciding.reject(session, actor, assignment_id, body.digest, body.comment)
    )


@router.post("/assignments/{assignment_id}/return", responses=writing(*MINE, ContentChanged, NotAnEarlierStage))
def return_chain(call: CurrentCall, assignment_id: Id, body: Return) -> ChainView:
    """Return it to the applicant or to an earlier stage; every yes from there on is void."""

    def work(session: Session, actor: Actor) -> Chain:
        return deciding.give_back(session, actor, assignment_id, body.digest, body.comment, body.stage or 0)

    return _written(call, work)


@router.post("/assignments/{assignment_id}/transfer", responses=HANDING)
def transfer(call: CurrentCall, assignment_id: Id, body: Handing) -> ChainView:
    """Have another eligible person decide instead; it does not come back."""
    return _written(
        call, lambda session, actor: deciding.transfer(session, actor, assignment_id, body.to, body.comment)
    )


@router.post("/assignments/{assignment_id}/delegate", responses=HANDING)
def delegate(call: CurrentCall, assignment_id: Id, body: Handing) -> ChainView:
    """Ask a colleague for his word first; then it comes back to you."""
    return _written(
        call, lambda session, actor: deciding.delegate(session, actor, assignment_id, body.to, body.comment)
    )


@router.post(
    "/assignments/{assignment_id}/answer",
    responses=writing(NotYourDecision, NotYourTurn, ChainReturnedToApplicant, AlreadyDecided, NotDelegated),
)
def answer(call: CurrentCall, assignment_id: Id, body: Comment) -> ChainView:
    """Give the word that you were asked for; it goes back to who decides."""
    return _written(call, lambda session, actor: deciding.answer(session, actor, assignment_id, body.comment))


@router.post("/assignments/{assignment_id}/signers", responses=HANDING)
def add_signers(call: CurrentCall, assignment_id: Id, body: Signers) -> ChainView:
    """Have others say yes in this stage as well."""
    return _written(
        call, lambda session, actor: deciding.add_signers(session, actor, assignment_id, body.logins, body.comment)
    )


@router.post("/assignments/{assignment_id}/replace", responses=writing(OnlyTheApplicant, NotEligible, AlreadyDecided))
def replace_approver(call: CurrentCall, assignment_id: Id, body: Handing) -> ChainView:
    """Have another eligible person asked, if it is your request and he has not decided."""
    return _written(
        call, lambda session, actor: deciding.replace_approver(session, actor, assignment_id, body.to, body.comment)
    )


def _written(call: Call, work: Callable[[Session, Actor], Chain]) -> ChainView:
    return call.write(lambda session, actor: ChainView.of(work(session, actor), actor.language))
