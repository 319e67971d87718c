"""Who is told what of a chain: worked out from where it stood before an entry of its log, and where it stands after."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.models import RoleGrant
from jinyun.approvals.course import Course, Move, Seat
from jinyun.approvals.models import Chain, Deputy
from jinyun.approvals.states import (
    ANSWER,
    APPROVED,
    COMMENT,
    ESCALATE,
    EXPIRED,
    OPEN_CHAIN,
    PENDING,
    REALLOCATE,
    REJECTED,
    REMIND,
    REPLACE,
    RETURNED,
    REVISE,
)
from jinyun.kit.actor import Actor
from jinyun.kit.database import transaction_time
from jinyun.kit.texts import Text
from jinyun.notices.service import tell

ASKED = Text("For your decision: {title}", "待您审批：{title}")
REMINDER = Text("Still for your decision: {title}", "请尽快审批：{title}")
WORD = Text("For your word: {title}", "征询您的意见：{title}")
ANSWERED = Text("Answered: {title}", "意见已答复：{title}")
NOT_YOURS = Text("No longer yours to decide: {title}", "已改由他人审批：{title}")
ENDED = {
    APPROVED: Text("Approved: {title}", "已批准：{title}"),
    REJECTED: Text("Rejected: {title}", "已驳回：{title}"),
    EXPIRED: Text("Expired: {title}", "已过期：{title}"),
    RETURNED: Text("Returned to you: {title}", "已退回：{title}"),
}
CHANGES = {
    REVISE: Text("Changed, and approved anew: {title}", "内容已变更，须重新审批：{title}"),
    REALLOCATE: Text("Placed elsewhere: {title}", "分配已调整：{title}"),
}
COMMENTED = Text("Comment on: {title}", "新的意见：{title}")
BODY = Text("From {who}: {comment}", "来自 {who}：{comment}")
ASKS = Text(
    "{applicant} asks for it. Sign in to see what it is and to decide.", "申请人：{applicant}。请登录查看并审批。"
)


def tell_of(
    session: Session, actor: Actor, chain: Chain, courses: tuple[Course, Course], move: Move, comment: str
) -> None:
    """Tell everybody whom the last entry concerns, but for who made it.

    Args:
        courses: before and after the entry.
    """
    before, after = courses
    said = BODY.format(who=actor.name, comment=comment or "—")
    asked_before = {seat.id: seat for seat in _asking(before)}
    for seat in _asking(after):
        former = asked_before.get(seat.id)
        if former is None or (former.person, former.role, former.delegate) != (seat.person, seat.role, seat.delegate):
            _ask(session, chain, seat, move, said)
    if move.verb in {REPLACE, ESCALATE} and move.seat in asked_before:
        _tell(session, chain, [asked_before[move.seat].person], NOT_YOURS, said)
    if move.verb == REMIND:
        late = {person for seat in _asking(after) for person in (seat.delegate, *_holders(session, seat))}
        _tell(session, chain, late - {chain.applicant_id}, REMINDER, ASKS.format(applicant=_applicant(chain)))
    if move.verb == COMMENT:
        others = {each.person for each in _asking(after)} | {chain.applicant_id}
        _tell(session, chain, others - {actor.person_id}, COMMENTED, said)
    if move.verb in CHANGES:
        concerned = {seat.decided_by or seat.person for each in before.rounds for seat in each.seats if _knows(seat)}
        _tell(session, chain, (concerned | {chain.applicant_id}) - {actor.person_id}, CHANGES[move.verb], said)
    if after.state != before.state and after.state in ENDED:
        _tell(session, chain, [chain.applicant_id], ENDED[after.state], said)


def _knows(seat: Seat) -> bool:
    """Tell whether somebody was asked, or said yes."""
    return seat.state in {PENDING, APPROVED}


def _ask(session: Session, chain: Chain, seat: Seat, move: Move, said: Text) -> None:
    if seat.delegate is not None:
        _tell(session, chain, [seat.delegate], WORD, said)
    elif move.verb == ANSWER and move.seat == seat.id:
        _tell(session, chain, _holders(session, seat), ANSWERED, said)
    else:
        others = {*_holders(session, seat)} - {chain.applicant_id}
        _tell(session, chain, others, ASKED, ASKS.format(applicant=_applicant(chain)))


def _applicant(chain: Chain) -> str:
    return chain.applicant.name if chain.applicant else "Jinyun"


def _asking(course: Course) -> list[Seat]:
    if course.state not in OPEN_CHAIN:
        return []
    return [seat for each in course.rounds for seat in each.seats if seat.state == PENDING]


def _holders(session: Session, seat: Seat) -> list[str | None]:
    """Return who can decide: the person and his deputies, or whoever has the role."""
    if seat.person is None:
        held = select(RoleGrant.person_id).where(RoleGrant.role == seat.role, RoleGrant.scope == "system")
        return list(session.scalars(held))
    now = transaction_time(session)
    deputies = select(Deputy.deputy_id).where(
        Deputy.person_id == seat.person, Deputy.begins_at <= now, Deputy.ends_at > now
    )
    return [seat.person, *session.scalars(deputies)]


def _tell(session: Session, chain: Chain, people: Iterable[str | None], subject: Text, body: Text) -> None:
    title = Text(chain.title["en"], chain.title["zh"])
    tell(session, filter(None, people), subject.format(title=title), body, f"/approvals/{chain.id}")
