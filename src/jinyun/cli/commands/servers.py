"""Servers and what can be done to them."""

from typing import Annotated, Any, Literal

from jinyun.cli.addresses import path_to
from jinyun.cli.finding import find_server, server_id_of, volume_id_of
from jinyun.cli.following import carry_through, follow_operation, require_success
from jinyun.cli.framework import All, NoWait, ProjectFilter, Yes, argument, command, group, option
from jinyun.cli.render import column, memory, moment, state
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

commands = group("Servers and what can be done to them.", "服务器及其操作。")

LIST = (
    column("hostname", "主机名", "hostname"),
    state(),
    column("project", "应用系统", "project"),
    column("address", "地址", "address"),
    column("flavor", "规格", "flavor"),
    column("image", "镜像", "image"),
    column("region", "区域", "region"),
    column("zone", "可用区", "zone"),
    column("simulated", "模拟", "simulated"),
)
DETAIL = (
    *LIST,
    column("vCPUs", "vCPU", "vcpus"),
    column("memory", "内存", "memory_mib", memory),
    column("disk in GiB", "系统盘（GiB）", "disk_gib"),
    column("login user", "登录用户", "login_user"),
    column("network", "网络", "network"),
    column("pool", "资源池", "pool"),
    column("host", "宿主机", "host"),
    column("purpose", "用途", "purpose"),
    column("ordered", "创建时间", "created_at", moment),
    column("ready", "就绪时间", "ready_at", moment),
    column("wanted until", "到期", "expires_at", moment),
    column("purged", "清除时间", "purge_at", moment),
    column("operation", "正在执行的操作", "operation_id"),
    column("id in the region", "区域内标识", "external_id"),
    column("id", "标识", "id"),
)
VOLUMES = (
    column("volume", "云硬盘", "name"),
    column("tier", "存储等级", "tier"),
    column("GiB", "容量（GiB）", "size_gib"),
    column("device", "设备", "device"),
    column("id", "标识", "volume_id"),
)
TICKET = (
    column("address", "地址", "websocket_url"),
    column("good until", "有效期至", "expires_at", moment),
)
PURGE = Text("Delete {name} for good?", "永久删除 {name}？")
PURGE_ALL = Text("Delete {name} and its data volumes for good?", "永久删除 {name} 及其数据盘？")
State = Literal["building", "active", "stopped", "recycled", "deleted", "failed"]
Name = Annotated[str, argument("Host name or id.", "主机名或标识。", metavar="SERVER")]
Volume = Annotated[str, argument("Name or id of the volume.", "云硬盘名称或标识。")]


@command(commands, "list", "列出服务器。")
def list_servers(
    terminal: Terminal,
    project: ProjectFilter = None,
    state: Annotated[State | None, option("Only in this state.", "仅限该状态。", "--state")] = None,
    hostname: Annotated[str | None, option("Only whose name begins so.", "主机名前缀。", "--hostname")] = None,
    address: Annotated[str | None, option("Only that of this address.", "仅限该地址。", "--address")] = None,
    everything: All = False,
) -> None:
    """List servers."""
    query = {"project": project, "state": state, "hostname": hostname, "address": address}
    terminal.show_list(LIST, path_to("servers"), everything=everything, **query)


@command(commands, "show", "显示服务器及其云硬盘。")
def show_server(terminal: Terminal, name: Name) -> None:
    """Show a server and its volumes."""
    server = find_server(terminal.api, name)
    terminal.show(DETAIL, server)
    if terminal.output == "table" and server["volumes"]:
        terminal.show_table(VOLUMES, server["volumes"])


@command(commands, "log", "读取串口控制台输出的末尾。")
def show_log(
    terminal: Terminal,
    name: Name,
    lines: Annotated[int, option("How many lines.", "行数。", "--lines", "-n", min=1, max=5000)] = 200,
) -> None:
    """Read the end of what the server printed on its serial console."""
    server_id = server_id_of(terminal.api, name)
    operation = terminal.api.post(path_to("servers", server_id, "console-output"), {"lines": lines})
    require_success(follow_operation(terminal.beside(), operation["id"]))
    read = terminal.api.get(path_to("servers", server_id, "console-output", operation["id"]))
    if terminal.output == "json":
        terminal.print_json(read)
    else:
        terminal.write(read["output"])


@command(commands, "console", "获取服务器屏幕的一次性连接地址。")
def open_console(terminal: Terminal, name: Name) -> None:
    """Get an address that shows the server's screen once."""
    terminal.show(TICKET, terminal.api.post(path_to("servers", server_id_of(terminal.api, name), "console")))


@command(commands, "start", "开机。")
def start_server(terminal: Terminal, name: Name, no_wait: NoWait = False) -> None:
    """Power a server on."""
    _do(terminal, name, "start", no_wait=no_wait)


@command(commands, "stop", "关机。")
def stop_server(terminal: Terminal, name: Name, no_wait: NoWait = False) -> None:
    """Shut a server down."""
    _do(terminal, name, "stop", no_wait=no_wait)


@command(commands, "reboot", "重启。")
def reboot_server(
    terminal: Terminal,
    name: Name,
    hard: Annotated[bool, option("By power.", "强制断电重启。", "--hard")] = False,
    no_wait: NoWait = False,
) -> None:
    """Reboot a server."""
    _do(terminal, name, "reboot", {"hard": hard}, no_wait=no_wait)


@command(commands, "resize", "变更规格。")
def resize_server(
    terminal: Terminal,
    name: Name,
    flavor: Annotated[str, argument("The new flavor.", "新规格。")],
    no_wait: NoWait = False,
) -> None:
    """Give a server another flavor."""
    _do(terminal, name, "resize", {"flavor": flavor}, no_wait=no_wait)


@command(commands, "attach", "挂载云硬盘。")
def attach_volume(terminal: Terminal, name: Name, volume: Volume, no_wait: NoWait = False) -> None:
    """Put a volume on a server."""
    attach(terminal, name, volume, no_wait=no_wait)


@command(commands, "detach", "卸载云硬盘。")
def detach_volume(terminal: Terminal, name: Name, volume: Volume, no_wait: NoWait = False) -> None:
    """Take a volume off a server."""
    detach(terminal, name, volume, no_wait=no_wait)


@command(commands, "delete", "放入回收站。")
def delete_server(terminal: Terminal, name: Name, no_wait: NoWait = False) -> None:
    """Put a server into the recycle bin."""
    server_id = server_id_of(terminal.api, name)
    carry_through(terminal, terminal.api.delete(path_to("servers", server_id)), no_wait=no_wait)


@command(commands, "restore", "从回收站恢复。")
def restore_server(terminal: Terminal, name: Name, no_wait: NoWait = False) -> None:
    """Take a server out of the recycle bin."""
    _do(terminal, name, "restore", no_wait=no_wait)


@command(commands, "purge", "从回收站永久删除。")
def purge_server(
    terminal: Terminal,
    name: Name,
    with_volumes: Annotated[bool, option("Its data volumes, too.", "同时删除数据盘。", "--with-volumes")] = False,
    yes: Yes = False,
    no_wait: NoWait = False,
) -> None:
    """Delete a recycled server for good."""
    terminal.confirm(PURGE_ALL if with_volumes else PURGE, yes=yes, name=name)
    _do(terminal, name, "purge", {"with_volumes": with_volumes}, no_wait=no_wait)


def attach(terminal: Terminal, server: str, volume: str, *, no_wait: bool) -> None:
    """Put a volume on a server, each by name or id, and follow it."""
    volume_id = volume_id_of(terminal.api, volume)
    _do(terminal, server, "volumes", {"volume_id": volume_id}, no_wait=no_wait)


def detach(terminal: Terminal, server: str, volume: str, *, no_wait: bool) -> None:
    """Take a volume off a server, each by name or id, and follow it."""
    server_id, volume_id = server_id_of(terminal.api, server), volume_id_of(terminal.api, volume)
    operation = terminal.api.delete(path_to("servers", server_id, "volumes", volume_id))
    carry_through(terminal, operation, no_wait=no_wait)


def _do(terminal: Terminal, name: str, verb: str, body: dict[str, Any] | None = None, *, no_wait: bool) -> None:
    server_id = server_id_of(terminal.api, name)
    carry_through(terminal, terminal.api.post(path_to("servers", server_id, verb), body), no_wait=no_wait)
