"""Order approved → SSH answers with the volume attached, beside a plain openstacksdk script on the same cloud.

Both make the same server in turn, and each goes first every other time. Ours is measured from the moment that the
approval is sent; the script from its first request, signed in and with key pair and security group made beforehand.
"""

import argparse
import itertools
import sys
from collections.abc import Mapping, Sequence
from statistics import median

from bench.guest import make_key
from bench.ours import OrderedServer
from bench.plain import PlainScript
from bench.report import Bar, bars_line, table
from bench.site import bring_up
from bench.wanted import LOOK_SECONDS, Deliverer, Delivery
from jinyun.kit.ids import new_id
from lab.layout import Layout

ROUNDS = 7
BAR = 1.10
COLUMNS = (
    "approve",
    "hold",
    "bind",
    "port",
    "volume",
    "server",
    "volume-ready",
    "attach",
    "ready",
    "hand-over",
    "ssh",
    "other",
)


def main() -> int:
    """Run the benchmark; the bar's verdict is the last line, and the exit status."""
    parser = argparse.ArgumentParser(prog="bench.delivery", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds that count (%(default)s)")
    count = parser.parse_args().rounds
    site = bring_up()
    key = make_key(Layout.here().data / "bench-key")
    ours, plain = OrderedServer(site, key), PlainScript(Layout.here().clouds, key)
    print(f"order approved → SSH with volume; both look every {LOOK_SECONDS} s; median of {count}", flush=True)
    for deliverer in (ours, plain):
        _once(deliverer)
    rounds = _rounds(ours, plain, count)
    medians = {name: _medians(deliveries) for name, deliveries in rounds.items()}
    print(table(("round", "who", *COLUMNS, "seconds"), _rows(rounds, medians)))
    bar = Bar("ratio", medians[ours.name].seconds / medians[plain.name].seconds, BAR)
    print(bars_line([bar]))
    return 0 if bar.holds else 1


def _rounds(ours: Deliverer, plain: Deliverer, count: int) -> dict[str, list[Delivery]]:
    taken: dict[str, list[Delivery]] = {ours.name: [], plain.name: []}
    for turn in itertools.islice(itertools.cycle(((ours, plain), (plain, ours))), count):
        for deliverer in turn:
            delivery = _once(deliverer)
            taken[deliverer.name].append(delivery)
            print(f"{deliverer.name}: {delivery.seconds:.2f} s", flush=True)
    return taken


def _once(deliverer: Deliverer) -> Delivery:
    """Deliver one server and take it away again."""
    deliverer.prepare(f"bench-{new_id()[-12:]}")
    try:
        delivery = deliverer.deliver()
    finally:
        deliverer.remove()
    other = delivery.seconds - sum(delivery.steps.values())
    return Delivery(delivery.seconds, {**delivery.steps, "other": other})


def _medians(deliveries: Sequence[Delivery]) -> Delivery:
    names = {name for delivery in deliveries for name in delivery.steps}
    steps = {name: median(delivery.steps.get(name, 0.0) for delivery in deliveries) for name in names}
    return Delivery(median(delivery.seconds for delivery in deliveries), steps)


def _rows(
    rounds: Mapping[str, Sequence[Delivery]], medians: Mapping[str, Delivery]
) -> list[tuple[str | float | None, ...]]:
    numbered = [
        (str(number), name, delivery)
        for number, turn in enumerate(zip(*rounds.values(), strict=True), start=1)
        for name, delivery in zip(rounds, turn, strict=True)
    ]
    summed = [("median", name, delivery) for name, delivery in medians.items()]
    return [_row(*each) for each in [*numbered, *summed]]


def _row(number: str, name: str, delivery: Delivery) -> tuple[str | float | None, ...]:
    return (number, name, *(delivery.steps.get(column) for column in COLUMNS), delivery.seconds)


if __name__ == "__main__":
    sys.exit(main())
