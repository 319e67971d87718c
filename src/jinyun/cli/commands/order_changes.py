"""Ordering something of what is there already."""

from typing import Annotated, Any

import typer

from jinyun.cli.commands.orders import Estimate, Purpose, Until, Watch, order_of, submit
from jinyun.cli.failures import WrongUsage
from jinyun.cli.finding import find_server, find_volume
from jinyun.cli.framework import argument, command, option
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

Hostnames = Annotated[list[str], argument("Servers of one application system.", "同一应用系统的服务器。")]


def add_to(commands: typer.Typer) -> None:
    """Add the commands of this group."""
    command(commands, "extend", "申请延长服务器（含其上的卷）或卷的租期。")(extend_lease)
    command(commands, "release", "申请释放服务器：批准后移入回收站。")(release_servers)
    command(commands, "resize", "申请变更服务器规格；显示的费用为差额。")(resize_servers)


def extend_lease(
    terminal: Terminal,
    purpose: Purpose,
    hostname: Annotated[
        list[str] | None, argument("Host names of servers of one application system.", "同一应用系统的服务器主机名。")
    ] = None,
    volume: Annotated[
        list[str] | None, option("Name or id of a volume; repeatable.", "卷的名称或标识，可重复。", "--volume")
    ] = None,
    until: Until = None,
    watch: Watch = False,
    estimate: Estimate = False,
) -> None:
    """Order a longer lease of servers with their volumes, or of volumes: until a day, or without end."""
    volumes = [find_volume(terminal.api, name) for name in volume or []]
    hostnames = hostname or []
    if not volumes and not hostnames:
        raise WrongUsage(Text("Name a server, or a --volume.", "请指定服务器或 --volume。"))
    items = _items("lease-extension", hostnames)
    items += [{"kind": "lease-extension", "volume_id": each["id"]} for each in volumes]
    project = volumes[0]["project"] if volumes else _project(terminal, hostnames)
    submit(terminal, order_of(project, purpose, until, items), estimate=estimate, watch=watch)


def release_servers(terminal: Terminal, hostname: Hostnames, purpose: Purpose, watch: Watch = False) -> None:
    """Order that servers be given back: once it is approved they go to the recycle bin."""
    items = _items("release", hostname)
    submit(terminal, order_of(_project(terminal, hostname), purpose, None, items), estimate=False, watch=watch)


def resize_servers(
    terminal: Terminal,
    hostname: Hostnames,
    flavor: Annotated[str, option("The new flavor.", "新规格。", "--flavor")],
    purpose: Purpose,
    watch: Watch = False,
    estimate: Estimate = False,
) -> None:
    """Order another flavor for servers; what is shown as its cost is the difference."""
    items = _items("resize", hostname, flavor=flavor)
    submit(terminal, order_of(_project(terminal, hostname), purpose, None, items), estimate=estimate, watch=watch)


def _project(terminal: Terminal, hostnames: list[str]) -> str:
    return str(find_server(terminal.api, hostnames[0])["project"])


def _items(kind: str, hostnames: list[str], **more: Any) -> list[dict[str, Any]]:
    return [{"kind": kind, "hostname": name, **more} for name in hostnames]
