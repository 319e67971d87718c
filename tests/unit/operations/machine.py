"""The whole engine as a machine of rules: workers that come, go silent and die, operators, cancellations, time."""

from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Select, Update, delete, func, select, update
from sqlalchemy.orm import Session

from jinyun.kit.actor import PLATFORM
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.ids import new_id
from jinyun.kit.settings import Settings
from jinyun.operations import interventions, lanes, states
from jinyun.operations import service as operations
from jinyun.operations.claims import Claim, LeaseKeeper, claim
from jinyun.operations.definition import Recipes
from jinyun.operations.models import (
    Alarm,
    Breaker,
    Lane,
    LaneGrant,
    OperationRow,
    OperationStep,
    OperationSubject,
)
from jinyun.operations.runner import Kept, Runner, RunningStep, Settled, step_token
from jinyun.operations.service import OperationNotActive, SubjectBusy
from tests.unit.operations.fake_world import BEHAVIOURS, Died, FakeWorld, recipes

WORKERS = 3
THINGS = ("a", "b", "c")
ROUNDS_TO_END = 60
WORN = (LaneGrant, Lane, OperationSubject, OperationStep, OperationRow, Breaker, Alarm)
"""Tables that each run begins with empty, in the order in which they may be emptied."""
LONG_AGO = timedelta(days=1)
TURNS = (
    *("work", "work", "pass_time", "pass_time", "start", "start", "claim", "run", "fall_silent", "beat", "die"),
    *("cancel", "retry", "undo", "skip", "expect_a_stranger"),
)
SCRIPTS = st.lists(st.sampled_from(BEHAVIOURS), min_size=3, max_size=6)


@dataclass
class Member:
    """One worker process: its claims that it has not run yet."""

    id: str
    keeper: LeaseKeeper
    claims: list[Claim] = field(default_factory=list)


class WatchedRunner(Runner):
    """Tells the machine of everything that was written."""

    told: Callable[[Claim], None]

    def _advance(self, held: Claim, kept: Kept, settled: Settled | None, stopping: bool) -> RunningStep | None:
        step = super()._advance(held, kept, settled, stopping)
        self.told(held)
        return step


class EngineMachine(RuleBasedStateMachine):
    """Rules in any order; what must always hold is checked after each, what must hold in the end at the end."""

    database: Database
    """Set by whoever runs the machine."""

    def __init__(self) -> None:
        super().__init__()
        self.settings = Settings(lease_seconds=20, call_timeout_seconds=5)
        self.world = FakeWorld(self._overtaken, self._expire_deadline)
        self.kinds = recipes(self.world.do, self.world.undo)
        self.recipes = Recipes()
        self.recipes.add(*self.kinds)
        self.members = [self._new_member() for _ in range(WORKERS)]
        self.latest: dict[str, int] = {}
        """The generation that was claimed last, of each operation."""
        self.expired: set[str] = set()
        """Operations whose lease ran out, and which nobody has claimed or kept since."""
        self.undone_by_operator: set[str] = set()
        self.seen_to: dict[str, set[str]] = defaultdict(set)
        """Tokens of what an operator made by hand: it is his to take away, too."""
        self.thing_of: dict[str, str] = {}
        self.strangers = 0
        self._swapped: Callable[[Session, Update, dict[str, object]], bool] = vars(lanes)["swapped"]
        self._let_in = lanes._let_in
        self._patches = ExitStack()
        self._patches.enter_context(patch.object(lanes, "swapped", self._swap_after_a_stranger))
        self._patches.enter_context(patch.object(lanes, "_let_in", self._let_in_and_count))
        self.database.write(_empty)

    # What happens: each turn is one thing, so that runs are rich in all of them.

    @initialize(scripts=st.lists(SCRIPTS, min_size=3, max_size=3))
    def begin(self, scripts: list[list[str]]) -> None:
        """Have something to do."""
        for number, script in enumerate(scripts):
            self.start(number, script)

    @rule(turn=st.sampled_from(TURNS), number=st.integers(0, 8), script=SCRIPTS)
    def turn(self, turn: str, number: int, script: list[str]) -> None:
        """Let one thing happen to one of those whom it can happen to."""
        if turn == "start":
            self.start(number, script)
        else:
            getattr(self, turn)(number)

    def start(self, number: int, script: list[str]) -> None:
        """Start an operation on a thing: it is refused exactly where another one has the thing."""
        thing = THINGS[number % len(THINGS)]
        busy = thing in {
            self.thing_of[operation_id] for operation_id in self.thing_of.keys() & self._ids(states.ACTIVE)
        }
        try:
            operation_id = self.database.write(lambda session: self._start(session, number % 2, thing).id)
        except SubjectBusy:
            self._expect(busy, f"{thing} was free")
            return
        self._expect(not busy, f"{thing} was given away twice")
        self.world.scripts[operation_id], self.thing_of[operation_id] = list(script), thing

    def cancel(self, number: int) -> None:
        """Ask an operation to stop."""
        self._decide(number, (states.PENDING, states.RUNNING, states.NEEDS_OPERATOR), operations.cancel)

    def retry(self, number: int) -> None:
        """Let one go on that needs an operator."""
        self._decide(number, (states.NEEDS_OPERATOR,), interventions.retry)

    def undo(self, number: int) -> None:
        """Have one undone that needs an operator."""
        decided = self._decide(number, (states.NEEDS_OPERATOR,), interventions.undo, "looked at it")
        if decided:
            self.undone_by_operator.add(decided)

    def skip(self, number: int) -> None:
        """See to a step by hand, and have it skipped."""
        chosen = self._choose(number, (states.NEEDS_OPERATOR,))
        if chosen is None:
            return
        steps = self._steps(chosen)
        row = self._row(chosen)
        token = step_token(steps[min(row.position, len(steps) - 1)])
        heading = self.database.read(lambda session: operations.direction(session, row))
        if heading == states.RUNNING:
            self.world.things.add(token)
            self.seen_to[chosen].add(token)
        else:
            self.world.remove(token)
        self.database.write(lambda session: interventions.skip(session, PLATFORM, chosen, "by hand"))

    def claim(self, number: int) -> None:
        """Have a worker take what is due, and be slow to begin."""
        member = self.members[number % WORKERS]
        held = claim(self.database, member.id, self.recipes.handlers, 2, self.settings)
        for one in held:
            self._expect(one.operation_id not in self.world.inside, "claimed in the middle of a call")
            self.latest[one.operation_id] = one.generation
            self.expired.discard(one.operation_id)
        member.keeper.hold(held)
        member.claims += held

    def run(self, number: int) -> None:
        """Have a worker run what it claimed, however long ago."""
        member = self.members[number % WORKERS]
        while member.claims and member is self.members[number % WORKERS]:
            runner = WatchedRunner(self.database, self.recipes, self.settings, member.keeper)
            runner.told = self._wrote
            try:
                runner.run(member.claims.pop(0))
            except Died:
                self.die(number)

    def work(self, number: int) -> None:
        """Have a worker take what is due and run it."""
        self.claim(number)
        self.run(number)

    def beat(self, number: int) -> None:
        """Keep a worker's leases; a late heartbeat saves what nobody has taken over yet."""
        member = self.members[number % WORKERS]
        member.keeper.beat()
        kept = self._of(member.id) & {held.operation_id for held in member.claims}
        self.expired -= kept

    def fall_silent(self, number: int) -> None:
        """Let all leases of a worker run out; whether it is dead nobody knows."""
        self._expire(OperationRow.worker_id == self.members[number % WORKERS].id)

    def die(self, number: int) -> None:
        """Kill a worker; a new one comes in its place."""
        self.members[number % WORKERS] = self._new_member()

    def pass_time(self, _number: int = 0) -> None:
        """Let the time pass that the sleepers wait for."""

        def work(session: Session) -> None:
            past = utc_now() - LONG_AGO
            asleep = (OperationRow.worker_id.is_(None), OperationRow.wake_at.is_not(None))
            session.execute(update(OperationRow).where(*asleep).values(wake_at=past))
            session.execute(update(Breaker).where(Breaker.probe_at.is_not(None)).values(probe_at=past))
            session.execute(update(Lane).values(eased_at=None))

        self.database.write(work)

    def expect_a_stranger(self, _number: int) -> None:
        """Let another process use the lane between the next look at it and the swap that follows."""
        self.strangers = 1

    # What must hold, always and in the end.

    @invariant()
    def nothing_is_broken(self) -> None:
        """What was seen on the way, and what the tables say now."""
        self.world.broken += self.database.read(_contradictions)
        held = self.database.read(lambda session: dict(session.execute(_subjects()).all()))
        active = {it: self.thing_of[it] for it in self.thing_of.keys() & self._ids(states.ACTIVE)}
        self._expect(held == active, f"held are {held}, active are {active}")
        assert not self.world.broken, self.world.broken

    def teardown(self) -> None:
        """Let all be well: everything ends, and is all there or all gone."""
        try:
            self._let_all_be_well()
            self.nothing_is_broken()
            for operation in self.database.read(lambda session: list(session.scalars(select(OperationRow)))):
                self._check_end(operation)
        finally:
            self._patches.close()

    def _let_all_be_well(self) -> None:
        self.world.scripts.clear()
        self.strangers = 0
        for number in range(ROUNDS_TO_END):
            stopped = self._ids((states.NEEDS_OPERATOR,))
            for operation_id in stopped:
                self.database.write(partial(interventions.retry, actor=PLATFORM, operation_id=operation_id))
            if not self._ids(states.ACTIVE):
                return
            self.pass_time()
            self.run(number % WORKERS)
            self.work(number % WORKERS)
            self._let_dead_leases_run_out()
        assert not self._ids(states.ACTIVE), "the world is well, and yet there is no end"

    def _let_dead_leases_run_out(self) -> None:
        """Let a lease pass in which the living send their heartbeats: what they do not keep is due."""
        before = self._leases()
        for number in range(WORKERS):
            self.beat(number)
        after = self._leases()
        unkept = [operation_id for operation_id, until in after.items() if before.get(operation_id) == until]
        self._expire(OperationRow.id.in_(unkept))

    def _check_end(self, operation: OperationRow) -> None:
        steps = self._steps(operation.id)
        position = {step_token(step): step.position for step in steps}
        there = self.world.things & position.keys()
        if operation.state != states.SUCCEEDED:
            there -= self.seen_to[operation.id]
        wanted = set(position) if operation.state == states.SUCCEEDED else set()
        assert there == wanted, f"{operation.state}: {len(there)} of {len(position)} things are there"
        verbs = [verb for verb, _ in self.world.asked[operation.id]]
        undos = [position[token] for verb, token in self.world.asked[operation.id] if verb == "undo"]
        assert verbs == sorted(verbs), f"forward again after going back: {verbs}"
        assert undos == sorted(undos, reverse=True), f"not in reverse: {undos}"
        begun = {self.recipes.step(s.handler).point_of_no_return and s.attempts > 0 for s in steps}
        assert not (undos and True in begun and operation.id not in self.undone_by_operator), "no return, and yet back"
        assert not any((step.result or {}).get("stale") for step in steps), "a lost worker's answer was kept"

    # How it is done.

    def _start(self, session: Session, recipe: int, thing: str | None) -> OperationRow:
        subjects = [("thing", thing)] if thing else []
        kind = self.kinds[recipe]
        return operations.start(session, PLATFORM, kind, parameters={}, subjects=subjects, backend="east")

    def _new_member(self) -> Member:
        worker_id = new_id()
        return Member(worker_id, LeaseKeeper(self.database, worker_id, self.settings))

    def _choose(self, number: int, wanted: tuple[str, ...]) -> str | None:
        ids = self._ids(wanted)
        return ids[number % len(ids)] if ids else None

    def _decide(
        self, number: int, wanted: tuple[str, ...], verb: Callable[..., OperationRow], *more: str
    ) -> str | None:
        chosen = self._choose(number, wanted)
        if chosen is not None:
            try:
                self.database.write(lambda session: verb(session, PLATFORM, chosen, *more))
            except OperationNotActive:
                return None
        return chosen

    def _ids(self, wanted: tuple[str, ...] | frozenset[str]) -> list[str]:
        statement = select(OperationRow.id).where(OperationRow.state.in_(wanted)).order_by(OperationRow.created_at)
        return self.database.read(lambda session: list(session.scalars(statement)))

    def _row(self, operation_id: str) -> OperationRow:
        return self.database.read(lambda session: session.get_one(OperationRow, operation_id))

    def _of(self, worker_id: str) -> set[str]:
        leased = select(OperationRow.id).where(OperationRow.worker_id == worker_id)
        return self.database.read(lambda session: set(session.scalars(leased)))

    def _steps(self, operation_id: str) -> list[OperationStep]:
        statement = select(OperationStep).filter_by(operation_id=operation_id).order_by(OperationStep.position)
        return self.database.read(lambda session: list(session.scalars(statement)))

    def _leases(self) -> dict[str, datetime | None]:
        leased = select(OperationRow.id, OperationRow.lease_until).where(OperationRow.worker_id.is_not(None))
        return self.database.read(lambda session: dict(session.execute(leased).all()))

    def _expire(self, condition: object) -> None:
        def work(session: Session) -> list[str]:
            leased = select(OperationRow).where(condition, OperationRow.worker_id.is_not(None))  # type: ignore[arg-type]
            rows = list(session.scalars(leased))
            for row in rows:
                row.lease_until = row.wake_at = row.created_at - LONG_AGO
            return [row.id for row in rows]

        self.expired.update(self.database.write(work))

    def _overtaken(self, operation_id: str) -> None:
        """Let the lease of a call under way run out, and somebody else take over and go on."""
        holder = self._row(operation_id).worker_id
        self._expire(OperationRow.id == operation_id)
        self.work(next(number for number, member in enumerate(self.members) if member.id != holder))

    def _expire_deadline(self, token: str) -> None:
        mine = update(OperationStep).where(OperationStep.id == token.removeprefix("jy-"))
        self.database.write(lambda session: session.execute(mine.values(deadline_at=utc_now() - LONG_AGO)))

    def _wrote(self, held: Claim) -> None:
        self._expect(self.latest[held.operation_id] == held.generation, "two workers wrote for one operation")
        self._expect(held.operation_id not in self.expired, "a worker wrote after its lease had run out")

    def _expect(self, true: bool, otherwise: str) -> None:
        if not true:
            self.world.broken.append(otherwise)

    def _swap_after_a_stranger(self, session: Session, statement: Update, values: dict[str, object]) -> bool:
        if self.strangers:
            self.strangers -= 1
            stranger = self._start(session, 0, None)
            step = session.scalars(select(OperationStep).filter_by(operation_id=stranger.id, position=0)).one()
            inside = lanes.enter(session, stranger, step, stranger.created_at)
            step.state = states.STEP_WAITING if inside else states.STEP_QUEUED
        return self._swapped(session, statement, values)

    def _let_in_and_count(self, session: Session, chosen: list[lanes._Queued], now: datetime) -> None:
        self._let_in(session, chosen, now)
        for lane in session.scalars(select(Lane).execution_options(populate_existing=True)):
            inside = session.scalar(_inside(lane.name)) or 0
            self._expect(not chosen or inside <= int(lane.allowance), f"{inside} let in, {lane.allowance} allowed")


def _empty(session: Session) -> None:
    for table in WORN:
        session.execute(delete(table))


def _subjects() -> Select[str, str]:
    return select(OperationSubject.operation_id, OperationSubject.subject_id)


def _inside(name: str) -> Select[int]:
    return select(func.count()).where(LaneGrant.lane == name, LaneGrant.granted_at.is_not(None))


def _contradictions(session: Session) -> list[str]:
    """Return what the tables say that cannot be."""
    found = []
    for lane in session.scalars(select(Lane)):
        inside = session.scalar(_inside(lane.name))
        if lane.in_use != inside:
            found.append(f"lane says {lane.in_use}, inside are {inside}")
    state_of = dict(session.execute(select(OperationRow.id, OperationRow.state)).all())
    for operation_id in session.scalars(select(LaneGrant.operation_id)):
        if state_of[operation_id] in states.ENDED:
            found.append(f"a place in the lane is left of {operation_id}")
    return found
