"""What waits for somebody, and how a request stands."""

from sqlalchemy import and_, false, or_, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from jinyun.approvals.models import Assignment, Chain, Decision, Stage
from jinyun.approvals.service import may_read, system_roles
from jinyun.approvals.states import PENDING
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.kit.paging import PageRequest, read_page


def todos(session: Session, actor: Actor, page: PageRequest) -> tuple[list[Assignment], str | None]:
    """Return what waits for the actor's decision, oldest first, each with its chain."""
    by_name = and_(Assignment.person_id.is_not(None), Assignment.person_id == actor.person_id)
    by_role = and_(Assignment.role.in_(system_roles(actor)), Chain.applicant_id.is_distinct_from(actor.person_id))
    in_person = true() if actor.in_person else false()
    waiting = (
        select(Assignment)
        .join(Assignment.stage)
        .join(Stage.chain)
        .where(Assignment.state == PENDING, in_person, or_(by_name, by_role))
        .options(
            contains_eager(Assignment.stage)
            .contains_eager(Stage.chain)
            .options(joinedload(Chain.project), joinedload(Chain.applicant))
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
            selectinload(Chain.stages).selectinload(Stage.assignments).joinedload(Assignment.person),
            selectinload(Chain.decisions).joinedload(Decision.person),
        )
    )
    chain = session.scalar(whole)
    if chain is None or not may_read(session, actor, chain):
        raise NotFound(kind="chain", name=chain_id)
    return chain
