"""Limits, and how much room there is."""

from typing import Annotated, Any

import typer

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import WrongUsage
from jinyun.cli.framework import All, ProjectFilter, argument, command, group, option
from jinyun.cli.render import column, memory, moment
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

placement = group("Where servers would go.", "资源分配。")
quotas = group("Limits of application systems and departments.", "应用系统与部门的配额。")

QUOTAS = (
    column("scope", "范围", "scope"),
    column("code", "代码", "code"),
    column("name", "名称", "name"),
    column("resource", "资源", "resource"),
    column("limit", "配额", "limit"),
    column("used", "已用", "used"),
    column("held", "预占", "held"),
    column("available", "可用", "available"),
    column("over", "超出", "exceeded"),
)
LEVELS = (
    column("resource", "资源", "resource"),
    column("limit of", "限制来自", "name"),
    column("limit", "配额", "limit"),
    column("used", "已用", "used"),
    column("held", "预占", "held"),
    column("free", "可用", "available"),
    column("binds", "起限制作用", "binds"),
    column("set by", "设置人", "set_by"),
    column("set at", "设置时间", "set_at", moment),
)
POOLS = (
    column("region", "区域", "region"),
    column("pool", "资源池", "name"),
    column("zone", "可用区", "zone"),
    column("hosts", "主机数", "hosts"),
    column("vCPUs", "vCPU", "size.vcpus"),
    column("used", "已用", "used.vcpus"),
    column("held", "预占", "held.vcpus"),
    column("free", "空闲", "free.vcpus"),
    column("memory", "内存", "size.memory_mib", memory),
    column("used", "已用", "used.memory_mib", memory),
    column("held", "预占", "held.memory_mib", memory),
    column("free", "空闲", "free.memory_mib", memory),
    column("survives a host", "可容忍单机故障", "survives_a_host"),
    column("can be ordered", "可申请", "orderable"),
)
MEMORY = "memory_gib"
"""What people call it; the API counts in MiB."""
RANKING = (
    column("pool", "资源池", "pool"),
    column("zone", "可用区", "zone"),
    column("hosts with room", "可容纳主机数", "hosts_with_room"),
    column("free vCPUs after", "放置后空闲 vCPU", "free_after.vcpus"),
    column("free memory after", "放置后空闲内存", "free_after.memory_mib", memory),
    column("survives a host", "可容忍单机故障", "survives_a_host"),
    column("share left", "剩余比例", "share_left"),
)
FILTERS = (column("filter", "过滤器", "name"), column("pools removed", "排除的资源池数", "title"))
REMOVED = Text("There is no limit on {resource} for {code} any more.", "{code} 的 {resource} 不再设置配额。")


def add_to(commands: typer.Typer) -> None:
    """Add the commands of this group."""
    command(commands, "capacity", "列出各资源池的余量。")(list_capacity)


def list_capacity(terminal: Terminal, everything: All = False) -> None:
    """List how much room each pool has, and whether it survives the loss of a host."""
    terminal.show_list(POOLS, path_to("capacity"), everything=everything)


@command(quotas, "list", "列出配额及其使用情况。")
def list_quotas(terminal: Terminal, project: ProjectFilter = None, everything: All = False) -> None:
    """List limits and what counts against them."""
    terminal.show_list(QUOTAS, path_to("quotas"), everything=everything, project=project)


@command(quotas, "show", "显示应用系统已用、预占与剩余的配额，以及每一级的限制。")
def show_quota(
    terminal: Terminal, project: Annotated[str, argument("Code of an application system.", "应用系统代码。")]
) -> None:
    """Show what an application system has and may still order, with every limit that it is under."""
    shown = terminal.api.get(path_to("quotas", project))
    if terminal.output == "json":
        terminal.print_json(shown)
        return
    terminal.show_table(LEVELS, [line for resource in shown["resources"] for line in _lines(resource, shown["name"])])


def _lines(resource: dict[str, Any], project: str) -> list[dict[str, Any]]:
    """Return one resource as lines: what the application system has, then each limit; memory in GiB."""
    own = {"name": project, "limit": None, "available": resource["free"], "set_by": None, "set_at": None}
    own |= {"used": resource["used"], "held": resource["held"], "binds": None}
    binds = resource["limit"], resource["free"]
    levels = [level | {"binds": (level["limit"], level["available"]) == binds} for level in resource["levels"]]
    return [_in_gib(line | {"resource": resource["resource"]}) for line in [own, *levels]]


def _in_gib(line: dict[str, Any]) -> dict[str, Any]:
    if line["resource"] != "memory_mib":
        return line
    amounts = {key: line[key] and round(line[key] / 1024, 2) for key in ("limit", "used", "held", "available")}
    return line | amounts | {"resource": MEMORY}


@command(quotas, "set", "设置或取消配额。")
def set_quota(
    terminal: Terminal,
    resource: Annotated[
        str,
        argument(
            "`vcpus`, `memory_gib`, `servers`, `bare_metal_servers`, `addresses` or `storage_gib:TIER`.",
            "`vcpus`、`memory_gib`、`servers`、`bare_metal_servers`、`addresses` 或 `storage_gib:存储等级`。",
        ),
    ],
    limit: Annotated[str, argument("A number, or `none`.", "数量，或 `none`。")],
    project: Annotated[str | None, option("Code of an application system.", "应用系统代码。", "--project")] = None,
    department: Annotated[str | None, option("Code of a department.", "部门代码。", "--department")] = None,
    lower_below: Annotated[
        bool, option("Also lower what is higher below it.", "一并降低其下更高的配额。", "--lower-below")
    ] = False,
) -> None:
    """Set a limit for an application system or a department, or take it away."""
    code = project or department
    if code is None or (project is not None and department is not None):
        raise WrongUsage(Text("Give either --project or --department.", "请使用 --project 或 --department 之一。"))
    if limit != "none" and not limit.isdecimal():
        raise WrongUsage(Text("{limit} is neither a number nor `none`.", "{limit} 不是数量或 `none`。"), limit=limit)
    in_mib = resource == MEMORY
    wanted = {
        "scope": "department" if project is None else "project",
        "code": code,
        "resource": "memory_mib" if in_mib else resource,
        "limit": None if limit == "none" else int(limit) * (1024 if in_mib else 1),
        "lower_below": lower_below,
    }
    quota = terminal.api.put(path_to("quotas"), wanted)
    if quota is None and terminal.output == "table":
        terminal.note(REMOVED.format(resource=resource, code=code))
    else:
        terminal.show(QUOTAS, quota)


@command(placement, "what-if", "试算服务器将分配到哪里，不做任何预留。")
def what_if(
    terminal: Terminal,
    project: Annotated[str, option("Code of the application system.", "应用系统代码。", "--project")],
    vcpus: Annotated[int, option("Of one server.", "单台 vCPU。", "--vcpus")],
    memory_mib: Annotated[int, option("Of one server, in MiB.", "单台内存（MiB）。", "--memory")],
    disk_gib: Annotated[int, option("Local disk of one, in GiB.", "单台本地磁盘（GiB）。", "--disk")] = 0,
    servers: Annotated[int, option("How many.", "台数。", "--servers")] = 1,
    region: Annotated[str | None, option("Only there.", "区域。", "--region")] = None,
    zone: Annotated[str | None, option("Only there.", "可用区。", "--zone")] = None,
    network: Annotated[str | None, option("Code of the network.", "网络代码。", "--network")] = None,
    tags: Annotated[str | None, option("Wanted tags, with commas.", "所需标签，逗号分隔。", "--tags")] = None,
    without_tags: Annotated[
        str | None, option("Unwanted tags, with commas.", "排除标签，逗号分隔。", "--without-tags")
    ] = None,
    licences: Annotated[
        str | None, option("Needed licences, with commas.", "所需许可，逗号分隔。", "--licences")
    ] = None,
) -> None:
    """Say where servers would go if they were ordered now, and why; nothing is held."""
    wanted: dict[str, Any] = {
        "project": project,
        "vcpus": vcpus,
        "memory_mib": memory_mib,
        "disk_gib": disk_gib,
        "servers": servers,
        "region": region,
        "zone": zone,
        "network": network,
        "tags": _listed(tags),
        "without_tags": _listed(without_tags),
        "licences": _listed(licences),
    }
    answer = terminal.api.post(path_to("placement", "what-if"), wanted)
    if terminal.output == "json":
        terminal.print_json(answer)
        return
    found = answer["placement"]
    terminal.say(found["summary"])
    if answer["quota"] is not None:
        terminal.say(answer["quota"]["explanation"])
    terminal.show_table(FILTERS, [each for each in found["filters"] if each["removed"]])
    terminal.show_table(RANKING, found["ranking"])


def _listed(words: str | None) -> list[str]:
    return [] if words is None else [word.strip() for word in words.split(",")]
