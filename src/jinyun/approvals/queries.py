"""What waits for somebody, and how a request stands."""

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from jinyun.approvals import versions
from jinyun.approvals.deciding import eligible_for
from jinyun.approvals.models import Assignment, Chain, Decision, Stage
from jinyun.approvals.parties import may_read, waiting_for
from jinyun.approvals.schemas import PlannedApproverView, PlannedStageView, Sample, SimulationView
from jinyun.approvals.states import PENDING
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.kit.paging import PageRequest, read_page
from jinyun.organisation.models import Person


def todos(session: Session, actor: Actor, page: PageRequest) -> tuple[list[Assignment], str | None]:
    """Return what waits for the actor's decision, or for his word, oldest first, each with its chain."""
    waiting = (
        select(Assignment)
        .join(Assignment.stage)
        .join(Stage.chain)
        .where(Assignment.state == PENDING, waiting_for(session, actor))
        .options(
            joinedload(Assignment.person),
            contains_eager(Assignment.stage)
            .contains_eager(Stage.chain)
            .options(joinedload(Chain.project), joinedload(Chain.applicant)),
        )
    )
    return read_page(session, waiting, [Assignment.id], page)


def chain_with_history(session: Session, actor: Actor, chain_id: str) -> Chain:
    """Return a chain with its stages, people and decisions.

    Raises:
        NotFound: there is none, or the actor may not see it.
    """
    whole = (
        select(Chain)
        .where(Chain.id == chain_id)
        .options(
            joinedload(Chain.project),
            joinedload(Chain.applicant),
            selectinload(Chain.stages)
            .selectinload(Stage.assignments)
            .options(joinedload(Assignment.person), joinedload(Assignment.delegate)),
            selectinload(Chain.decisions).options(
                joinedload(Decision.person), joinedload(Decision.for_person), joinedload(Decision.to_person)
            ),
        )
    )
    chain = session.scalar(whole)
    if chain is None or not may_read(session, actor, chain):
        raise NotFound(kind="chain", name=chain_id)
    return chain


def list_eligible(
    session: Session, actor: Actor, assignment_id: str, page: PageRequest
) -> tuple[list[Person], str | None]:
    """Return who can decide an assignment instead of who is asked. Raises NotFound."""
    people = select(Person).where(eligible_for(session, actor, assignment_id)).options(joinedload(Person.department))
    return read_page(session, people, [Person.login], page)


def show_simulation(session: Session, actor: Actor, sample: Sample) -> SimulationView:
    """Return the chain that a sample order would get. Raises Forbidden, NotFound."""
    who = (sample.project, sample.applicant)
    version, rule, plans = versions.simulate(session, actor, who, sample.measures(), sample.draft, sample.pools)
    ids = {each.person_id for plan in plans for each in plan.approvers if each.person_id}
    people = {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(ids)))}
    stages = [
        PlannedStageView(
            position=position,
            needed=plan.needed,
            may_edit=list(plan.editable),
            approvers=[
                PlannedApproverView(
                    login=people[each.person_id].login if each.person_id else None,
                    name=people[each.person_id].name if each.person_id else None,
                    role=each.role,
                    reason=each.reason.in_language(actor.language),
                )
                for each in plan.approvers
            ],
        )
        for position, plan in enumerate(plans, start=1)
    ]
    number = None if sample.draft else version.number if version else 0
    return SimulationView(policy_number=number, rule=rule.name, approval=rule.approval, stages=stages)
