"""The import of a vCenter: 1,000 and 10,000 machines of vcsim into MariaDB, against plain batched pyVmomi.

The peer asks for the same properties in the same batches and keeps nothing. Both run in processes of their own and take
turns; the median counts. The memory is that of our process above what it had before it spoke to the vCenter. Then a
colleague switches machines of the large vCenter off, one after the other: how long until the database says so. The
simulator tells of changes as a vCenter does, by what changed (lab/vcsim/updates.go): govmomi's own reads everything
anew for each of them, and that would be measured instead.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from pyVmomi import vim
from sqlalchemy import select

from bench.engines.mariadb import NoMariaDB, make_database, private_server
from bench.estates import ours, plain
from bench.report import Bar, bars_line, table
from jinyun.inventory.models import EstateReading, ObservedObject
from jinyun.kit.database import Database
from jinyun.providers.base import Connection
from jinyun.providers.vsphere.collector import refs_of
from jinyun.providers.vsphere.session import VsphereSession
from lab.vcenter import NotBuildable, Simulator, Size

SIZES = {1000: (Size(clusters=4, hosts=8, machines=250), 3), 10_000: (Size(clusters=8, hosts=16, machines=1250), 3)}
"""How large each vCenter is, and how often it is read by both."""
IDENTITY = "5f9f2a52-1a52-4d0c-8a11-000000000001"
PASSWORD = "bench-secret"  # noqa: S105 - of a simulator that lives as long as the benchmark
CHANGES = 40
PATIENCE_SECONDS = 120.0
RATIO_BAR, MEMORY_BAR, UPDATE_BAR = 1.5, 1.3, 2.0
SPAWN = get_context("spawn")


def main() -> int:
    """Run the benchmark; the bars' verdicts are the last line, and the exit status."""
    bars: list[Bar] = []
    memory: dict[int, float] = {}
    rows = []
    try:
        with private_server() as server, tempfile.TemporaryDirectory(prefix="bench-vcenter-") as folder:
            for count, (size, rounds) in SIZES.items():
                vcenter = Simulator(Path(folder) / str(count), size, IDENTITY, PASSWORD)
                vcenter.start()
                try:
                    own, peer, memory[count], task, region_id = _read_in_turns(server, vcenter, count, rounds)
                    rows.append((f"{count} machines", peer, own, memory[count]))
                    bars.append(Bar(f"ratio_{count}", own / peer, RATIO_BAR))
                    if count == max(SIZES):
                        delays = _changes(task, region_id, vcenter)
                finally:
                    vcenter.stop()
    except (NoMariaDB, NotBuildable) as error:
        print(error, file=sys.stderr)
        return 2
    bars.append(Bar("memory_ratio", memory[max(SIZES)] / memory[min(SIZES)], MEMORY_BAR))
    bars.append(Bar("update_p95_s", quantiles(delays, n=20)[-1], UPDATE_BAR))
    print(table(("read into MariaDB", "plain, s", "Jinyun, s", "Jinyun, MiB"), rows))
    print(f"{len(delays)} changes: median {median(delays):.2f} s, most {max(delays):.2f} s")
    print(bars_line(bars))
    return 0 if all(bar.holds for bar in bars) else 1


def _read_in_turns(
    server: str, vcenter: Simulator, count: int, rounds: int
) -> tuple[float, float, float, ours.Task, str]:
    """Return the medians of our seconds, the peer's and our MiB, and what was read last."""
    own, peer, memory = [], [], []
    for number in range(rounds):
        url = make_database(server, f"import_{count}_{number}")
        task = ours.Task(url, vcenter.folder / f"keys-{number}", vcenter.public, vcenter.password)
        region_id = ours.prepare(task)
        found, seconds = _apart(plain.read, vcenter.public, vcenter.password)
        peer.append(seconds)
        if found != count:
            raise RuntimeError(f"the peer read {found} machines instead of {count}")
        seconds, mib = _apart(ours.read, task, region_id)
        own.append(seconds)
        memory.append(mib)
    return median(own), median(peer), median(memory), task, region_id


def _apart(work: Callable[..., None], *arguments: Any) -> Any:
    """Run something in a new process and return what it tells."""
    here, there = SPAWN.Pipe()
    process = SPAWN.Process(target=work, args=(*arguments, there))
    process.start()
    there.close()
    answer = here.recv()
    process.join()
    return answer


def _changes(task: ours.Task, region_id: str, vcenter: Simulator) -> list[float]:
    """Return how long each change took from its end at the vCenter to the database."""
    database = Database(task.database_url)
    began = database.read(lambda session: session.scalars(select(EstateReading.read_at)).one())
    process = SPAWN.Process(target=ours.follow, args=(task, region_id))
    process.start()
    try:
        _until(lambda: database.read(lambda session: session.scalars(select(EstateReading.read_at)).one()) != began)
        session = VsphereSession(Connection("vsphere", vcenter.public, vcenter.password, call_timeout_seconds=60))
        machines = refs_of(session, vim.VirtualMachine)[: CHANGES * 7 : 7]
        return [_change(database, machine) for machine in machines]
    finally:
        process.terminate()
        process.join()
        database.dispose()


def _change(database: Database, machine: Any) -> float:
    task = machine.PowerOff()
    _until(lambda: task.info.state in {"success", "error"})
    done = time.monotonic()
    power = select(ObservedObject.power).where(ObservedObject.external_id == machine._moId)
    _until(lambda: database.read(lambda session: session.scalars(power).one()) == "off")
    return time.monotonic() - done


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
