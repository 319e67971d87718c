"""Snapshots of volumes."""

from typing import Annotated

from jinyun.cli.addresses import path_to
from jinyun.cli.finding import find_snapshot, volume_id_of
from jinyun.cli.following import carry_through
from jinyun.cli.framework import All, NoWait, ProjectFilter, Yes, argument, command, group, option
from jinyun.cli.render import column, moment, state
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

commands = group("Snapshots of volumes.", "云硬盘快照。")

LIST = (
    column("name", "名称", "name"),
    state(),
    column("volume", "云硬盘", "volume"),
    column("project", "应用系统", "project"),
    column("region", "区域", "region"),
    column("tier", "存储等级", "tier"),
    column("GiB", "容量（GiB）", "size_gib"),
    column("taken", "创建时间", "created_at", moment),
    column("kept until", "保留至", "expires_at", moment),
    column("id", "标识", "id"),
)
DELETE = Text("Delete snapshot {name}?", "删除快照 {name}？")
Name = Annotated[str, argument("Name or id.", "名称或标识。", metavar="SNAPSHOT")]


@command(commands, "list", "列出快照。")
def list_snapshots(
    terminal: Terminal,
    project: ProjectFilter = None,
    volume: Annotated[str | None, option("Only of this volume.", "仅限该云硬盘。", "--volume")] = None,
    everything: All = False,
) -> None:
    """List snapshots."""
    volume_id = volume_id_of(terminal.api, volume) if volume else None
    terminal.show_list(LIST, path_to("snapshots"), everything=everything, project=project, volume=volume_id)


@command(commands, "show", "显示快照。")
def show_snapshot(terminal: Terminal, name: Name) -> None:
    """Show a snapshot."""
    terminal.show(LIST, find_snapshot(terminal.api, name))


@command(commands, "delete", "删除快照。")
def delete_snapshot(terminal: Terminal, name: Name, yes: Yes = False, no_wait: NoWait = False) -> None:
    """Delete a snapshot."""
    terminal.confirm(DELETE, yes=yes, name=name)
    operation = terminal.api.delete(path_to("snapshots", find_snapshot(terminal.api, name)["id"]))
    carry_through(terminal, operation, no_wait=no_wait)
