"""`python -m tests.chaos.worker_process`: a worker as it is in production, whose wall clock may be wrong."""

import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event

from jinyun import processes
from jinyun.kit import clock
from jinyun.kit.settings import settings

WRONG_BY = "CHAOS_CLOCK_SECONDS"


def main() -> None:
    """Work until the end, which will hardly be a gentle one."""
    _tell_the_database_who_writes(os.environ["JINYUN_WORKER_NAME"])
    _set_clock(timedelta(seconds=float(os.environ[WRONG_BY])))
    processes.work(settings())


def _tell_the_database_who_writes(name: str) -> None:
    @event.listens_for(Engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        if not settings().database_url.startswith("sqlite"):
            with connection.cursor() as cursor:
                cursor.execute("SET @jinyun_worker = %s", (name,))


def _set_clock(wrong_by: timedelta) -> None:
    """Put the wall clock of every room forward; the simulated region keeps its own, as a real one would."""
    right: Callable[[], datetime] = clock.utc_now

    def wrong() -> datetime:
        return right() + wrong_by

    for name, module in list(sys.modules.items()):
        if name.startswith("jinyun.") and not name.startswith("jinyun.providers.") and hasattr(module, "utc_now"):
            module.utc_now = wrong  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
