"""What HAProxy says of itself through its control socket."""

import csv
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.layout import Layout


def control_of(layout: Layout) -> Path:
    """Where HAProxy's control socket is."""
    return layout.run / "haproxy.sock"


def worker(layout: Layout) -> str | None:
    """The process id of the worker that answers now; None where none does at this moment."""
    lines = _ask(layout, "show info").splitlines()
    return next((line.removeprefix("Pid: ") for line in lines if line.startswith("Pid: ")), None)


def failures(layout: Layout, door: str) -> int:
    """How many requests through a door got an answer from 500 on since the worker began, HAProxy's own included."""
    rows = csv.DictReader(_ask(layout, "show stat").removeprefix("# ").splitlines())
    return sum(int(row["hrsp_5xx"] or 0) for row in rows if (row["pxname"], row["svname"]) == (door, "FRONTEND"))


@contextmanager
def closed(layout: Layout, door: str, service: str) -> Iterator[None]:
    """Close a door to those outside for a while; services inside that go past it work on."""
    name = f"{door}/{service}"
    _ask(layout, f"disable server {name}; shutdown sessions server {name}")
    try:
        yield
    finally:
        _ask(layout, f"enable server {name}")


def _ask(layout: Layout, question: str) -> str:
    """HAProxy's answer; empty where it does not answer."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(str(control_of(layout)))
            client.sendall(f"{question}\n".encode())
            return client.makefile().read()
    except OSError:
        return ""
