"""Turning the knobs of the slow array while the lab runs, so that nothing has to be started again."""

import time
from pathlib import Path

from lab import balancer, configuration
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
    """Have HAProxy start a worker with the new configuration, and wait until the old one has ended its connections."""
    former = balancer.worker(layout)
    supervisor.signal_process(BALANCER, "USR2")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while balancer.worker(layout) in {former, None} or Path(f"/proc/{former}").exists():
        if time.monotonic() > deadline:
            raise CommandFailed(f"haproxy goes on with its old configuration: see {layout.logs}/haproxy.log")
        time.sleep(0.1)
