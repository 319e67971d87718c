"""Jinyun itself, as in production: API nodes and workers behind the load balancer, its database beside OpenStack's."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from jinyun.kit.vault import AUDIT, REQUESTS, SECRETS, create_keys
from lab.commands import run
from lab.layout import Layout
from lab.readiness import answers, running
from lab.service import Door, Entry, Job, Service

GROUP = "jinyun"

API = Door(name="jinyun", port=8800, timeout="1h", health="/v1/health", once_header="Idempotency-Key")
API_PORTS = (8801, 8802)
WORKERS = 2
CONFIG = "jinyun.toml"
PROGRAM = Path(sys.prefix) / "bin" / "jinyun"


def entries(layout: Layout) -> tuple[Entry, ...]:
    """Two API nodes and two workers."""
    return (
        Job(name="jinyun-keys", group=GROUP, run=lambda: _create_keys(layout)),
        Job(
            name="jinyun-database",
            group=GROUP,
            needs=("mariadb", "haproxy"),
            run=lambda: run(PROGRAM, "db", "upgrade", environment=environment(layout)),
        ),
        *_api_nodes(layout),
        *_workers(layout),
    )


def environment(layout: Layout) -> dict[str, str]:
    """Variables for a process of Jinyun that holds all keys."""
    return {"JINYUN_CONFIG": f"{layout.conf}/{CONFIG}", "JINYUN_KEY_DIRECTORY": str(key_directory(layout))}


def key_directory(layout: Layout) -> Path:
    """Where workers and operators find both halves of the keys."""
    return layout.state / "jinyun" / "keys"


def _api_nodes(layout: Layout) -> Iterator[Entry]:
    for number, port in enumerate(API_PORTS, start=1):
        yield Service(
            name=f"jinyun-api-{number}",
            group=GROUP,
            command=f"{PROGRAM} serve",
            needs=("jinyun-database", "jinyun-keys", "sign-on-secret"),
            door=API,
            port=port,
            ready=answers(port, "/v1/health", namespaced=False),
            environment=environment(layout)
            | {"JINYUN_LISTEN_PORT": str(port), "JINYUN_KEY_DIRECTORY": str(_api_keys(layout))},
            config=(CONFIG,),
            namespaced=False,
            stop_seconds=25,
        )


def _workers(layout: Layout) -> Iterator[Entry]:
    for number in range(1, WORKERS + 1):
        yield Service(
            name=f"jinyun-worker-{number}",
            group=GROUP,
            command=f"{PROGRAM} worker",
            needs=("jinyun-database", "jinyun-keys", "slapd"),
            ready=running(),
            environment=environment(layout) | {"JINYUN_WORKER_NAME": f"worker-{number}"},
            config=(CONFIG,),
            namespaced=False,
            stop_seconds=25,
        )


def _create_keys(layout: Layout) -> None:
    """Make the keys; API nodes get no private half, so that they can open no provider's secret."""
    create_keys(key_directory(layout))
    _api_keys(layout).mkdir(parents=True, exist_ok=True)
    for name in (f"{SECRETS}.public", f"{AUDIT}.public", REQUESTS):
        shutil.copy(key_directory(layout) / name, _api_keys(layout))


def _api_keys(layout: Layout) -> Path:
    return layout.state / "jinyun" / "api-keys"
