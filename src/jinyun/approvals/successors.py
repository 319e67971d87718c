"""Who is asked instead of somebody who is not here any more."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from jinyun.approvals.course import Move
from jinyun.approvals.models import Assignment, Chain
from jinyun.approvals.policy import Approver, managers_of, nearest_manager
from jinyun.approvals.records import assignments_of, proceed
from jinyun.approvals.states import ANSWER, HAND_ON, UNDECIDED
from jinyun.kit.actor import PLATFORM
from jinyun.kit.texts import Text
from jinyun.organisation.models import Person

INHERITED = Text("Manager of {former}, who left", "{former} 已离职，由其上级审批")


def hand_on_of_leavers(session: Session, chain: Chain) -> None:
    """Ask somebody else wherever a chain asks, or will ask, a person who left; the chain is locked."""
    for assignment in assignments_of(chain):
        if assignment.state not in UNDECIDED:
            continue
        if _left(session, assignment.delegate_id):
            proceed(session, PLATFORM, chain, Move(ANSWER, assignment.id))
        if _left(session, assignment.person_id):
            hand_on(session, chain, assignment, HAND_ON, INHERITED)


def hand_on(session: Session, chain: Chain, assignment: Assignment, verb: str, reason: Text) -> None:
    """Ask who is above: the person's own superior, else the department's, else the administrators' queue.

    Nobody from whom it was handed on before is asked again.

    Args:
        reason: names `{former}`.
    """
    former = session.get_one(Person, assignment.person_id)
    before = {entry.details.get("from") for entry in chain.decisions if entry.assignment_id == assignment.id}
    asked = {other.person_id for other in assignment.stage.assignments} | {chain.applicant_id} | before
    heir = _superior(session, former, asked, reason) or nearest_manager(session, chain.project, asked)
    details = {"from": former.id, "role": heir.role}
    move = Move(verb, assignment.id, to=heir.person_id, details=details)
    proceed(session, PLATFORM, chain, move, reason=heir.reason)


def _superior(session: Session, person: Person, excluded: Collection[str | None], reason: Text) -> Approver | None:
    above = (each for each in managers_of(session, person) if each.id not in excluded)
    nearest = next(above, None)
    return Approver(nearest.id, None, reason.format(former=person.name)) if nearest else None


def _left(session: Session, person_id: str | None) -> bool:
    return person_id is not None and not session.get_one(Person, person_id, populate_existing=True).active
