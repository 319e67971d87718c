"""How a chain goes: a pure function from where it stands and an entry of its log to where it stands then.

Deciding and replaying use the same function, so that the log alone says how a chain came to be what it is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from typing import Any

from jinyun.approvals.states import (
    ADD_SIGNERS,
    ANSWER,
    APPROVE,
    APPROVED,
    DELEGATE,
    ENDS,
    GIVES_AWAY,
    NONE,
    OPEN,
    PASSED,
    PENDING,
    REJECT,
    REJECTED,
    RESUBMIT,
    RETURN,
    RETURNED,
    UNDECIDED,
    WAITING,
)

APPLICANT = 0
"""Where a chain is returned to, besides the positions of its stages."""


@dataclass(frozen=True, slots=True)
class Seat:
    """What one person, or whoever holds a role, has to decide."""

    id: str
    person: str | None
    role: str | None = None
    state: str = WAITING
    added: bool = False
    """Whether another approver added him: his yes is needed besides."""
    delegate: str | None = None
    """Who is asked for his word first."""
    decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """A stage: `needed` yeses of its own people, and one of everybody who was added."""

    needed: int
    seats: tuple[Seat, ...]
    state: str = WAITING

    @property
    def is_satisfied(self) -> bool:
        """Whether everybody who is needed said yes."""
        yeses = [seat for seat in self.seats if seat.state == APPROVED]
        own = sum(not seat.added for seat in yeses)
        return own >= self.needed and len(yeses) - own == sum(seat.added for seat in self.seats)


@dataclass(frozen=True, slots=True)
class Course:
    """Where a chain stands."""

    state: str
    rounds: tuple[Round, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """An entry of the log: who did what to whose part."""

    verb: str
    seat: str | None = None
    by: str | None = None
    """Id of who did it; None for the platform."""
    to: str | None = None
    """Id of who is asked from now on."""
    details: Mapping[str, Any] = field(default_factory=dict)


NOWHERE = Course(PENDING, ())
"""Before the first entry."""


class NoOpening(ValueError):
    """The log does not begin with how the chain was opened: it is of a chain from before that was written down."""


def replay(log: Iterable[Move]) -> Course:
    """Return where a chain stands after all that its log says. Raises NoOpening."""
    entries = list(log)
    if not entries or entries[0].verb != OPEN:
        raise NoOpening
    return reduce(advance, entries, NOWHERE)


def advance(course: Course, move: Move) -> Course:
    """Return where a chain stands after one more entry, which was checked before it was written."""
    if move.verb in GIVES_AWAY:
        return _seated(course, move, person=move.to, role=move.details.get("role"), delegate=None)
    if move.verb in ENDS:
        if move.verb == REJECT:
            course = _seated(course, move, state=REJECTED, decided_by=move.by)
        return _ended(course, ENDS[move.verb])
    change = _CHANGES.get(move.verb)
    return change(course, move) if change else course


def opening(rounds: Iterable[Round]) -> dict[str, Any]:
    """Return the details of the entry that a chain begins with."""
    return {
        "stages": [
            {
                "needed": each.needed,
                "seats": [{"id": seat.id, "person": seat.person, "role": seat.role} for seat in each.seats],
            }
            for each in rounds
        ]
    }


def position_of(course: Course, seat_id: str) -> int:
    """Return the position of the stage that a seat is in; 1 is the first."""
    return next(
        number for number, each in enumerate(course.rounds, start=1) if any(seat.id == seat_id for seat in each.seats)
    )


def _open(_course: Course, move: Move) -> Course:
    rounds = [
        Round(stage["needed"], tuple(Seat(seat["id"], seat["person"], seat["role"]) for seat in stage["seats"]))
        for stage in move.details["stages"]
    ]
    if move.details.get("approval") == NONE:
        return Course(APPROVED, ())
    return _begun(Course(PENDING, tuple(rounds)))


def _approve(course: Course, move: Move) -> Course:
    course = _seated(course, move, state=APPROVED, decided_by=move.by, delegate=None)
    rounds = [
        _closed(each, APPROVED) if each.state == PENDING and each.is_satisfied else each for each in course.rounds
    ]
    course = _begun(replace(course, rounds=tuple(rounds)))
    return replace(course, state=APPROVED) if all(each.state == APPROVED for each in course.rounds) else course


def _return(course: Course, move: Move) -> Course:
    """Ask again from a stage on, or stop where it is until the applicant hands it in again; later yeses are void."""
    target = move.details["stage"]
    now = next(number for number, each in enumerate(course.rounds, start=1) if each.state == PENDING)
    first = now if target == APPLICANT else target
    rounds = [_emptied(each) if first <= number <= now else each for number, each in enumerate(course.rounds, start=1)]
    course = replace(course, rounds=tuple(rounds))
    return replace(course, state=RETURNED) if target == APPLICANT else _begun(course)


def _resubmit(course: Course, _move: Move) -> Course:
    return _begun(replace(course, state=PENDING))


def _delegate(course: Course, move: Move) -> Course:
    return _seated(course, move, delegate=move.to)


def _answer(course: Course, move: Move) -> Course:
    return _seated(course, move, delegate=None)


def _add_signers(course: Course, move: Move) -> Course:
    new = tuple(Seat(each["id"], each["person"], state=PENDING, added=True) for each in move.details["seats"])
    rounds = [
        replace(each, seats=each.seats + new) if any(seat.id == move.seat for seat in each.seats) else each
        for each in course.rounds
    ]
    return replace(course, rounds=tuple(rounds))


_CHANGES: dict[str, Callable[[Course, Move], Course]] = {
    OPEN: _open,
    APPROVE: _approve,
    RETURN: _return,
    RESUBMIT: _resubmit,
    DELEGATE: _delegate,
    ANSWER: _answer,
    ADD_SIGNERS: _add_signers,
}
"""Whatever is not here, such as a comment, changes nothing."""


def _seated(course: Course, move: Move, **changes: Any) -> Course:
    """Return the course with one seat changed."""
    rounds = [
        replace(each, seats=tuple(replace(seat, **changes) if seat.id == move.seat else seat for seat in each.seats))
        for each in course.rounds
    ]
    return replace(course, rounds=tuple(rounds))


def _begun(course: Course) -> Course:
    """Ask the people of the first stage that is not passed yet, where none is being asked."""
    if any(each.state == PENDING for each in course.rounds):
        return course
    first = next((each for each in course.rounds if each.state == WAITING), None)
    return replace(course, rounds=tuple(_asked(each) if each is first else each for each in course.rounds))


def _asked(each: Round) -> Round:
    return replace(each, state=PENDING, seats=tuple(replace(seat, state=PENDING) for seat in each.seats))


def _emptied(each: Round) -> Round:
    empty = partial(replace, state=WAITING, delegate=None, decided_by=None)
    return replace(each, state=WAITING, seats=tuple(empty(seat) for seat in each.seats))


def _closed(each: Round, state: str) -> Round:
    """End a stage; whoever did not decide has nothing to decide any more."""
    seats = tuple(
        replace(seat, state=PASSED, delegate=None) if seat.state in UNDECIDED else seat for seat in each.seats
    )
    return replace(each, state=state, seats=seats)


def _ended(course: Course, state: str) -> Course:
    rounds = tuple(_closed(each, state) if each.state in UNDECIDED else each for each in course.rounds)
    return Course(state, rounds)
