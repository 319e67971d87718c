"""Opening a chain, deciding, withdrawing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, false, or_, select, true
from sqlalchemy.orm import Session, joinedload

from jinyun.access.authority import allowed
from jinyun.approvals.errors import (
    AlreadyDecided,
    ChainPending,
    ContentChanged,
    NotYourDecision,
    NotYourTurn,
    OwnRequest,
)
from jinyun.approvals.events import ChainDecided
from jinyun.approvals.models import Assignment, Chain, Decision, Stage
from jinyun.approvals.planning import Request, plan_stages
from jinyun.approvals.rules import Measures, first_match
from jinyun.approvals.states import (
    APPROVE,
    APPROVED,
    PASSED,
    PENDING,
    REJECT,
    REJECTED,
    UNDECIDED,
    VERBS,
    WAITING,
    WITHDRAW,
    WITHDRAWN,
)
from jinyun.approvals.versions import in_effect, policy_of
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import NotFound
from jinyun.kit.events import publish
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique
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


def open_chain(session: Session, actor: Actor, request: ChainRequest) -> Chain:
    """Ask for approval in the actor's name; the subject's room has checked that he may.

    Raises:
        ChainPending: this subject already waits for a decision.
    """
    previous = current_chain(session, request.subject_kind, request.subject_id)
    if previous is not None and previous.state == PENDING:
        raise ChainPending
    chain = Chain(
        subject_kind=request.subject_kind,
        subject_id=request.subject_id,
        number=previous.number + 1 if previous else 1,
        digest=request.digest,
        applicant_id=actor.person_id,
        project_id=request.project.id,
        title=request.title.as_dict(),
        facts=dict(request.facts),
        order_number=actor.order_number,
    )
    add_unique(session, chain, ChainPending())
    _add_stages(session, chain, request)
    after: dict[str, Any] = {"subject_kind": chain.subject_kind, "subject_id": chain.subject_id, "digest": chain.digest}
    after |= {"policy": chain.policy_number, "rule": chain.rule}
    note_on_chain(session, actor, "approval.open", chain, after)
    return chain


def current_chain(session: Session, subject_kind: str, subject_id: str) -> Chain | None:
    """Return the subject's latest chain, decided or not; None where it never had one."""
    of_subject = select(Chain).filter_by(subject_kind=subject_kind, subject_id=subject_id)
    return session.scalar(of_subject.order_by(Chain.number.desc()).limit(1))


def approve(session: Session, actor: Actor, assignment_id: str, digest: str, comment: str = "") -> Chain:
    """Say yes to exactly the content of `digest`; the last yes needed approves the chain.

    Raises:
        NotFound: no such assignment, or the actor may not know of it.
        NotYourDecision: somebody else was asked.
        OwnRequest: the actor is the applicant.
        AlreadyDecided: it was decided or withdrawn before.
        NotYourTurn: earlier stages are not passed yet.
        ContentChanged: the digest is not the chain's.
    """
    chain, assignment = _take(session, actor, assignment_id, digest)
    assignment.state = APPROVED
    _log(session, actor, chain, APPROVE, comment, assignment.stage_id)
    stage = assignment.stage
    if sum(other.state == APPROVED for other in stage.assignments) >= stage.needed:
        _close_stage(stage, APPROVED)
        _begin_next(chain)
    if all(other.state == APPROVED for other in chain.stages):
        _end(session, chain, APPROVED, comment)
    return chain


def reject(session: Session, actor: Actor, assignment_id: str, digest: str, comment: str) -> Chain:
    """Say no: one no ends the chain. Raises what `approve` raises."""
    chain, assignment = _take(session, actor, assignment_id, digest)
    assignment.state = REJECTED
    _log(session, actor, chain, REJECT, comment, assignment.stage_id)
    _close_stage(assignment.stage, REJECTED)
    _end(session, chain, REJECTED, comment)
    return chain


def withdraw(session: Session, actor: Actor, chain: Chain, comment: str = "") -> None:
    """Take an undecided chain back; the subject's room has checked that the actor may.

    Raises:
        AlreadyDecided: it was decided or withdrawn before.
    """
    locked = lock_chain(session, chain.id)
    if locked.state != PENDING:
        raise _already_decided(locked)
    _log(session, actor, locked, WITHDRAW, comment, None)
    for stage in locked.stages:
        if stage.state in UNDECIDED:
            _close_stage(stage, WITHDRAWN)
    locked.state, locked.ended_at = WITHDRAWN, utc_now()


def may_decide(actor: Actor, assignment: Assignment) -> bool:
    """Tell whether this assignment is the actor's, by name or by a role that he holds for the whole system.

    Deciding is for people: a limited token decides nothing.
    """
    if not actor.in_person:
        return False
    if assignment.person_id is not None:
        return assignment.person_id == actor.person_id
    return assignment.role in system_roles(actor)


def system_roles(actor: Actor) -> list[str]:
    """Return the roles that the actor holds for the whole system."""
    return [grant.role for grant in actor.grants if grant.scope == "system"]


def may_read(session: Session, actor: Actor, chain: Chain) -> bool:
    """Tell whether the actor may see the chain: he is part of it, or he may read the application system's orders."""
    involved = actor.in_person and actor.person_id is not None and actor.person_id == chain.applicant_id
    return involved or was_asked(actor, chain) or allowed(session, actor, "order.read", chain.project_id)


def was_asked(actor: Actor, chain: Chain) -> bool:
    """Tell whether something of the chain is, or was, the actor's to decide."""
    return any(may_decide(actor, assignment) for stage in chain.stages for assignment in stage.assignments)


def chains_asking(actor: Actor) -> Select[str]:
    """Return the ids of the chains of which `was_asked` is true."""
    by_name = and_(Assignment.person_id.is_not(None), Assignment.person_id == actor.person_id)
    in_person = true() if actor.in_person else false()
    asked = select(Stage.chain_id).join(Assignment)
    return asked.where(in_person, or_(by_name, Assignment.role.in_(system_roles(actor))))


def _add_stages(session: Session, chain: Chain, request: ChainRequest) -> None:
    """Make the stages that the policy in effect asks for, and begin the first."""
    version = in_effect(session)
    rule = first_match(policy_of(version), request.project, request.measures)
    chain.policy_number, chain.rule = version.number if version else 0, rule.name
    applicant = session.get_one(Person, chain.applicant_id) if chain.applicant_id else None
    for position, plan in enumerate(plan_stages(session, rule, Request(request.project, applicant)), start=1):
        stage = Stage(chain=chain, position=position, needed=plan.needed, state=WAITING)
        stage.assignments = [
            Assignment(
                person_id=approver.person_id, role=approver.role, reason=approver.reason.as_dict(), state=WAITING
            )
            for approver in plan.approvers
        ]
        session.add(stage)
    _begin_next(chain)
    session.flush()


def _take(session: Session, actor: Actor, assignment_id: str, digest: str) -> tuple[Chain, Assignment]:
    """Lock the chain of an assignment and return both, if the actor may decide it now."""
    chain_id = session.scalar(select(Stage.chain_id).join(Assignment).where(Assignment.id == assignment_id))
    if chain_id is None:
        raise NotFound(kind="assignment", name=assignment_id)
    chain = lock_chain(session, chain_id)
    assignment = next(a for stage in chain.stages for a in stage.assignments if a.id == assignment_id)
    if not may_read(session, actor, chain):
        raise NotFound(kind="assignment", name=assignment_id)
    if not may_decide(actor, assignment):
        raise NotYourDecision(approver=assignment.person.name if assignment.person else assignment.role)
    if actor.person_id == chain.applicant_id:
        raise OwnRequest
    if chain.state == PENDING and assignment.state == WAITING:
        raise NotYourTurn
    if not chain.state == assignment.state == PENDING:
        raise _already_decided(chain)
    if digest != chain.digest:
        raise ContentChanged(field="digest")
    return chain, assignment


def lock_chain(session: Session, chain_id: str) -> Chain:
    """Lock the chain's row and read all of it anew: whoever decides first is seen by the next."""
    session.execute(select(Chain.id).where(Chain.id == chain_id).with_for_update())
    whole = (
        select(Chain)
        .where(Chain.id == chain_id)
        .options(
            joinedload(Chain.stages).joinedload(Stage.assignments).joinedload(Assignment.person),
            joinedload(Chain.decisions).joinedload(Decision.person),
        )
        .execution_options(populate_existing=True)
    )
    return session.scalars(whole).unique().one()


def _already_decided(chain: Chain) -> AlreadyDecided:
    last = chain.decisions[-1]
    when = last.at.isoformat(timespec="seconds")
    return AlreadyDecided(who=last.person.name if last.person else "Jinyun", when=when, verb=last.verb)


def _log(session: Session, actor: Actor, chain: Chain, verb: str, comment: str, stage_id: str | None) -> None:
    entry = Decision(
        stage_id=stage_id,
        person_id=actor.person_id,
        verb=verb,
        comment=comment,
        digest=chain.digest,
        at=utc_now(),
    )
    chain.decisions.append(entry)
    note_on_chain(
        session, actor, f"approval.{verb}", chain, {"state": VERBS[verb], "comment": comment, "digest": chain.digest}
    )


def _close_stage(stage: Stage, state: str) -> None:
    stage.state = state
    for assignment in stage.assignments:
        if assignment.state in UNDECIDED:
            assignment.state = PASSED


def _begin_next(chain: Chain) -> None:
    """Ask the people of the first stage that is not passed yet."""
    stage = next((each for each in chain.stages if each.state == WAITING), None)
    if stage is not None:
        stage.state = PENDING
        for assignment in stage.assignments:
            assignment.state = PENDING


def _end(session: Session, chain: Chain, state: str, comment: str) -> None:
    """End the chain with its stages, and say so."""
    chain.state, chain.ended_at = state, utc_now()
    for stage in chain.stages:
        if stage.state in UNDECIDED:
            _close_stage(stage, state)
    session.flush()
    publish(session, ChainDecided(chain.id, chain.subject_kind, chain.subject_id, state == APPROVED, comment))


def note_on_chain(session: Session, actor: Actor, action: str, chain: Chain, after: dict[str, Any]) -> None:
    """Record something that happened to a chain."""
    subject = ("chain", chain.id, chain.title["en"])
    acting = actor if chain.order_number is None else actor.for_order(chain.order_number)
    audit.record(session, acting, action, subject, project_id=chain.project_id, after=after)
