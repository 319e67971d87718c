"""What ten thousand sleeping operations cost the worker that put them to sleep: processor time and memory."""

import json
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.engines.jinyun import TITLE, opened, start, working
from bench.engines.workload import WrongWork, operations_wanted
from jinyun.kit.clock import utc_now
from jinyun.kit.database import NOW, Database
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, wait
from jinyun.operations.models import OperationRow

NAP_SECONDS = 3600.0
LEAST_NAP = timedelta(minutes=10)
WINDOW_SECONDS = 60.0
BATCH = 100


def fall_asleep(_step: StepContext) -> Outcome:
    """Wait for something that takes long."""
    return wait(NAP_SECONDS, progress=TITLE)


class Sleeper(Operation):
    """An operation whose backend is at work for an hour."""

    kind = "sleeper"
    title = TITLE
    steps = (Step("sleep", fall_asleep, TITLE),)


def main() -> None:
    """Put them to sleep, look on, and print what they cost."""
    operations = operations_wanted()
    with opened(sys.argv[2]) as database, working(database, Sleeper):
        for first in range(0, operations, BATCH):
            database.write(partial(_start_some, numbers=range(first, min(first + BATCH, operations))))
        while _awake(database):
            time.sleep(1.0)
        began, cpu_began = time.monotonic(), time.process_time()
        time.sleep(WINDOW_SECONDS)
        seconds, cpu_seconds = time.monotonic() - began, time.process_time() - cpu_began
        if _waking_soon(database):
            raise WrongWork("they would have woken too soon")
    print(json.dumps({"core_percent": 100 * cpu_seconds / seconds, "megabytes": _resident_megabytes()}))


def _start_some(session: Session, numbers: range) -> None:
    for number in numbers:
        start(session, Sleeper, number)


def _awake(database: Database) -> int:
    awake = select(func.count()).select_from(OperationRow).where(OperationRow.wake_at <= NOW)
    leased = select(func.count()).select_from(OperationRow).where(OperationRow.worker_id.is_not(None))
    return database.read(lambda session: (session.scalar(awake) or 0) + (session.scalar(leased) or 0))


def _waking_soon(database: Database) -> int:
    soon = select(func.count()).select_from(OperationRow).where(OperationRow.wake_at < utc_now() + LEAST_NAP)
    return database.read(lambda session: session.scalar(soon) or 0)


def _resident_megabytes() -> float:
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024


if __name__ == "__main__":
    main()
