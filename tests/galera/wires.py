"""Three network namespaces on one bridge: each machine of the cluster has its own address and can be reached by us."""

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.commands import output, run, succeeds

LOCK = Path("/run/jinyun-galera.lock")
BRIDGE = "jygalera"
OURS = "10.231.77.254"
NUMBERS = (1, 2, 3)


def namespace(number: int) -> str:
    """Return the name of a machine's namespace."""
    return f"jygalera-{number}"


def address(number: int) -> str:
    """Return a machine's address."""
    return f"10.231.77.{number}"


@contextmanager
def three_machines() -> Iterator[None]:
    """Lay the wires, and take them away at the end; what an earlier run left over is taken away first.

    Only one run at a time has them: a second one waits for its turn.
    """
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _take_away()
        try:
            _lay()
            yield
        finally:
            _take_away()


def _lay() -> None:
    run("ip", "link", "add", BRIDGE, "type", "bridge")
    run("ip", "address", "add", f"{OURS}/24", "dev", BRIDGE)
    run("ip", "link", "set", BRIDGE, "up")
    for number in NUMBERS:
        name, wire = namespace(number), f"{BRIDGE}{number}"
        run("ip", "netns", "add", name)
        run("ip", "link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "link", "set", wire, "master", BRIDGE, "up")
        run("ip", "-n", name, "address", "add", f"{address(number)}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            run("ip", "-n", name, "link", "set", device, "up")


def _take_away() -> None:
    for number in NUMBERS:
        # The wire first: with its namespace it would vanish too, but at a moment that nobody knows.
        if succeeds("ip", "link", "show", f"{BRIDGE}{number}"):
            run("ip", "link", "delete", f"{BRIDGE}{number}")
        name = namespace(number)
        if Path("/run/netns", name).exists():
            for process in output("ip", "netns", "pids", name).split():
                _kill(int(process))
            run("ip", "netns", "delete", name)
    if succeeds("ip", "link", "show", BRIDGE):
        run("ip", "link", "delete", BRIDGE)


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return
