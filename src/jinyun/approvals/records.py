"""A chain's rows: locked, read as a course, moved on by one entry of the log, written back."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from jinyun.approvals.course import Course, Move, Round, Seat, advance
from jinyun.approvals.events import ChainDecided, ChainReturned
from jinyun.approvals.models import Assignment, Chain, Decision, Participant, Stage
from jinyun.approvals.states import APPROVED, EXPIRED, OPEN_CHAIN, PENDING, REJECTED, RETURNED
from jinyun.approvals.telling import tell_of
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.database import transaction_time
from jinyun.kit.events import publish
from jinyun.kit.texts import Text


def lock_chain(session: Session, chain_id: str) -> Chain:
    """Lock the chain's row and read all of it anew: whoever decides first is seen by the next."""
    session.execute(select(Chain.id).where(Chain.id == chain_id).with_for_update())
    whole = (
        select(Chain)
        .where(Chain.id == chain_id)
        .options(
            joinedload(Chain.stages).joinedload(Stage.assignments).joinedload(Assignment.person),
            selectinload(Chain.decisions).joinedload(Decision.person),
        )
        .execution_options(populate_existing=True)
    )
    return session.scalars(whole).unique().one()


def assignments_of(chain: Chain) -> list[Assignment]:
    """Return everybody's part in a chain."""
    return [assignment for stage in chain.stages for assignment in stage.assignments]


def course_of(chain: Chain) -> Course:
    """Return where a chain stands, as its rows say."""
    return Course(chain.state, tuple(_round(stage) for stage in chain.stages))


def log_of(chain: Chain) -> list[Move]:
    """Return a chain's log, from which its course can be replayed."""
    return [
        Move(entry.verb, entry.assignment_id, entry.person_id, entry.to_person_id, entry.details)
        for entry in chain.decisions
    ]


def proceed(
    session: Session,
    actor: Actor,
    chain: Chain,
    move: Move,
    comment: str = "",
    *,
    reason: Text | None = None,
    for_person_id: str | None = None,
) -> None:
    """Write an entry of the log, and what follows from it; whoever calls has locked the chain and checked the move.

    Args:
        reason: why somebody is asked from now on.
        for_person_id: whose deputy the actor is in this.
    """
    before = course_of(chain)
    after = advance(before, move)
    _write(session, chain, after, reason)
    _log(session, actor, chain, move, comment, for_person_id)
    remember(session, chain, (actor.person_id, *_people(after)))
    tell_of(session, actor, chain, (before, after), move, comment)
    if before.state != after.state:
        _tell(session, chain, comment)


def remember(session: Session, chain: Chain, people: Iterable[str | None]) -> None:
    """Let people see the chain from now on, whatever becomes of their part in it."""
    known = {each.person_id for each in chain.participants}
    new = {person for person in people if person is not None} - known
    chain.participants.extend(Participant(person_id=person) for person in sorted(new))
    session.flush()


def note_on_chain(session: Session, actor: Actor, action: str, chain: Chain, after: dict[str, Any]) -> None:
    """Record something that happened to a chain."""
    subject = ("chain", chain.id, chain.title["en"])
    acting = actor if chain.order_number is None else actor.for_order(chain.order_number)
    audit.record(session, acting, action, subject, project_id=chain.project_id, after=after)


def _round(stage: Stage) -> Round:
    seats = [
        Seat(each.id, each.person_id, each.role, each.state, each.added, each.delegate_id, each.decided_by)
        for each in stage.assignments
    ]
    return Round(stage.needed, tuple(seats), stage.state)


def _people(course: Course) -> list[str | None]:
    return [person for each in course.rounds for seat in each.seats for person in (seat.person, seat.delegate)]


def _write(session: Session, chain: Chain, course: Course, reason: Text | None) -> None:
    chain.state = course.state
    if course.state not in OPEN_CHAIN:
        chain.ended_at = transaction_time(session)
    for stage, each in zip(chain.stages, course.rounds, strict=True):
        if stage.begun_at is None or stage.state != each.state:
            stage.begun_at = transaction_time(session) if each.state == PENDING else None
            stage.remind_at = stage.due_at = None
        stage.state = each.state
        rows = {row.id: row for row in stage.assignments}
        for seat in each.seats:
            row = rows.get(seat.id)
            if row is None:
                row = Assignment(id=seat.id, reason=reason.as_dict() if reason else {})
                stage.assignments.append(row)
            elif reason is not None and (row.person_id, row.role) != (seat.person, seat.role):
                row.reason = reason.as_dict()
            row.person_id, row.role, row.state, row.added = seat.person, seat.role, seat.state, seat.added
            row.delegate_id, row.decided_by = seat.delegate, seat.decided_by
    session.flush()
    for row in assignments_of(chain):
        session.expire(row, ["person", "delegate"])


def _log(session: Session, actor: Actor, chain: Chain, move: Move, comment: str, for_person_id: str | None) -> None:
    stages = {row.id: row.stage_id for row in assignments_of(chain)}
    entry = Decision(
        number=len(chain.decisions) + 1,
        stage_id=stages.get(move.seat) if move.seat else None,
        assignment_id=move.seat,
        person_id=move.by,
        for_person_id=for_person_id,
        to_person_id=move.to,
        verb=move.verb,
        comment=comment,
        details=dict(move.details),
        digest=chain.digest,
        at=transaction_time(session),
    )
    chain.decisions.append(entry)
    session.flush()
    said = {"state": chain.state, "comment": comment, "digest": chain.digest, "assignment": move.seat, "to": move.to}
    after = {name: value for name, value in said.items() if value} | dict(move.details)
    note_on_chain(session, actor, f"approval.{move.verb}", chain, after)


def _tell(session: Session, chain: Chain, comment: str) -> None:
    """Tell the rooms above how a chain ended, or that its applicant has it back."""
    if chain.state in {APPROVED, REJECTED, EXPIRED}:
        publish(session, ChainDecided(chain.id, chain.subject_kind, chain.subject_id, chain.state, comment))
    elif chain.state == RETURNED:
        publish(session, ChainReturned(chain.id, chain.subject_kind, chain.subject_id, comment))
