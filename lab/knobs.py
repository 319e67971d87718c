"""Turning the knobs of the slow array while the lab runs, so that nothing has to be started again."""

import socket
import time
from pathlib import Path

from lab import configuration
from lab.array import Array
from lab.commands import CommandFailed
from lab.layout import Layout
from lab.supervision import Supervisor

BALANCER, BALANCER_CONFIGURATION = "haproxy", "haproxy.cfg"
PATIENCE_SECONDS = 15.0


def turn(layout: Layout, *, off: bool = False, seconds: float | None = None, door_timeout: str | None = None) -> None:
    """Set what is given, or set all back (`off`), and have the load balancer know it at once.

    Raises:
        InvalidKnob: a knob cannot be turned so.
        CommandFailed: the load balancer did not take its new configuration up.
    """
    array = Array.of(layout)
    if off:
        array.switch_off()
    if seconds is not None:
        array.slow_down(seconds)
    if door_timeout is not None:
        array.set_door_timeout(door_timeout)
    supervisor = Supervisor(layout)
    if configuration.render_one(layout, BALANCER_CONFIGURATION) and supervisor.pid is not None:
        _reload_balancer(layout, supervisor)


def _reload_balancer(layout: Layout, supervisor: Supervisor) -> None:
    """Have HAProxy start a worker with the new configuration; the old one ends its connections first."""
    control = layout.run / "haproxy.sock"
    former = _worker(control)
    supervisor.signal_process(BALANCER, "USR2")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _worker(control) in {former, None}:
        if time.monotonic() > deadline:
            raise CommandFailed(f"haproxy goes on with its old configuration: see {layout.logs}/haproxy.log")
        time.sleep(0.1)


def _worker(control: Path) -> str | None:
    """The process id of the worker that answers now; None where none does at this moment."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(control))
            client.sendall(b"show info\n")
            answer = client.makefile().read()
    except OSError:
        return None
    return next((line for line in answer.splitlines() if line.startswith("Pid:")), None)
