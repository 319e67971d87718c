"""Forty volumes of a slow array, attached all at once, then detached all at once: Jinyun, and a script of 2017.

The array takes three seconds for each volume and one volume at a time; the load balancer before Cinder gives up after
twenty. Both clients get servers and volumes of their own beforehand. What came of it is asked of everybody who keeps
records, and of the servers from within.
"""

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

from bench.guest import make_key
from bench.report import Bar, bars_line, table
from bench.site import bring_up
from bench.storm.census import Census, Findings
from bench.storm.naive import NaiveClient
from bench.storm.ours import JinyunClient
from bench.storm.plan import ARRAY_SECONDS, DOOR_TIMEOUT, VOLUMES, Client, Course, plan
from jinyun.kit.ids import new_id
from lab import balancer, knobs
from lab.array import Array
from lab.layout import Layout

RATIO_BAR = 1.15
CINDER = "cinder"
ATTACH, DETACH = "attach", "detach"
QUIET_SECONDS, DRAIN_SECONDS = 8.0, 240.0
HEADER = (
    *("client", "verb", "wanted", "done", "failed", "stuck", "orphaned", "mapped for nobody", "mapped twice"),
    *("maps", "unmaps", "5xx", "seconds", "ratio"),
)
IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass(frozen=True, slots=True)
class Half:
    """One half of the storm, as it came out: everything attached, or what was attached detached."""

    verb: str
    wanted: frozenset[str]
    course: Course
    findings: Findings
    failures: int
    """Answers from 500 on that Cinder's door gave."""

    @property
    def done(self) -> int:
        """Volumes that are as they were wanted."""
        return len(self.wanted & (self.findings.on if self.verb == ATTACH else self.findings.off))

    @property
    def failed(self) -> int:
        """Volumes that are, cleanly, as they were before."""
        return len(self.wanted & (self.findings.off if self.verb == ATTACH else self.findings.on))

    @property
    def stuck(self) -> int:
        """Volumes that are neither."""
        return len(self.wanted & self.findings.stuck)

    @property
    def ratio(self) -> float | None:
        """How long it took against the array's own time; None where nothing was wanted of it."""
        return self.course.seconds / (len(self.wanted) * ARRAY_SECONDS) if self.wanted else None


class Storm:
    """The lab's array, and whoever comes to it."""

    def __init__(self, layout: Layout, key: Path) -> None:
        self._layout, self._array = layout, Array.of(layout)
        self._census = Census(layout.clouds, self._array, key)

    def ride(self, client: Client) -> tuple[Half, Half]:
        """Let a client attach and detach everything; afterwards the array is quiet and all is removed."""
        try:
            with_time(f"{client.name}: servers and volumes", client.prepare)
            knobs.turn(self._layout, seconds=ARRAY_SECONDS, door_timeout=DOOR_TIMEOUT)
            everything = frozenset(pair.volume for pair in client.plan.pairs)
            attach = self._half(client, ATTACH, everything, client.attach)
            return attach, self._half(client, DETACH, frozenset(attach.findings.on), client.detach)
        finally:
            knobs.turn(self._layout, off=True)
            with_time(f"{client.name}: the array comes to rest", self._drain)
            with_time(f"{client.name}: cleaning up", client.remove)

    def _half(self, client: Client, verb: str, wanted: frozenset[str], act: Callable[[], Course]) -> Half:
        began, failures = time.time(), balancer.failures(self._layout, CINDER)
        course = act()
        findings = self._census.take(client, began)
        half = Half(verb, wanted, course, findings, balancer.failures(self._layout, CINDER) - failures)
        _tell(client, half)
        return half

    def _drain(self) -> None:
        """A quick array works off whatever the storm left in its queue."""
        if not self._array.await_quiet(QUIET_SECONDS, DRAIN_SECONDS):
            print(f"the array is still busy after {DRAIN_SECONDS:.0f} s", flush=True)


def main() -> int:
    """Run the benchmark; the bars' verdict is the last line, and the exit status."""
    parser = argparse.ArgumentParser(prog="bench.attach_storm", description=__doc__)
    parser.add_argument("--only", choices=("jinyun", "openstacksdk"), help="let one of the two come alone")
    only = parser.parse_args().only
    layout, site = Layout.here(), bring_up()
    key = make_key(layout.data / "bench-key")
    storm, series = Storm(layout, key), f"storm-{new_id()[-8:]}"
    halves: dict[str, tuple[Half, Half]] = {}
    if only != NaiveClient.name:
        halves[JinyunClient.name] = storm.ride(JinyunClient(site, key, plan(f"{series}-a")))
    if only != JinyunClient.name:
        halves[NaiveClient.name] = storm.ride(NaiveClient(layout.clouds, key, plan(f"{series}-b")))
    print(table(HEADER, [_row(name, half) for name, both in halves.items() for half in both]))
    bars = [bar for name, both in halves.items() for bar in (_bars(*both) if name == "jinyun" else _figures(*both))]
    print(bars_line(bars))
    return 0 if all(bar.holds for bar in bars) else 1


def with_time(what: str, act: Callable[[], None]) -> None:
    """Do something that is not measured, and say how long it took."""
    began = time.monotonic()
    act()
    print(f"{what}: {time.monotonic() - began:.0f} s", flush=True)


def _bars(attach: Half, detach: Half) -> Sequence[Bar]:
    both = (attach, detach)
    return [
        Bar("attached", attach.done, VOLUMES, at_least=True),
        Bar("detached", detach.done, VOLUMES, at_least=True),
        Bar("stuck", sum(len(half.findings.stuck) for half in both), 0),
        Bar("orphaned", sum(half.findings.orphaned + half.findings.mapped_unused for half in both), 0),
        Bar("mapped_twice", sum(half.findings.mapped_twice for half in both), 0),
        Bar("makespan_ratio", max(half.ratio or inf for half in both), RATIO_BAR),
    ]


def _figures(attach: Half, detach: Half) -> Sequence[Bar]:
    return [
        Bar("naive_attached", attach.done),
        Bar("naive_detached", detach.done),
        Bar("naive_stuck", attach.stuck),
        Bar("naive_orphaned", detach.findings.orphaned),
    ]


def _row(name: str, half: Half) -> tuple[str | float | None, ...]:
    found = half.findings
    counts = (len(half.wanted), half.done, half.failed, half.stuck, found.orphaned, found.mapped_unused)
    more = (found.mapped_twice, found.maps, found.unmaps, half.failures)
    return (name, half.verb, *map(str, (*counts, *more)), half.course.seconds, half.ratio)


def _tell(client: Client, half: Half) -> None:
    """Show at once how a half came out, and what was said of what went wrong."""
    print(f"{client.name}: {half.verb} {half.done} of {len(half.wanted)} in {half.course.seconds:.1f} s", flush=True)
    said = Counter(IDENTIFIER.sub("…", complaint)[:160] for complaint in half.course.complaints)
    for words, count in [*said.most_common(5), *Counter(half.findings.details).most_common(5)]:
        print(f"  {count} × {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
