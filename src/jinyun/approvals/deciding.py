"""What can be done with what one is asked: decide it, or have somebody else say something first or instead."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from jinyun.approvals.course import APPLICANT, Move
from jinyun.approvals.errors import (
    ChainReturnedToApplicant,
    ContentChanged,
    NotAnEarlierStage,
    NotDelegated,
    NotYourDecision,
    NotYourTurn,
    OnlyTheApplicant,
    OnlyYourWord,
    OwnRequest,
    SaidYesAlready,
    already_decided,
)
from jinyun.approvals.models import Assignment, Chain, Stage
from jinyun.approvals.parties import decides, eligible, find_among, free, may_read
from jinyun.approvals.records import assignments_of, lock_chain, proceed
from jinyun.approvals.states import (
    ADD_SIGNERS,
    ANSWER,
    APPROVE,
    COMMENT,
    DELEGATE,
    OPEN_CHAIN,
    PENDING,
    REJECT,
    REPLACE,
    RETURN,
    RETURNED,
    TRANSFER,
    UNDECIDED,
    WAITING,
)
from jinyun.approvals.successors import hand_on_of_leavers
from jinyun.kit.actor import Actor
from jinyun.kit.errors import Forbidden, NotFound
from jinyun.kit.ids import new_id
from jinyun.kit.texts import Text
from jinyun.organisation.models import Person

TRANSFERRED = Text("Transferred by {person}", "由 {person} 转交")
ADDED = Text("Added by {person}", "由 {person} 加签")
REPLACED = Text("Asked instead of {former}, by the applicant", "申请人请其代替 {former} 审批")


def approve(session: Session, actor: Actor, assignment_id: str, digest: str, comment: str = "") -> Chain:
    """Say yes to exactly the content of `digest`; the last yes needed approves the chain.

    Raises:
        NotFound: no such assignment, or the actor may not know of it.
        NotYourDecision: somebody else was asked.
        OnlyYourWord: he is asked for his word alone.
        OwnRequest: the actor is the applicant.
        AlreadyDecided: it was decided or withdrawn before.
        NotYourTurn, ChainReturnedToApplicant: it is not to be decided now.
        ContentChanged: the digest is not the chain's.
        SaidYesAlready: he said yes in this stage, for himself or for somebody else.
    """
    chain, assignment = _own(session, actor, assignment_id)
    _require_digest(chain, digest)
    if any(other.decided_by == actor.person_id for other in assignment.stage.assignments):
        raise SaidYesAlready
    _decide(session, actor, chain, assignment, Move(APPROVE, assignment.id, actor.person_id), comment)
    return chain


def reject(session: Session, actor: Actor, assignment_id: str, digest: str, comment: str) -> Chain:
    """Say no: one no ends the chain. Raises what `approve` raises, but for SaidYesAlready."""
    chain, assignment = _own(session, actor, assignment_id)
    _require_digest(chain, digest)
    _decide(session, actor, chain, assignment, Move(REJECT, assignment.id, actor.person_id), comment)
    return chain


def give_back(
    session: Session, actor: Actor, assignment_id: str, digest: str, comment: str, stage: int = APPLICANT
) -> Chain:
    """Return the chain to the applicant, or to an earlier stage; every yes from there on is void.

    Raises:
        NotAnEarlierStage: there is no such earlier stage, or no applicant.
        Problem: what `approve` raises, but for SaidYesAlready.
    """
    chain, assignment = _own(session, actor, assignment_id)
    _require_digest(chain, digest)
    impossible = chain.applicant_id is None if stage == APPLICANT else stage >= assignment.stage.position
    if impossible:
        raise NotAnEarlierStage(field="stage", stage=stage)
    move = Move(RETURN, assignment.id, actor.person_id, details={"stage": stage})
    _decide(session, actor, chain, assignment, move, comment)
    hand_on_of_leavers(session, chain)
    return chain


def transfer(session: Session, actor: Actor, assignment_id: str, login: str, comment: str) -> Chain:
    """Have another eligible person decide instead; it does not come back.

    Raises:
        NotEligible: he cannot decide this.
        Problem: what `approve` raises, but for ContentChanged and SaidYesAlready.
    """
    chain, assignment = _own(session, actor, assignment_id)
    heir = find_among(session, eligible(session, chain, assignment), login)
    move = Move(TRANSFER, assignment.id, actor.person_id, heir.id)
    _decide(session, actor, chain, assignment, move, comment, TRANSFERRED.format(person=actor.name))
    return chain


def delegate(session: Session, actor: Actor, assignment_id: str, login: str, comment: str) -> Chain:
    """Ask a colleague for his word first; then it comes back. Raises what `transfer` raises."""
    chain, assignment = _own(session, actor, assignment_id)
    colleague = find_among(session, free(chain, assignment.stage), login)
    _decide(session, actor, chain, assignment, Move(DELEGATE, assignment.id, actor.person_id, colleague.id), comment)
    return chain


def answer(session: Session, actor: Actor, assignment_id: str, comment: str) -> Chain:
    """Give the word that one was asked for, or stop waiting for it: the decision is the approver's again.

    Raises:
        NotFound, NotYourDecision, AlreadyDecided, NotYourTurn, ChainReturnedToApplicant.
        NotDelegated: nobody was asked for his word.
    """
    chain, assignment = _known(session, actor, assignment_id)
    delegate_id = assignment.delegate_id
    is_delegate = actor.in_person and delegate_id is not None and delegate_id == actor.person_id
    if not is_delegate and not decides(session, actor, assignment):
        raise NotYourDecision(approver=_asked(assignment))
    _require_turn(chain, assignment)
    if delegate_id is None:
        raise NotDelegated
    proceed(session, actor, chain, Move(ANSWER, assignment.id, actor.person_id), comment)
    return chain


def add_signers(session: Session, actor: Actor, assignment_id: str, logins: Sequence[str], comment: str) -> Chain:
    """Have others say yes in this stage as well: each of them is needed, besides those whom the policy asks.

    Raises what `transfer` raises.
    """
    chain, assignment = _own(session, actor, assignment_id)
    people = [find_among(session, free(chain, assignment.stage), login) for login in dict.fromkeys(logins)]
    seats = [{"id": new_id(), "person": person.id} for person in people]
    move = Move(ADD_SIGNERS, assignment.id, actor.person_id, details={"seats": seats})
    _decide(session, actor, chain, assignment, move, comment, ADDED.format(person=actor.name))
    return chain


def replace_approver(session: Session, actor: Actor, assignment_id: str, login: str, comment: str) -> Chain:
    """Let the applicant have another eligible person asked, as long as this one has not decided.

    Raises:
        NotFound: no such assignment, or the actor may not know of it.
        OnlyTheApplicant: he did not ask for it.
        NotEligible: the other one cannot decide this; the applicant himself never can.
        AlreadyDecided: it was decided before.
    """
    chain, assignment = _known(session, actor, assignment_id)
    if not actor.in_person or actor.person_id is None or actor.person_id != chain.applicant_id:
        raise OnlyTheApplicant
    if chain.state not in OPEN_CHAIN or assignment.state not in UNDECIDED:
        raise already_decided(chain, assignment.id)
    heir = find_among(session, eligible(session, chain, assignment), login)
    move = Move(REPLACE, assignment.id, actor.person_id, heir.id)
    proceed(session, actor, chain, move, comment, reason=REPLACED.format(former=_asked(assignment)))
    return chain


def say(session: Session, actor: Actor, chain_id: str, comment: str) -> Chain:
    """Write a comment that changes nothing. Raises NotFound, AlreadyDecided; Forbidden for a limited token."""
    if not actor.in_person:
        raise Forbidden(action="chain.comment")
    if session.get(Chain, chain_id) is None:
        raise NotFound(kind="chain", name=chain_id)
    chain = lock_chain(session, chain_id)
    if not may_read(session, actor, chain):
        raise NotFound(kind="chain", name=chain_id)
    if chain.state not in OPEN_CHAIN:
        raise already_decided(chain)
    proceed(session, actor, chain, Move(COMMENT, by=actor.person_id), comment)
    return chain


def eligible_for(session: Session, actor: Actor, assignment_id: str) -> ColumnElement[bool]:
    """Return the condition on people who can decide an assignment instead of who is asked. Raises NotFound."""
    assignment = session.get(Assignment, assignment_id)
    if assignment is None or not may_read(session, actor, assignment.stage.chain):
        raise NotFound(kind="assignment", name=assignment_id)
    return eligible(session, assignment.stage.chain, assignment)


def _known(session: Session, actor: Actor, assignment_id: str) -> tuple[Chain, Assignment]:
    """Lock the chain of an assignment and return both, if the actor may know of it."""
    chain_id = session.scalar(select(Stage.chain_id).join(Assignment).where(Assignment.id == assignment_id))
    if chain_id is None:
        raise NotFound(kind="assignment", name=assignment_id)
    chain = lock_chain(session, chain_id)
    if not may_read(session, actor, chain):
        raise NotFound(kind="assignment", name=assignment_id)
    return chain, next(each for each in assignments_of(chain) if each.id == assignment_id)


def _own(session: Session, actor: Actor, assignment_id: str) -> tuple[Chain, Assignment]:
    """Lock the chain of an assignment and return both, if the actor may decide it now."""
    chain, assignment = _known(session, actor, assignment_id)
    if not decides(session, actor, assignment):
        if actor.in_person and assignment.delegate_id is not None and assignment.delegate_id == actor.person_id:
            raise OnlyYourWord(approver=_asked(assignment))
        raise NotYourDecision(approver=_asked(assignment))
    if actor.person_id == chain.applicant_id:
        raise OwnRequest
    _require_turn(chain, assignment)
    return chain, assignment


def _require_turn(chain: Chain, assignment: Assignment) -> None:
    if chain.state == RETURNED:
        raise ChainReturnedToApplicant
    if chain.state == PENDING and assignment.state == WAITING:
        raise NotYourTurn
    if not chain.state == assignment.state == PENDING:
        raise already_decided(chain, assignment.id)


def _require_digest(chain: Chain, digest: str) -> None:
    if digest != chain.digest:
        raise ContentChanged(field="digest")


def _decide(
    session: Session,
    actor: Actor,
    chain: Chain,
    assignment: Assignment,
    move: Move,
    comment: str,
    reason: Text | None = None,
) -> None:
    """Write what the actor does with what he, or the person whose deputy he is, was asked."""
    person = assignment.person
    if person is None or person.id == actor.person_id:
        proceed(session, actor, chain, move, comment, reason=reason)
        return
    deputy = replace(actor, on_behalf_of=person.login)
    proceed(session, deputy, chain, move, comment, reason=reason, for_person_id=person.id)


def _asked(assignment: Assignment) -> str:
    person: Person | None = assignment.person
    return person.name if person else str(assignment.role)
