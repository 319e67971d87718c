"""Time that passes only when everybody waits: hours of backoff in milliseconds."""

import sys
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from jinyun.kit import clock
from jinyun.kit.ids import new_id
from jinyun.operations import states
from jinyun.operations.claims import Claim, LeaseKeeper, claim
from jinyun.operations.definition import Recipes
from jinyun.operations.models import OperationRow
from jinyun.operations.runner import Runner
from jinyun.providers.simulated import calls
from tests.estate import Estate

MOST_TURNS = 3000
TICK = timedelta(microseconds=10)
AT_REST = states.ENDED | {states.NEEDS_OPERATOR}


class VirtualTime:
    """One clock for the rooms, the database and the simulated region."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._now = clock.utc_now()
        real = clock.utc_now
        for name, module in list(sys.modules.items()):
            if name.startswith("jinyun.") and getattr(module, "utc_now", None) is real:
                monkeypatch.setattr(module, "utc_now", self.now)
        monkeypatch.setattr(calls, "time", SimpleNamespace(sleep=self.pass_seconds))

    def now(self) -> datetime:
        """Return what time it is; a look at the clock takes a moment."""
        self._now += TICK
        return self._now

    def pass_seconds(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self._now += timedelta(seconds=seconds)

    def pass_until(self, moment: datetime) -> None:
        """Let time pass until then."""
        self._now = max(moment, self._now) + TICK


class Turns:
    """One worker that does one turn of one operation at a time."""

    def __init__(self, estate: Estate, recipes: Recipes, time: VirtualTime) -> None:
        self._estate, self._recipes, self.time = estate, recipes, time

    def one(self, operation_id: str) -> str:
        """Let time pass until the operation is due, do its next turn, and return its state."""
        row = self.row(operation_id)
        if row.state in AT_REST:
            return row.state
        if row.wake_at is not None:
            self.time.pass_until(row.wake_at)
        keeper, held = self._claimed(operation_id)
        stopping = iter((False, True))
        Runner(self._estate.database, self._recipes, self._estate.settings, keeper).run(held, lambda: next(stopping))
        return self.row(operation_id).state

    def until_at_rest(self, operation_id: str) -> str:
        """Do turns until nothing is left to do, or until an operator is asked; return the state."""
        for _ in range(MOST_TURNS):
            state = self.one(operation_id)
            if state in AT_REST:
                return state
        raise AssertionError(f"{operation_id} never comes to rest: {self.row(operation_id).problem}")

    def row(self, operation_id: str) -> OperationRow:
        """Read the operation."""
        return self._estate.database.read(lambda session: session.get_one(OperationRow, operation_id))

    def _claimed(self, operation_id: str) -> tuple[LeaseKeeper, Claim]:
        database, settings, worker_id = self._estate.database, self._estate.settings, new_id()
        keeper = LeaseKeeper(database, worker_id, settings)
        taken = claim(database, worker_id, self._recipes.handlers, 50, settings)
        keeper.hold(taken)
        mine = next(held for held in taken if held.operation_id == operation_id)
        return keeper, mine
