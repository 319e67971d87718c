"""Hosts and their maintenance."""

from typing import Annotated

from jinyun.cli.addresses import path_to
from jinyun.cli.finding import find_host_id, find_pool_id
from jinyun.cli.following import carry_through
from jinyun.cli.framework import All, NoWait, argument, command, group, option
from jinyun.cli.render import column, memory, moment
from jinyun.cli.terminal import Terminal

commands = group("What servers run on.", "主机。")

HOSTS = (
    column("name", "名称", "name"),
    column("hypervisor", "虚拟化", "hypervisor"),
    column("up", "在线", "up"),
    column("takes servers", "接收服务器", "enabled"),
    column("vCPUs", "vCPU", "vcpus"),
    column("used", "已用", "used_vcpus"),
    column("memory", "内存", "memory_mib", memory),
    column("used", "已用", "used_memory_mib", memory),
    column("in maintenance since", "维护开始时间", "maintenance.since", moment),
)
HOST = (
    *HOSTS,
    column("why", "原因", "maintenance.reason"),
    column("by", "操作人", "maintenance.by"),
    column("operation", "操作", "maintenance.operation_id"),
    column("id", "标识", "id"),
)
STAYING = (
    column("stays", "未能迁出", "name"),
    column("why", "原因", "why"),
)
Named = Annotated[str, argument("Name or id.", "名称或标识。")]
RegionFilter = Annotated[str | None, option("Only this region's.", "仅限该区域。", "--region")]


@command(commands, "list", "列出主机。")
def list_hosts(
    terminal: Terminal,
    region: RegionFilter = None,
    pool: Annotated[str | None, option("Only this pool's.", "仅限该资源池。", "--pool")] = None,
    everything: All = False,
) -> None:
    """List the hosts."""
    pool_id = find_pool_id(terminal.api, pool, region) if pool else None
    terminal.show_list(HOSTS, path_to("hosts"), everything=everything, region=region, pool=pool_id)


@command(commands, "show", "显示主机；维护期间同时列出未能迁出的服务器及原因。")
def show_host(terminal: Terminal, host: Named, region: RegionFilter = None) -> None:
    """Show a host; in maintenance, also what could not be moved away, and why."""
    shown = terminal.api.get(path_to("hosts", find_host_id(terminal.api, host, region)))
    terminal.show(HOST, shown)
    if terminal.output != "json" and shown["maintenance"] and shown["maintenance"]["staying"]:
        terminal.show_table(STAYING, shown["maintenance"]["staying"])


@command(commands, "maintain", "主机进入维护：不再放置新服务器，并将其上服务器迁走。")
def maintain_host(
    terminal: Terminal,
    host: Named,
    reason: Annotated[str, option("Why.", "原因。", "--reason")],
    region: RegionFilter = None,
    force: Annotated[
        bool,
        option("Also where its pool is too small without it.", "即使资源池容量不足也继续。", "--force"),
    ] = False,
    no_wait: NoWait = False,
) -> None:
    """Put a host into maintenance: nothing new comes to it, and what runs there is moved to others of its pool."""
    path = path_to("hosts", find_host_id(terminal.api, host, region))
    begun = terminal.api.post(f"{path}/maintain", {"reason": reason, "force": force})
    carry_through(terminal, begun, no_wait=no_wait)


@command(commands, "end-maintenance", "结束主机维护。")
def end_maintenance(terminal: Terminal, host: Named, region: RegionFilter = None, no_wait: NoWait = False) -> None:
    """End a host's maintenance: servers are placed on it again."""
    path = path_to("hosts", find_host_id(terminal.api, host, region))
    carry_through(terminal, terminal.api.post(f"{path}/end-maintenance"), no_wait=no_wait)
