"""Volumes and what can be done to them."""

from typing import Annotated

from jinyun.cli.addresses import path_to
from jinyun.cli.commands import servers
from jinyun.cli.commands.orders import Until
from jinyun.cli.failures import Failure
from jinyun.cli.finding import find_volume, volume_id_of
from jinyun.cli.following import carry_through
from jinyun.cli.framework import All, NoWait, ProjectFilter, Yes, argument, command, group
from jinyun.cli.language import here
from jinyun.cli.render import column, moment, state
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

commands = group("Volumes and what can be done to them.", "云硬盘及其操作。")

LIST = (
    column("name", "名称", "name"),
    state(),
    column("project", "应用系统", "project"),
    column("region", "区域", "region"),
    column("tier", "存储等级", "tier"),
    column("GiB", "容量（GiB）", "size_gib"),
    column("server", "服务器", "server"),
    column("id", "标识", "id"),
)
DETAIL = (
    *LIST,
    column("operation", "正在执行的操作", "operation_id"),
    column("ordered", "创建时间", "created_at", moment),
    column("lease ends", "租期届满", "expires_at", moment),
    column("gone for good", "彻底删除时间", "purge_at", moment),
)
FREE = Text("Volume {name} is on no server.", "云硬盘 {name} 未挂载到任何服务器。")
DELETE = Text("Delete {name} and what is on it?", "删除 {name} 及其数据？")
Name = Annotated[str, argument("Name or id.", "名称或标识。", metavar="VOLUME")]
Server = Annotated[str, argument("Host name or id of the server.", "服务器主机名或标识。")]


@command(commands, "list", "列出云硬盘。")
def list_volumes(terminal: Terminal, project: ProjectFilter = None, everything: All = False) -> None:
    """List volumes."""
    terminal.show_list(LIST, path_to("volumes"), everything=everything, project=project)


@command(commands, "show", "显示云硬盘。")
def show_volume(terminal: Terminal, name: Name) -> None:
    """Show a volume."""
    terminal.show(DETAIL, find_volume(terminal.api, name))


@command(commands, "attach", "挂载到服务器。")
def attach_volume(terminal: Terminal, name: Name, server: Server, no_wait: NoWait = False) -> None:
    """Put a volume on a server."""
    servers.attach(terminal, server, name, no_wait=no_wait)


@command(commands, "detach", "从服务器卸载。")
def detach_volume(terminal: Terminal, name: Name, no_wait: NoWait = False) -> None:
    """Take a volume off the server that it is on."""
    volume = find_volume(terminal.api, name)
    if volume["server"] is None:
        raise Failure(here(FREE.format(name=volume["name"])), code="not-attached")
    servers.detach(terminal, volume["server"], volume["id"], no_wait=no_wait)


@command(commands, "extend", "扩容。")
def extend_volume(
    terminal: Terminal,
    name: Name,
    size: Annotated[int, argument("The larger size in GiB.", "扩容后的容量（GiB）。", min=1)],
    no_wait: NoWait = False,
) -> None:
    """Give a volume a larger size, on a server or not."""
    address = path_to("volumes", volume_id_of(terminal.api, name), "extend")
    carry_through(terminal, terminal.api.post(address, {"size_gib": size}), no_wait=no_wait)


@command(commands, "snapshot", "申请创建快照。")
def take_snapshot(
    terminal: Terminal,
    name: Name,
    snapshot: Annotated[str, argument("Name of the snapshot.", "快照名称。")],
    until: Until = None,
) -> None:
    """Order a snapshot of a volume; without a last day it is kept until it is deleted."""
    address = path_to("volumes", volume_id_of(terminal.api, name), "snapshots")
    body = {"name": snapshot, "until": until.date().isoformat() if until else None}
    carry_through(terminal, terminal.api.post(address, body), no_wait=True)


@command(commands, "restore", "从回收站恢复。")
def restore_volume(terminal: Terminal, name: Name) -> None:
    """Take a volume out of the recycle bin."""
    terminal.show(DETAIL, terminal.api.post(path_to("volumes", volume_id_of(terminal.api, name), "restore"), {}))


@command(commands, "delete", "删除云硬盘及其数据。")
def delete_volume(terminal: Terminal, name: Name, yes: Yes = False, no_wait: NoWait = False) -> None:
    """Delete a volume and what is on it."""
    terminal.confirm(DELETE, yes=yes, name=name)
    operation = terminal.api.delete(path_to("volumes", volume_id_of(terminal.api, name)))
    carry_through(terminal, operation, no_wait=no_wait)
