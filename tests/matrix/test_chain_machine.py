"""Whatever people do with a chain in whatever order: nothing passes without its yeses, and nothing is stuck."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from jinyun.access.models import RoleGrant
from jinyun.approvals import deciding, deputies, leavers
from jinyun.approvals.course import replay
from jinyun.approvals.errors import SaidYesAlready
from jinyun.approvals.models import Assignment, Chain
from jinyun.approvals.records import course_of, log_of
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Base, Database
from jinyun.kit.errors import Problem
from jinyun.organisation.events import PeopleLeft
from jinyun.organisation.models import Person
from tests.unit.approvals.chains import DIGEST, Desk, all_needed_said_yes, person

APPROVERS = ("carl", "dora", "erik", "fay", "gus", "rita", "chief")
LEAVERS = ("carl", "dora", "erik", "fay")
EVERYBODY = st.sampled_from((*APPROVERS, "alice", "sec", "bob"))
STAGE = st.builds(
    lambda logins, needs: person(*logins, needs=needs),
    st.lists(st.sampled_from(APPROVERS), min_size=1, max_size=3, unique=True),
    st.sampled_from(["any", "all", 1, 2]),
)
PICK = st.integers(min_value=0, max_value=20)
Act = Callable[[str, Assignment, str], str]


class ChainMachine(RuleBasedStateMachine):
    """One subject's chains, and all that people can do with them."""

    empty: ClassVar[Path]

    @initialize(stages=st.lists(STAGE, min_size=1, max_size=3))
    def begin(self, stages: list[dict[str, Any]]) -> None:
        self.folder = tempfile.TemporaryDirectory()
        shutil.copy(self.empty, f"{self.folder.name}/chain.db")
        self.database = Database(f"sqlite:///{self.folder.name}/chain.db")
        self.desk = Desk(self.database, *stages)
        second = RoleGrant(person_id=self.desk.bank.people["bob"], role="security_administrator", scope="system")
        self.database.write(lambda session: session.add(second))
        self.left: set[str] = set()
        self.digest = DIGEST
        self.chain = self.desk.open()

    @rule(who=EVERYBODY, pick=PICK, stage=st.integers(min_value=0, max_value=3), verb=st.sampled_from(["yes", "back"]))
    def decide(self, who: str, pick: int, stage: int, verb: str) -> None:
        if verb == "yes":
            self._attempt(who, pick, deciding.approve, self.digest)
        else:
            self._attempt(who, pick, deciding.give_back, self.digest, "again", stage)

    @rule(picks=st.lists(PICK, min_size=1, max_size=4))
    def say_yes(self, picks: list[int]) -> None:
        for pick in picks:
            self._attempt(self._holder(self._seat(pick)), pick, deciding.approve, self.digest)

    @rule(pick=PICK, stage=st.integers(min_value=0, max_value=3))
    def send_back(self, pick: int, stage: int) -> None:
        seat = self._seat(pick)
        self._attempt(self._holder(seat), pick, deciding.give_back, self.digest, "again", stage)

    @rule(pick=PICK, to=EVERYBODY, verb=st.sampled_from([deciding.transfer, deciding.delegate]))
    def hand_over(self, pick: int, to: str, verb: Callable[..., Chain]) -> None:
        self._attempt(self._holder(self._seat(pick)), pick, verb, to, "please")

    @rule(who=EVERYBODY, pick=PICK)
    def answer(self, who: str, pick: int) -> None:
        self._attempt(who, pick, deciding.answer, "well")

    @rule(pick=PICK, signers=st.lists(EVERYBODY, min_size=1, max_size=2))
    def add(self, pick: int, signers: list[str]) -> None:
        self._attempt(self._holder(self._seat(pick)), pick, deciding.add_signers, signers, "both")

    @rule(pick=PICK, to=EVERYBODY)
    def replace(self, pick: int, to: str) -> None:
        self._attempt("alice", pick, deciding.replace_approver, to, "away")

    @rule(pick=PICK, who=EVERYBODY)
    def reject(self, pick: int, who: str) -> None:
        if pick == 0:
            self._attempt(who, pick, deciding.reject, self.digest, "no")

    @rule(away=st.sampled_from(APPROVERS), deputy=EVERYBODY)
    def go_away(self, away: str, deputy: str) -> None:
        span = (utc_now(), utc_now().replace(year=2999))
        self._allowed(lambda: self.desk.as_(away, lambda s, a: deputies.appoint(s, a, deputy, span, "leave")))

    @precondition(lambda self: len(self.left) < 2)
    @rule(who=st.sampled_from(LEAVERS))
    def leave(self, who: str) -> None:
        def work(session: Session) -> None:
            session.get_one(Person, self.desk.bank.people[who]).active = False
            session.flush()
            leavers.on_people_left(session, PeopleLeft((self.desk.bank.people[who],)))

        self.left.add(who)
        self.database.write(work)

    @rule(often=PICK)
    def look_again(self, often: int) -> None:
        changed = often == 0
        digest = f"{utc_now().timestamp():064.20f}"[:64] if changed else self.digest
        renewed = self._allowed(lambda: self.desk.renew(self.chain, digest))
        if renewed is not None:
            self.chain, self.digest = str(renewed), digest

    @invariant()
    def the_log_says_how_it_stands(self) -> None:
        chain = self._chain()
        assert replay(log_of(chain)) == course_of(chain)
        assert [entry.number for entry in chain.decisions] == list(range(1, len(chain.decisions) + 1))

    @invariant()
    def it_is_approved_exactly_when_all_needed_said_yes(self) -> None:
        chain = self._chain()
        approved = all_needed_said_yes(log_of(chain), chain.applicant_id)
        if chain.state != "replaced":
            assert (chain.state == "approved") == approved

    @invariant()
    def one_stage_is_asked_and_its_people_are_there(self) -> None:
        chain = self._chain()
        asked = [stage for stage in chain.stages if stage.state == "pending"]
        assert len(asked) == (1 if chain.state == "pending" else 0)
        for stage in asked:
            for seat in stage.assignments:
                assert seat.state != "waiting"
                assert seat.person is None or seat.state != "pending" or seat.person.active
                assert seat.person_id != chain.applicant_id

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self._bring_to_an_end()
            self.database.dispose()
            self.folder.cleanup()

    def _bring_to_an_end(self) -> None:
        """Let everybody who is asked say yes: that must be enough."""
        for _ in range(60):
            chain = self._chain()
            if chain.state not in {"pending", "returned"}:
                break
            if chain.state == "returned":
                self.desk.renew(self.chain, self.digest)
                continue
            waiting = [seat for stage in chain.stages for seat in stage.assignments if seat.state == "pending"]
            assert any(self._settle(seat) for seat in waiting)
        assert self._chain().state in {"approved", "rejected"}
        self.it_is_approved_exactly_when_all_needed_said_yes()

    def _settle(self, seat: Assignment) -> bool:
        """Say yes; who said it for another one has somebody else say it for himself."""
        for who in (self._holder(seat), "bob"):
            try:
                self.desk.do(who, deciding.approve, seat, self.digest)
            except SaidYesAlready:
                if any(self._works(who, seat, to) for to in APPROVERS):
                    return True
            except Problem:
                continue
            else:
                return True
        return False

    def _works(self, who: str, seat: Assignment, to: str) -> bool:
        return self._allowed(lambda: self.desk.do(who, deciding.transfer, seat, to, "twice")) is not None

    def _attempt(self, who: str, pick: int, verb: Callable[..., Chain], *arguments: Any) -> None:
        self._allowed(lambda: self.desk.do(who, verb, self._seat(pick), *arguments))

    def _allowed(self, work: Callable[[], Any]) -> Any:
        """Do what may be done; what may not be changes nothing, which the invariants see."""
        try:
            return work()
        except Problem:
            return None

    def _seat(self, pick: int) -> Assignment:
        seats = [seat for stage in self._chain().stages for seat in stage.assignments]
        pending = [seat for seat in seats if seat.state == "pending"]
        chosen = pending if pending and pick % 4 else seats
        return chosen[pick % len(chosen)]

    def _holder(self, seat: Assignment) -> str:
        return self.desk.logins[seat.person_id] if seat.person_id else "sec"

    def _chain(self) -> Chain:
        return self.desk.chain(self.chain)


def test_no_path_approves_without_the_needed_yeses_and_none_is_stuck(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    Base.metadata.create_all(database.engine)
    database.dispose()
    ChainMachine.empty = tmp_path / "empty.db"
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    bounds = settings(
        max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=quiet, derandomize=True
    )
    run_state_machine_as_test(ChainMachine, settings=bounds)
