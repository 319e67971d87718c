"""Whether a hundred thousand finished operations slow down claiming and running new ones.

The same few operations are claimed and run in turn on an empty database and on one with a history.
"""

import json
import sys
import time
from functools import partial
from pathlib import Path
from statistics import median

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.engines.jinyun import TITLE, opened, start
from bench.engines.workload import STEPS, operations_wanted
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.ids import new_id
from jinyun.kit.settings import Settings
from jinyun.operations import states
from jinyun.operations.claims import LeaseKeeper, claim
from jinyun.operations.definition import Operation, Outcome, Recipes, Step, StepContext, done, handler
from jinyun.operations.models import OperationRow, OperationStep
from jinyun.operations.runner import Runner

ROUNDS = 25
A_ROUND = 10
BATCH = 500


def do(_step: StepContext) -> Outcome:
    """Finish at once: only the engine is measured."""
    return done()


class Quick(Operation):
    """As many steps as the others, none of which takes time."""

    kind = "quick"
    title = TITLE
    steps = tuple(Step(name, do, TITLE) for name in STEPS)


def main() -> None:
    """Write the history, run in turn, and print the ratio of the medians."""
    finished = operations_wanted()
    with opened(sys.argv[2]) as without, opened(sys.argv[3]) as with_history:
        for _ in range(0, finished, BATCH):
            with_history.write(_write_history)
        databases = (without, with_history)
        for database in databases:
            _claim_and_run(database)
        rounds = [[_claim_and_run(database) for database in databases] for _ in range(ROUNDS)]
    empty, full = (median(column) for column in zip(*rounds, strict=True))
    print(json.dumps({"ratio": full / empty, "ms_without": 1000 * empty, "ms_with": 1000 * full}))


def _claim_and_run(database: Database) -> float:
    """Start a few operations; return the seconds that it takes to claim and run one."""
    for number in range(A_ROUND):
        database.write(partial(start, kind=Quick, number=number))
    recipes, settings, worker_id = Recipes(), Settings(key_directory=Path("unused")), new_id()
    recipes.add(Quick)
    keeper = LeaseKeeper(database, worker_id, settings)
    runner = Runner(database, recipes, settings, keeper)
    began = time.monotonic()
    for _ in range(A_ROUND):
        held = claim(database, worker_id, recipes.handlers, 1, settings)
        keeper.hold(held)
        runner.run(held[0])
    return (time.monotonic() - began) / A_ROUND


def _write_history(session: Session) -> None:
    now = utc_now()
    ids = [new_id() for _ in range(BATCH)]
    operation = {
        "kind": Quick.kind,
        "state": states.SUCCEEDED,
        "subject_name": "",
        "parameters": {},
        "requested_login": "bench",
        "position": len(STEPS),
        "handler": handler(Quick.kind, STEPS[-1]),
        "generation": 2,
        "started_at": now,
        "ended_at": now,
    }
    session.execute(insert(OperationRow), [operation | {"id": each} for each in ids])
    steps = [
        {
            "operation_id": each,
            "position": position,
            "name": name,
            "handler": handler(Quick.kind, name),
            "state": states.STEP_DONE,
            "result": {},
            "started_at": now,
            "ended_at": now,
        }
        for each in ids
        for position, name in enumerate(STEPS)
    ]
    session.execute(insert(OperationStep), steps)


if __name__ == "__main__":
    main()
