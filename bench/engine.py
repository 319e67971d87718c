"""What our engine costs beside a bare thread pool, and beside what others built for the same purpose.

All do the same work: 200 operations of six calls, of which one is admitted to its backend two at a time, on 32
threads. Each run is a process of its own, and the contenders take turns. Then, of our engine alone: what ten thousand
sleepers cost, whether a long history slows it down, and whether a saturated lane is shared as the weights say.
"""

import json
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.engines.environment import our_python, peers_python, run
from bench.engines.mariadb import NoMariaDB, make_database, private_server
from bench.engines.workload import OPERATIONS, THREADS, Cost
from bench.report import Bar, bars_line, table

ROUNDS = 5
TASKFLOW_ROUNDS = 1
"""One of its rounds takes longer than five of all the others."""
SLEEPERS = 10_000
HISTORY = 100_000
TURNS = 120
BARE, SQLITE, MARIADB, TASKFLOW, DBOS = "bare pool", "jinyun sqlite", "jinyun mariadb", "taskflow", "dbos sqlite"


@dataclass(frozen=True, slots=True)
class Contender:
    """One way of doing the work."""

    name: str
    python: Path
    module: str
    database: Callable[[str], str] | None = None
    """Makes an empty database of that name and returns its address."""
    rounds: int = ROUNDS

    def go(self, round_number: int) -> Cost:
        """Do all of the work once, on a database of its own."""
        name = f"{self.module}_{round_number}"
        addresses = [] if self.database is None else [self.database(name)]
        return Cost(**json.loads(run(self.python, self.module, str(OPERATIONS), *addresses)))


def main() -> int:
    """Run the benchmark; the bars' verdicts are the last line, and the exit status."""
    try:
        with tempfile.TemporaryDirectory(prefix="bench-engine-") as folder, private_server() as mariadb:
            bars = _measure(lambda name: _make_sqlite(Path(folder), name), lambda name: make_database(mariadb, name))
    except NoMariaDB as error:
        print(error, file=sys.stderr)
        return 2
    print(bars_line(bars))
    return 0 if all(bar.holds for bar in bars) else 1


def _measure(sqlite: Callable[[str], str], mariadb: Callable[[str], str]) -> list[Bar]:
    ours, peers = our_python(), peers_python()
    print(f"{OPERATIONS} operations on {THREADS} threads, medians of {ROUNDS} rounds", flush=True)
    costs = _take_turns(
        Contender(BARE, ours, "bare"),
        Contender(SQLITE, ours, "jinyun", sqlite),
        Contender(MARIADB, ours, "jinyun", mariadb),
        Contender(DBOS, peers, "dbos_peer", sqlite),
        Contender(TASKFLOW, peers, "taskflow_peer", sqlite, TASKFLOW_ROUNDS),
    )
    ratios = _show(costs)
    cpu = max(median(cost.cpu_ms_a_step for cost in costs[name]) for name in (SQLITE, MARIADB))
    asleep = _alone("asleep", SLEEPERS, mariadb("asleep"))
    history = _alone("history", HISTORY, mariadb("history_without"), mariadb("history_with"))
    fairness = _alone("fairness", TURNS, mariadb("fairness"))
    return [
        Bar("sqlite_ratio", ratios[SQLITE], 1.25),
        Bar("mariadb_ratio", ratios[MARIADB], 1.4),
        Bar("cpu_ms_a_step", cpu, 3.0),
        Bar("asleep_core_percent", asleep["core_percent"], 3.0),
        Bar("asleep_mb", asleep["megabytes"], 200.0),
        Bar("claim_ratio", history["ratio"], 1.1),
        Bar("fairness_error_percent", fairness["error_percent"], 10.0),
        Bar("longest_wait_ratio", fairness["wait_ratio"], 2.0),
    ]


def _take_turns(*contenders: Contender) -> dict[str, list[Cost]]:
    """Run all contenders in turn; who begins changes from round to round."""
    costs: dict[str, list[Cost]] = {contender.name: [] for contender in contenders}
    for number in range(ROUNDS):
        first = number % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            if number < contender.rounds:
                cost = contender.go(number)
                costs[contender.name].append(cost)
                print(f"{number + 1}  {contender.name}: {cost.seconds:.2f} s", flush=True)
    return costs


def _show(costs: Mapping[str, Sequence[Cost]]) -> dict[str, float]:
    """Print the table; return each contender's median as a multiple of the bare pool's."""
    medians = {name: median(cost.seconds for cost in runs) for name, runs in costs.items()}
    ratios = {name: seconds / medians[BARE] for name, seconds in medians.items()}
    rows = [
        (name, medians[name], ratios[name], median(cost.cpu_ms_a_step for cost in runs), str(len(runs)))
        for name, runs in costs.items()
    ]
    print(table(("engine", "seconds", "x bare", "cpu ms a step", "rounds"), rows))
    return ratios


def _alone(module: str, size: int, *addresses: str) -> dict[str, float]:
    """Run one of the measurements of our engine alone, on MariaDB."""
    measured: dict[str, float] = json.loads(run(our_python(), module, str(size), *addresses))
    print(f"{module}: " + ", ".join(f"{name} {value:.2f}" for name, value in measured.items()), flush=True)
    return measured


def _make_sqlite(folder: Path, name: str) -> str:
    """Make an empty database with a write-ahead log, which some of the contenders would not ask for."""
    connection = sqlite3.connect(folder / f"{name}.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return f"sqlite:///{folder}/{name}.db"


if __name__ == "__main__":
    sys.exit(main())
