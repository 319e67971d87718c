"""Opening a chain, handing it in again, taking it back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.approvals.course import Move, opening
from jinyun.approvals.errors import ChainPending, already_decided
from jinyun.approvals.models import Assignment, Chain, Stage
from jinyun.approvals.planning import Request, plan_stages
from jinyun.approvals.policy import StagePlan
from jinyun.approvals.records import course_of, lock_chain, proceed, remember
from jinyun.approvals.rules import Measures, first_match
from jinyun.approvals.states import NONE, OPEN, OPEN_CHAIN, REALLOCATE, RESUBMIT, RETURNED, REVISE, WAITING, WITHDRAW
from jinyun.approvals.successors import hand_on_of_leavers
from jinyun.approvals.versions import in_effect, policy_of
from jinyun.kit.actor import Actor
from jinyun.kit.ids import new_id
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_or_refuse
from jinyun.organisation.models import Person, Project


@dataclass(frozen=True, slots=True)
class ChainRequest:
    """What somebody wants approved."""

    subject_kind: str
    subject_id: str
    digest: str
    """SHA-256 of the content: approval counts for exactly this."""
    project: Project
    facts: Mapping[str, Any]
    """JSON: what an approver is shown."""
    title: Text
    measures: Measures = field(default_factory=Measures)
    """What the rules of the policy look at."""
    pools: tuple[str, ...] = ()
    """Ids of the pools in which something is held: their owners may be asked."""


def open_chain(session: Session, actor: Actor, request: ChainRequest, *, first: bool = False) -> Chain:
    """Ask for approval in the actor's name; the subject's room has checked that he may.

    Where the policy says that nobody is to be asked, the chain is approved when this returns.

    Args:
        first: the subject came to be in this unit of work, so that it cannot have had a chain.

    Raises:
        ChainPending: this subject already waits for a decision.
    """
    previous = None if first else current_chain(session, request.subject_kind, request.subject_id)
    if previous is not None and previous.state in OPEN_CHAIN:
        raise ChainPending
    return _open(session, actor, request, actor.person_id, previous)


def needs_nobody(session: Session, project: Project, measures: Measures) -> bool:
    """Tell whether the policy in effect says in so many words that nobody is to be asked for such a request."""
    return first_match(policy_of(in_effect(session)), project, measures).approval == NONE


def current_chain(session: Session, subject_kind: str, subject_id: str) -> Chain | None:
    """Return the subject's latest chain, decided or not; None where it never had one."""
    of_subject = select(Chain).filter_by(subject_kind=subject_kind, subject_id=subject_id)
    return session.scalar(of_subject.order_by(Chain.number.desc()).limit(1))


def locked_current_chain(session: Session, subject_kind: str, subject_id: str) -> Chain | None:
    """Return the subject's latest chain, locked and read anew; None where it never had one."""
    chain = current_chain(session, subject_kind, subject_id)
    return lock_chain(session, chain.id) if chain is not None else None


def renew(session: Session, actor: Actor, chain: Chain, request: ChainRequest, comment: str = "") -> Chain:
    """Go on with an open chain after its subject was looked at again, by the applicant or by an approver.

    Where the content is another one, every yes is void: this chain ends, and the next one asks anew, by the policy in
    effect. Where it is the same, as after another allocation, they stand; a returned chain goes on where it stopped.
    The subject's room has checked that the actor may.

    Returns:
        the chain that asks from now on.

    Raises:
        AlreadyDecided: the chain has ended.
    """
    locked = lock_chain(session, chain.id)
    if locked.state not in OPEN_CHAIN:
        raise already_decided(locked)
    if request.digest != locked.digest:
        proceed(session, actor, locked, Move(REVISE, by=actor.person_id), comment)
        return _open(session, actor, request, locked.applicant_id, locked)
    locked.facts, locked.title = dict(request.facts), request.title.as_dict()
    if locked.state == RETURNED:
        proceed(session, actor, locked, Move(RESUBMIT, by=actor.person_id))
        hand_on_of_leavers(session, locked)
    else:
        proceed(session, actor, locked, Move(REALLOCATE, by=actor.person_id), comment)
    session.flush()
    return locked


def withdraw(session: Session, actor: Actor, chain: Chain, comment: str = "") -> None:
    """Take an undecided chain back; the subject's room has checked that the actor may.

    Raises:
        AlreadyDecided: it was decided or withdrawn before.
    """
    locked = lock_chain(session, chain.id)
    if locked.state not in OPEN_CHAIN:
        raise already_decided(locked)
    proceed(session, actor, locked, Move(WITHDRAW, by=actor.person_id), comment)


def _open(
    session: Session, actor: Actor, request: ChainRequest, applicant_id: str | None, previous: Chain | None
) -> Chain:
    version = in_effect(session)
    rule = first_match(policy_of(version), request.project, request.measures)
    chain = Chain(
        subject_kind=request.subject_kind,
        subject_id=request.subject_id,
        number=previous.number + 1 if previous else 1,
        digest=request.digest,
        applicant_id=applicant_id,
        project_id=request.project.id,
        title=request.title.as_dict(),
        facts=dict(request.facts),
        order_number=actor.order_number,
        policy_number=version.number if version else 0,
        rule=rule.name,
        stages=[],
        decisions=[],
        participants=[],
    )
    add_or_refuse(session, chain, ChainPending())
    applicant = session.get_one(Person, applicant_id) if applicant_id else None
    plans = plan_stages(session, rule, Request(request.project, applicant, request.pools))
    chain.stages = [_stage(position, plan) for position, plan in enumerate(plans, start=1)]
    if previous is not None:
        remember(session, chain, [each.person_id for each in previous.participants])
    details = opening(course_of(chain).rounds) | {"policy": chain.policy_number, "rule": chain.rule}
    if rule.approval is not None:
        details["approval"] = rule.approval
    proceed(session, actor, chain, Move(OPEN, by=actor.person_id, details=details))
    return chain


def _stage(position: int, plan: StagePlan) -> Stage:
    asked = [
        Assignment(
            id=new_id(),
            person_id=each.person_id,
            role=each.role,
            reason=each.reason.as_dict(),
            state=WAITING,
            added=False,
        )
        for each in plan.approvers
    ]
    return Stage(
        id=new_id(),
        position=position,
        needed=plan.needed,
        editable=list(plan.editable),
        due=plan.due.model_dump() if plan.due else None,
        state=WAITING,
        assignments=asked,
    )
