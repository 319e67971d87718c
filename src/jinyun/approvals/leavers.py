"""What somebody who left had still to decide goes to his manager."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jinyun.approvals.models import Assignment, Stage
from jinyun.approvals.records import lock_chain
from jinyun.approvals.states import OPEN_CHAIN, UNDECIDED
from jinyun.approvals.successors import hand_on_of_leavers
from jinyun.organisation.events import PeopleLeft

BATCH = 500


def on_people_left(session: Session, event: PeopleLeft) -> None:
    """Hand undecided assignments on: to the manager, else to whom the chain would have picked."""
    for chain_id in sorted(_chains_of(session, event.ids)):
        chain = lock_chain(session, chain_id)
        if chain.state in OPEN_CHAIN:
            hand_on_of_leavers(session, chain)


def _chains_of(session: Session, people: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(people), BATCH):
        some = people[start : start + BATCH]
        theirs = or_(Assignment.person_id.in_(some), Assignment.delegate_id.in_(some))
        waiting = select(Stage.chain_id).join(Assignment).where(theirs, Assignment.state.in_(UNDECIDED))
        found.update(session.scalars(waiting))
    return found
