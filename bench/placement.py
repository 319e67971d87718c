"""Where the next server goes, decided and held: Jinyun's orders beside OpenStack Placement, with 10,000 hosts.

Both have the same hosts with the same load, on one private MariaDB, and as many processes. A decision of ours is an
order submitted over HTTP: checked, placed, held with quota and address, its approvers asked, all of it committed. A
decision of Placement's is what Nova asks of it: candidates, then an allocation of one. The sides take turns.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.engines.mariadb import NoMariaDB, private_server
from bench.placing import ours, peer
from bench.placing.clients import Asked, all_at_once
from bench.placing.hosts import SIZES
from bench.report import Bar, bars_line, table
from jinyun.capacity.measure import measure
from jinyun.capacity.placement import choose
from jinyun.capacity.request import PlacementRequest
from jinyun.capacity.rooms import PoolRoom
from jinyun.kit.database import Database
from jinyun.organisation.models import Project

CLIENTS, SECONDS, ROUNDS = 2, 20.0, 3
PURE_DECISIONS = 1000
RATE_RATIO, P99_MS, DECISION_P99_MS = 5.0, 50.0, 20.0


def main() -> int:
    """Run the benchmark; the bars' verdicts are the last line, and the exit status."""
    parser = argparse.ArgumentParser(prog="bench.placement", description=__doc__)
    parser.add_argument("--clients", type=int, default=CLIENTS, help="who ask at once (%(default)s)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of each side (%(default)s)")
    said = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-placement-") as folder, private_server() as server:
            bars = _measure(server, Path(folder), said.clients, said.seconds, said.rounds)
    except (NoMariaDB, peer.NoPlacement) as error:
        print(error, file=sys.stderr)
        return 2
    print(bars_line(bars))
    return 0 if all(bar.holds for bar in bars) else 1


def _measure(server: str, folder: Path, clients: int, seconds: float, rounds: int) -> list[Bar]:
    with ours.installation(server, folder) as (database, ports), peer.placement(server, folder) as port:
        sides = {"jinyun": partial(ours.decide, ports), "placement": partial(peer.decide, port)}
        taken: dict[str, list[list[Asked]]] = {name: [] for name in sides}
        for _ in range(rounds):
            for name, decide in sides.items():
                taken[name].append(all_at_once(decide, clients, seconds))
                print(f"{name}: {_rate(taken[name][-1]):.1f} decisions/s", flush=True)
        print(table(("side", "round", "decisions/s", "median ms", "p99 ms"), _rows(taken)))
        print(f"{ours.check_sums(database)} holds, sums are right")
        pure = _pure_decisions(database)
        rates = {name: median(_rate(each) for each in of_side) for name, of_side in taken.items()}
        return [
            Bar("rate_ratio", rates["jinyun"] / rates["placement"], RATE_RATIO, at_least=True),
            Bar("p99_ms", _p99([seconds for each in taken["jinyun"] for seconds in _seconds(each)]), P99_MS),
            Bar("decision_p99_ms", _p99(pure), DECISION_P99_MS),
        ]


def _pure_decisions(database: Database) -> list[float]:
    """Return the seconds of decisions in this process, over figures that it has."""

    def read(session: Session) -> tuple[list[PoolRoom], Project]:
        return measure(session), session.scalars(select(Project).where(Project.code == ours.PROJECT)).one()

    rooms, project = database.read(read)
    dice = random.Random(1)
    taken = []
    for _ in range(PURE_DECISIONS):
        vcpus, memory, disk = dice.choice(list(SIZES.values()))
        request = PlacementRequest(project, vcpus=vcpus, memory_mib=memory, disk_gib=disk)
        begin = time.perf_counter()
        choose(rooms, request)
        taken.append(time.perf_counter() - begin)
    return taken


def _rows(taken: dict[str, list[list[Asked]]]) -> list[tuple[str | float | None, ...]]:
    return [
        (name, str(number), _rate(each), median(_seconds(each)) * 1000, _p99(_seconds(each)))
        for name, of_side in taken.items()
        for number, each in enumerate(of_side, start=1)
    ]


def _rate(clients: Sequence[Asked]) -> float:
    return sum(len(asked.seconds) / asked.elapsed for asked in clients)


def _seconds(clients: Sequence[Asked]) -> list[float]:
    return [seconds for asked in clients for seconds in asked.seconds]


def _p99(seconds: Sequence[float]) -> float:
    """Return what 99 of 100 took at most, in milliseconds."""
    return quantiles(seconds, n=100)[98] * 1000 if len(seconds) > 1 else seconds[0] * 1000


if __name__ == "__main__":
    sys.exit(main())
