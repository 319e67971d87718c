"""Whose a decision is, who sees a chain, and who may be asked in somebody's place."""

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import Session

from jinyun.access.authority import allowed
from jinyun.access.models import RoleGrant
from jinyun.access.roles import APPROVER, THREE_ADMINISTRATORS
from jinyun.approvals.errors import NotEligible
from jinyun.approvals.models import Assignment, Chain, Deputy, Participant, Stage
from jinyun.approvals.policy import managers_of, paths_above
from jinyun.kit.actor import Actor
from jinyun.kit.database import database_now
from jinyun.organisation.models import HUMAN, Department, Person


def decides(session: Session, actor: Actor, assignment: Assignment) -> bool:
    """Tell whether this is the actor's to decide: by name, as a deputy, or by a role for the whole system.

    Deciding is for people: a limited token decides nothing.
    """
    if not actor.in_person or actor.person_id is None:
        return False
    if assignment.person_id is None:
        return assignment.role in system_roles(actor)
    return assignment.person_id == actor.person_id or assignment.person_id in stands_in_for(session, actor)


def system_roles(actor: Actor) -> list[str]:
    """Return the roles that the actor holds for the whole system."""
    return [grant.role for grant in actor.grants if grant.scope == "system"]


def stands_in_for(session: Session, actor: Actor) -> list[str]:
    """Return the ids of those whose deputy the actor is now."""
    if not actor.in_person or actor.person_id is None:
        return []
    now = database_now(session)
    away = select(Deputy.person_id).where(Deputy.deputy_id == actor.person_id, Deputy.begins_at <= now)
    return list(session.scalars(away.where(Deputy.ends_at > now)))


def waiting_for(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Return the condition on assignments (with their chain) that leaves what the actor is asked for now."""
    if not actor.in_person or actor.person_id is None:
        return false()
    by_name = Assignment.person_id.in_([actor.person_id, *stands_in_for(session, actor)])
    by_role = Assignment.role.in_(system_roles(actor))
    own = and_(Assignment.delegate_id.is_(None), or_(by_name, by_role))
    foreign = Chain.applicant_id.is_distinct_from(actor.person_id)
    return and_(foreign, or_(own, Assignment.delegate_id == actor.person_id))


def may_read(session: Session, actor: Actor, chain: Chain) -> bool:
    """Tell whether the actor may see the chain: he is part of it, or he may read the application system's orders."""
    involved = actor.in_person and actor.person_id is not None and actor.person_id == chain.applicant_id
    return involved or took_part(session, actor, chain) or allowed(session, actor, "order.read", chain.project_id)


def took_part(session: Session, actor: Actor, chain: Chain) -> bool:
    """Tell whether something of the chain is, or was, the actor's to decide."""
    return session.scalar(chains_of(session, actor).where(Chain.id == chain.id)) is not None


def chains_of(session: Session, actor: Actor) -> Select[str]:
    """Return the ids of the chains of which `took_part` is true."""
    theirs = Assignment.person_id.in_(stands_in_for(session, actor))
    asked = select(Stage.chain_id).join(Assignment).where(or_(theirs, Assignment.role.in_(system_roles(actor))))
    joined = select(Participant.chain_id).where(Participant.person_id == actor.person_id)
    in_person = true() if actor.in_person else false()
    return select(Chain.id).where(in_person, or_(Chain.id.in_(joined), Chain.id.in_(asked)))


def eligible(session: Session, chain: Chain, assignment: Assignment) -> ColumnElement[bool]:
    """Return the condition on people who can decide an assignment instead of who is asked.

    They approve for the application system by role or as head of a department above it, or are above who is asked;
    not the applicant, and not whoever is asked in this stage already.
    """
    above = select(Department.id).where(Department.path.in_(paths_above(chain.project.department)))
    reaches = or_(RoleGrant.scope == "system", RoleGrant.scope_id == chain.project_id, RoleGrant.scope_id.in_(above))
    approvers = select(RoleGrant.person_id).where(RoleGrant.role == APPROVER, reaches)
    heads = select(Department.manager_id).where(Department.id.in_(above), Department.manager_id.is_not(None))
    superiors = [each.id for each in managers_of(session, assignment.person)] if assignment.person else []
    entitled = or_(Person.id.in_(approvers), Person.id.in_(heads), Person.id.in_(superiors))
    return and_(entitled, free(chain, assignment.stage))


def free(chain: Chain, stage: Stage) -> ColumnElement[bool]:
    """Return the condition on people who can be asked in a stage at all."""
    asked = {each for other in stage.assignments for each in (other.person_id, other.delegate_id)}
    excluded = [each for each in {*asked, chain.applicant_id} if each is not None]
    return and_(colleague(), Person.id.not_in(excluded))


def colleague() -> ColumnElement[bool]:
    """Return the condition on people who work here and are none of the three administrators."""
    administrators = select(RoleGrant.person_id).where(RoleGrant.role.in_(THREE_ADMINISTRATORS))
    return and_(Person.active, Person.kind == HUMAN, Person.id.not_in(administrators))


def find_among(session: Session, condition: ColumnElement[bool], login: str) -> Person:
    """Return a person of those whom a condition leaves. Raises NotEligible."""
    person = session.scalar(select(Person).where(Person.login == login, condition))
    if person is None:
        raise NotEligible(field="to", login=login)
    return person
