"""Whether projects get a saturated lane in proportion to their weights, and how long the unluckiest one waits."""

import json
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.engines.jinyun import TITLE, opened, working
from bench.engines.workload import WrongWork, operations_wanted
from jinyun.kit.actor import PLATFORM
from jinyun.kit.database import Database, database_now
from jinyun.kit.ids import new_id
from jinyun.operations import lanes, service
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done
from jinyun.operations.models import Lane, LaneGrant

WEIGHTS = (1.0, 1.0, 4.0)
"""The heaviest project is the last to come and the first whose queue is empty."""
PLACES = 2
LANE = "array/fair"
CALL_SECONDS = 0.05


@dataclass(slots=True)
class Turns:
    """Who was let in, and when."""

    each: int
    """How many operations each project has."""
    finished: threading.Event = field(default_factory=threading.Event)
    """The first project has nothing left in the queue."""
    _granted: list[tuple[datetime, int]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, step: StepContext) -> Outcome:
        """Be in the lane for a moment."""
        place = select(LaneGrant.granted_at).where(LaneGrant.operation_id == step.operation_id)
        granted_at = step.read(lambda session: session.scalars(place).one())
        if granted_at is None:
            raise WrongWork("called without a place in the lane")
        with self._lock:
            self._granted.append((granted_at, step.parameters["project"]))
        time.sleep(CALL_SECONDS)
        if [project for _, project in self._granted].count(step.parameters["project"]) == self.each:
            self.finished.set()
        return done()

    def while_all_waited(self) -> list[int]:
        """Return the projects in the order of their turns, as long as each of them had something in the queue."""
        order = [project for _, project in sorted(self._granted, key=lambda turn: turn[0])]
        last = (_nth(order, project, self.each) for project in range(len(WEIGHTS)))
        return order[: min(position for position in last if position is not None)]


def main() -> None:
    """Let three projects queue, open the lane, and print how far from fair it was."""
    each = operations_wanted()
    turns = Turns(each)
    step = Step("turn", turns.take, TITLE, lane=lambda _parameters, _key: LANE)
    kind = type("Turn", (Operation,), {"kind": "turn", "title": TITLE, "steps": (step,)})
    with opened(sys.argv[2]) as database:
        database.write(_close_lane)
        for project in range(len(WEIGHTS)):
            database.write(partial(_start_all, kind=kind, project=project, count=each))
        with working(database, kind):
            while _queued(database) < each * len(WEIGHTS):
                time.sleep(0.2)
            database.write(lambda session: lanes.admit(session, LANE, database_now(session), freed=PLACES))
            turns.finished.wait()
    order = turns.while_all_waited()
    print(json.dumps({"error_percent": error_percent(order), "wait_ratio": longest_wait_ratio(order)}))


def error_percent(order: Sequence[int]) -> float:
    """Return by how many percent the worst-served project's turns differ from its share."""
    fair = [len(order) * weight / sum(WEIGHTS) for weight in WEIGHTS]
    return max(100 * abs(order.count(project) / due - 1) for project, due in enumerate(fair))


def longest_wait_ratio(order: Sequence[int]) -> float:
    """Return how long the first in a project's queue waited at most, as a multiple of the wait at its exact share.

    Waits are counted in turns, so that a busy machine cannot change them.
    """
    ratios = []
    for project, weight in enumerate(WEIGHTS):
        turns = [0, *(position for position, turn in enumerate(order, start=1) if turn == project), len(order)]
        longest = max(later - earlier for earlier, later in pairwise(turns))
        ratios.append(longest * weight / sum(WEIGHTS))
    return max(ratios)


def _nth(order: Sequence[int], project: int, count: int) -> int | None:
    positions = [position for position, turn in enumerate(order, start=1) if turn == project]
    return positions[count - 1] if len(positions) >= count else None


def _close_lane(session: Session) -> None:
    """Make the lane with all of its places taken."""
    session.add(Lane(name=LANE, ceiling=PLACES, allowance=float(PLACES), in_use=PLACES, shares={}))


def _start_all(session: Session, kind: type[Operation], project: int, count: int) -> None:
    project_id = new_id()
    for _ in range(count):
        parameters = {"project": project}
        service.start(
            session,
            PLATFORM,
            kind,
            parameters=parameters,
            subjects=[],
            project_id=project_id,
            weight=WEIGHTS[project],
        )


def _queued(database: Database) -> int:
    return database.read(lambda session: session.scalar(select(func.count()).select_from(LaneGrant)) or 0)


if __name__ == "__main__":
    main()
