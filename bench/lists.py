"""Pages of lists with 100,000 servers and 1,000,000 audit records, beside the same with 1,000, and beside Nova's.

Each list is leafed through at a steady rate by four readers over HTTP; a page counts from when it was due. Nova lists
what the lab's hypervisors in name hold. Then the home page is opened in Chromium: how much script it loads.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from bench.engines.mariadb import NoMariaDB, make_database, private_server
from bench.installation import serving, signed_in
from bench.listing import peer
from bench.listing.asking import Reader, p95_ms
from bench.listing.filling import fill
from bench.listing.home import NoBrowser, script_kb
from bench.report import Bar, bars_line, table
from bench.site import bring_up
from jinyun.kit.settings import Settings

SMALL, LARGE = 1_000, 100_000
RATE, SECONDS, LIMIT = 30.0, 8.0, 50
NOVA_SERVERS = 300
A_SERVER = "01900000-0000-7000-8000-0000000000FF"
P95_BAR, GROWTH_BAR, SCRIPT_BAR = 50.0, 1.5, 350.0
OPERATOR, OWNER, HEAD, AUDITOR = "zhao.yun", "li.wei", "wang.fang", "qian.min"


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, who reads it, and what he asks for."""

    name: str
    path: str
    reader: str = OPERATOR
    query: Mapping[str, str] = field(default_factory=dict)


LISTS = (
    Listed("servers", "/v1/servers"),
    Listed("servers, by their owner", "/v1/servers", OWNER),
    Listed("servers, by a head of department", "/v1/servers", HEAD),
    Listed("servers of a system", "/v1/servers", query={"project": "system-042"}),
    Listed("servers by name", "/v1/servers", query={"hostname": "web-0005"}),
    Listed("volumes", "/v1/volumes"),
    Listed("orders", "/v1/orders"),
    Listed("orders, by their applicant", "/v1/orders", OWNER),
    Listed("operations", "/v1/operations"),
    Listed("addresses", "/v1/networks/bench/addresses"),
    Listed("hosts", "/v1/hosts"),
    Listed("systems", "/v1/projects"),
    Listed("audit", "/v1/audit/records", AUDITOR),
    Listed("audit of an action", "/v1/audit/records", AUDITOR, {"action": "order.submit"}),
    Listed("audit of a person", "/v1/audit/records", AUDITOR, {"person": "wang.fang"}),
    Listed("audit of a thing", "/v1/audit/records", AUDITOR, {"subject_kind": "server", "subject_id": A_SERVER}),
)


def main() -> int:
    """Run the benchmark; the bars' verdicts are the last line, and the exit status."""
    parser = argparse.ArgumentParser(prog="bench.lists", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for each list (%(default)s)")
    parser.add_argument("--nova-servers", type=int, default=NOVA_SERVERS, help="0 for none (%(default)s)")
    said = parser.parse_args()
    try:
        taken, script = _measure(said.seconds)
        nova = _beside(said.nova_servers, said.seconds)
    except (NoMariaDB, NoBrowser, peer.NovaDidNot) as error:
        print(error, file=sys.stderr)
        return 2
    rows = [(name, small, large, large / small) for name, (small, large) in taken.items()]
    print(table(("p95 in ms of a page of 50", f"{SMALL} servers", f"{LARGE} servers", "growth"), rows))
    bars = [
        Bar("p95_ms", max(large for _small, large in taken.values()), P95_BAR),
        Bar("growth_ratio", max(large / small for small, large in taken.values()), GROWTH_BAR),
        Bar("script_kb", script, SCRIPT_BAR),
        *nova,
    ]
    print(bars_line(bars))
    return 0 if all(bar.holds for bar in bars) else 1


def _measure(seconds: float) -> tuple[dict[str, tuple[float, float]], float]:
    """Return the p95 of each list, with few and with many servers, and the size of the home page's script in kB."""
    with ExitStack() as stack:
        server = stack.enter_context(private_server())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-lists-")))
        ports = [stack.enter_context(_installation(server, folder, size)) for size in (SMALL, LARGE)]
        taken = {}
        for listed in LISTS:
            small, large = (_p95(port[0], listed, seconds) for port in ports)
            print(f"{listed.name}: {small:.1f} ms, {large:.1f} ms", flush=True)
            taken[listed.name] = (small, large)
        return taken, script_kb(ports[0][0], OWNER)


def _installation(server: str, folder: Path, servers: int) -> Any:
    print(f"filling a database with {servers} servers", flush=True)
    name = f"lists_{servers}"
    settings = Settings(database_url=make_database(server, name), key_directory=folder / name)
    fill(settings, servers, OPERATOR, OWNER, HEAD, AUDITOR)
    return serving(settings, folder / f"{name}.log")


def _p95(port: int, listed: Listed, seconds: float) -> float:
    query = {"limit": str(LIMIT), **listed.query}
    reader = partial(Reader, port, listed.path, signed_in(port, listed.reader), query, _following)
    return p95_ms(reader, RATE, seconds)


def _following(page: Any) -> Mapping[str, str] | None:
    return {"after": page["next"]} if page["next"] else None


def _beside(servers: int, seconds: float) -> list[Bar]:
    if not servers:
        return []
    bring_up()
    count, p95 = peer.page_p95_ms(servers, LIMIT, RATE, seconds)
    return [Bar("nova_servers", count), Bar("nova_p95_ms", p95)]


if __name__ == "__main__":
    sys.exit(main())
