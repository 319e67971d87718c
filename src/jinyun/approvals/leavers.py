"""What somebody who left had still to decide goes to his manager."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.approvals.models import Assignment, Chain, Stage
from jinyun.approvals.policy import Approver, nearest_manager
from jinyun.approvals.service import lock_chain, note_on_chain
from jinyun.approvals.states import PENDING, UNDECIDED
from jinyun.kit.actor import PLATFORM
from jinyun.kit.texts import Text
from jinyun.organisation.events import PeopleLeft
from jinyun.organisation.models import Person

INHERITED = Text("Manager of {leaver}, who left", "{leaver} 已离职，由其上级审批")
BATCH = 500


def on_people_left(session: Session, event: PeopleLeft) -> None:
    """Hand undecided assignments on: to the manager, else to whom the chain would have picked."""
    leavers = set(event.ids)
    for chain_id in sorted(_chains_of(session, event.ids)):
        chain = lock_chain(session, chain_id)
        if chain.state != PENDING:
            continue
        for stage in chain.stages:
            for assignment in stage.assignments:
                if assignment.state in UNDECIDED and assignment.person_id in leavers:
                    _hand_on(session, chain, stage, assignment)


def _chains_of(session: Session, people: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(people), BATCH):
        theirs = Assignment.person_id.in_(people[start : start + BATCH])
        waiting = select(Stage.chain_id).join(Assignment).where(theirs, Assignment.state.in_(UNDECIDED))
        found.update(session.scalars(waiting))
    return found


def _hand_on(session: Session, chain: Chain, stage: Stage, assignment: Assignment) -> None:
    leaver = session.get_one(Person, assignment.person_id, populate_existing=True)
    others = {other.person_id for other in stage.assignments if other.person_id} | {chain.applicant_id}
    heir = _manager_above(session, leaver, others) or nearest_manager(session, chain.project, others)
    if heir.role is not None and any(other.role == heir.role for other in stage.assignments):
        return
    assignment.person_id, assignment.role = heir.person_id, heir.role
    assignment.reason = heir.reason.as_dict()
    session.flush()
    session.expire(assignment, ["person"])
    after = {"from": leaver.login, "to": assignment.person.login if assignment.person else heir.role}
    note_on_chain(session, PLATFORM, "approval.hand-on", chain, after)


def _manager_above(session: Session, leaver: Person, excluded: set[str | None]) -> Approver | None:
    """Return the nearest manager above who works here and may decide this."""
    seen = {leaver.id}
    manager_id = leaver.manager_id
    while manager_id is not None and manager_id not in seen:
        seen.add(manager_id)
        manager = session.get(Person, manager_id, populate_existing=True)
        if manager is None:
            return None
        if manager.active and manager.id not in excluded:
            return Approver(manager.id, None, INHERITED.format(leaver=leaver.name))
        manager_id = manager.manager_id
    return None
