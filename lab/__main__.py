"""The command line: bin/lab."""

import os
import sys
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from lab import catalogue, host, knobs, lifecycle, orchestration
from lab.array import Array, InvalidKnob
from lab.catalogue.openstack import CINDER
from lab.commands import CommandFailed
from lab.host import Refused
from lab.layout import Layout
from lab.progress import Progress
from lab.readiness import total_memory
from lab.service import UnknownName, closure
from lab.supervision import Supervisor
from lab.vcenter import NotBuildable

app = typer.Typer(
    help="A real data centre on one machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Name = Annotated[str, typer.Argument(help="A service; `status` lists them.")]


@app.command()
def up(
    group: Annotated[list[str] | None, typer.Option(help="Start this group and what it needs, nothing else.")] = None,
    with_: Annotated[list[str] | None, typer.Option("--with", help="Start this group as well.")] = None,
) -> None:
    """Install what is missing, start everything, repair what has died."""
    groups = tuple(group) if group else catalogue.DEFAULT_GROUPS
    layout = Layout.here()
    with host.alone(layout):
        lifecycle.up(layout, (*groups, *(with_ or ())), Progress())


@app.command()
def status() -> None:
    """Show every service: state, process, memory, time since its start, ports."""
    layout = Layout.here()
    processes = Supervisor(layout).processes()
    table = Table("service", "group", "state", "process", "MiB", "door", box=None)
    total = 0
    for service in catalogue.services(layout).values():
        process = processes.get(service.name)
        pid = process.pid if process and process.is_running else 0
        memory = total_memory(pid) if pid else 0
        total += memory
        state = process.state.lower() if process else "down"
        door = str(service.door.port) if service.door else ""
        table.add_row(service.name, service.group, state, str(pid or ""), f"{memory >> 20 or ''}", door)
    Console().print(table)
    Console().print(f"{total / 2**30:.1f} GiB in all; data in {layout}")


@app.command()
def logs(
    name: Name, follow: Annotated[bool, typer.Option("-f", "--follow", help="Keep showing what comes.")] = False
) -> None:
    """Show the end of a service's log."""
    layout = Layout.here()
    known = catalogue.services(layout)
    if name not in known:
        raise UnknownName(f"no service is called {name}; there are: {', '.join(known)}")
    options = ("--follow=name", "--retry") if follow else ()
    os.execvp("tail", ["tail", "--lines=100", *options, str(layout.logs / f"{name}.log")])  # noqa: S606


@app.command()
def restart(name: Name) -> None:
    """Stop a service, start it again and wait until it is ready."""
    layout, progress = Layout.here(), Progress()
    supervisor = Supervisor(layout)
    entries = closure(catalogue.entries(layout), frozenset({name}))
    supervisor.stop_process(name)
    orchestration.bring_up({name: entries[name]}, supervisor, progress)


@app.command()
def array(
    state: Annotated[Literal["off"] | None, typer.Argument(help="As quick as any other storage again.")] = None,
    seconds: Annotated[float | None, typer.Option(help="How long the array takes to map or unmap a volume.")] = None,
    haproxy_timeout: Annotated[
        str | None, typer.Option(help="How long the load balancer waits for Cinder: `20s` as in 2017.")
    ] = None,
) -> None:
    """Make the storage tier `slow` a slow array, or not; without a wish show how it stands."""
    layout = Layout.here()
    knobs.turn(layout, off=state == "off", seconds=seconds, door_timeout=haproxy_timeout)
    slow, console = Array.of(layout), Console()
    console.print(f"a map or unmap takes {slow.seconds:g} s, one at a time; {len(slow.mapped())} volumes are mapped")
    console.print(f"the load balancer waits {slow.door_timeout or CINDER.timeout} for Cinder")


@app.command()
def down() -> None:
    """Stop everything; servers and their disks are kept and come back with `up`."""
    layout = Layout.here()
    with host.alone(layout):
        lifecycle.down(layout, Progress())


@app.command()
def reset(
    everything: Annotated[
        bool, typer.Option("--all", help="Also remove what was downloaded and built: next time is a cold start.")
    ] = False,
) -> None:
    """Take the lab down and forget everything in it."""
    layout = Layout.here()
    with host.alone(layout):
        lifecycle.reset(layout, Progress(), everything=everything)


def main() -> int:
    """Run the command line; expected failures are told in a sentence, not in a traceback."""
    try:
        app()
    except (Refused, UnknownName, InvalidKnob, CommandFailed, orchestration.NotReady, NotBuildable) as failure:
        Console(stderr=True).print(f"[red]lab:[/red] {failure}", highlight=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
