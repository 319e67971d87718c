"""Networks and security groups."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import PROBLEM, Refused
from jinyun.cli.finding import find_security_group
from jinyun.cli.following import carry_through
from jinyun.cli.framework import All, NoWait, ProjectFilter, Yes, argument, command, group, option
from jinyun.cli.render import column, state
from jinyun.cli.rules import rule_in_words
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

if TYPE_CHECKING:
    from jinyun.cli.client import Client

networks = group("Networks and their addresses.", "网络与地址。")
security_groups = group("What traffic is let through.", "安全组。")

LIST = (
    column("code", "代码", "code"),
    column("name", "名称", "name"),
    column("kind", "类型", "kind"),
    state(),
    column("VLAN", "VLAN", "vlan"),
    column("region", "区域", "region"),
    column("project", "应用系统", "project"),
    column("subnets", "子网", "subnets", lambda subnets: [each["cidr"] for each in subnets]),
    column("free", "空闲地址", "subnets", lambda subnets: sum(each["free"] for each in subnets)),
)
SUBNETS = (
    column("subnet", "子网", "cidr"),
    column("gateway", "网关", "gateway"),
    column("handed out", "可分配范围", "ranges", lambda ranges: [f"{each['first']}-{each['last']}" for each in ranges]),
    column("free", "空闲地址", "free"),
)
PROPOSALS = (
    column("name", "名称", "name"),
    column("region", "区域", "region"),
    column("VLAN", "VLAN", "vlan"),
    column("subnets", "子网", "subnets", lambda subnets: [each["cidr"] for each in subnets]),
    column("shared", "共享", "shared"),
)
POOLS = (
    column("prefix", "网段", "cidr"),
    column("region", "区域", "region"),
    column("zone", "可用区", "zone"),
    column("name servers", "域名服务器", "dns"),
    column("networks", "网络数", "networks"),
    column("free addresses", "空闲地址", "free"),
    column("id", "标识", "id"),
)
TAKEN = (
    column("network", "网络", "name"),
    column("region", "区域", "region"),
    column("code", "代码", "code"),
    column("why not", "未接受原因", "problem"),
)
GROUPS = (
    column("code", "代码", "code"),
    column("name", "名称", "name"),
    column("project", "应用系统", "project"),
    state(),
    column("rules", "规则", "rules", lambda rules: [rule_in_words(each) for each in rules]),
)
DELETE_NETWORK = Text("Delete network {name}?", "删除网络 {name}？")
DELETE_GROUP = Text("Delete security group {name}?", "删除安全组 {name}？")
RegionFilter = Annotated[str | None, option("Only this region's.", "仅限该区域。", "--region")]


@command(networks, "list", "列出可以放置服务器的网络。")
def list_networks(terminal: Terminal, project: ProjectFilter = None, everything: All = False) -> None:
    """List the networks that servers may be put into."""
    terminal.show_list(LIST, path_to("networks"), everything=everything, project=project)


@command(networks, "show", "显示网络及其子网。")
def show_network(terminal: Terminal, code: Annotated[str, argument("Code.", "代码。")]) -> None:
    """Show a network with its subnets and what is free in them."""
    network = terminal.api.get(path_to("networks", code))
    terminal.show(LIST, network)
    if terminal.output == "table":
        terminal.show_table(SUBNETS, network["subnets"])


@command(networks, "proposals", "列出区域中已有但未纳入地址规划的网络。")
def list_proposals(terminal: Terminal, everything: All = False) -> None:
    """List the networks that the regions show and the plan lacks."""
    terminal.show_list(PROPOSALS, path_to("network-proposals"), everything=everything)


@command(networks, "accept-proposals", "将区域中已有的网络纳入地址规划。")
def accept_proposals(
    terminal: Terminal,
    region: RegionFilter = None,
    project: Annotated[str | None, option("For this application system.", "仅供该系统使用。", "--project")] = None,
) -> None:
    """Take the networks that regions show into the plan, each under a code made of its name."""
    proposals = [
        proposal
        for proposal in terminal.api.items(path_to("network-proposals"))
        if proposal["state"] == "open" and region in {None, proposal["region"]}
    ]
    taken = [_accept(terminal.api, proposal, project) for proposal in proposals]
    if terminal.output == "json":
        terminal.print_json({"items": taken, "next": None})
    else:
        terminal.show_table(TAKEN, taken)
    if any(each["problem"] for each in taken):
        raise typer.Exit(PROBLEM)


@command(networks, "delete", "删除应用系统的网络，其网段可重新分配。")
def delete_network(
    terminal: Terminal, code: Annotated[str, argument("Code.", "代码。")], yes: Yes = False, no_wait: NoWait = False
) -> None:
    """Delete a network of an application system in which nobody has an address."""
    terminal.confirm(DELETE_NETWORK, yes=yes, name=code)
    carry_through(terminal, terminal.api.delete(path_to("networks", code)), no_wait=no_wait)


@command(networks, "pools", "列出网段池：申请的网络从中获得网段。")
def list_prefix_pools(terminal: Terminal, everything: All = False) -> None:
    """List from where networks that are ordered get their prefixes."""
    terminal.show_list(POOLS, path_to("prefix-pools"), everything=everything)


@command(networks, "add-pool", "增加网段池。")
def add_prefix_pool(
    terminal: Terminal,
    cidr: Annotated[str, argument("Prefix, such as 10.64.0.0/12.", "网段，例如 10.64.0.0/12。")],
    region: Annotated[str, option("Code of the region.", "区域代码。", "--region")],
    zone: Annotated[str | None, option("For this availability zone alone.", "仅供该可用区使用。", "--zone")] = None,
    dns: Annotated[list[str] | None, option("Name server; repeatable.", "域名服务器，可重复。", "--dns")] = None,
) -> None:
    """Say from where a region's networks get their prefixes."""
    wish = {"region": region, "zone": zone, "cidr": cidr, "dns": dns or []}
    terminal.show(POOLS, terminal.api.post(path_to("prefix-pools"), wish))


@command(networks, "remove-pool", "删除没有网络使用的网段池。")
def remove_prefix_pool(terminal: Terminal, pool: Annotated[str, argument("Its id.", "标识。")]) -> None:
    """Hand no prefix of a pool out any more."""
    terminal.api.delete(path_to("prefix-pools", pool))


@command(security_groups, "list", "列出可以使用的安全组。")
def list_security_groups(terminal: Terminal, everything: All = False) -> None:
    """List the security groups that you may use."""
    terminal.show_list(GROUPS, path_to("security-groups"), everything=everything)


@command(security_groups, "delete", "删除不再使用的安全组。")
def delete_security_group(
    terminal: Terminal,
    code: Annotated[str, argument("Code or id.", "代码或标识。")],
    project: ProjectFilter = None,
    yes: Yes = False,
    no_wait: NoWait = False,
) -> None:
    """Delete a security group that nothing uses."""
    group = find_security_group(terminal.api, code, project)
    terminal.confirm(DELETE_GROUP, yes=yes, name=group["code"])
    carry_through(terminal, terminal.api.delete(path_to("security-groups", group["id"])), no_wait=no_wait)


def _accept(api: "Client", proposal: dict[str, Any], project: str | None) -> dict[str, Any]:
    code = re.sub(r"[^a-z0-9]+", "-", proposal["name"].lower()).strip("-")[:63]
    said = {"name": proposal["name"], "region": proposal["region"], "code": code, "problem": None}
    acceptance = {"code": code, "name": proposal["name"], "project": project}
    try:
        api.post(path_to("network-proposals", proposal["id"], "accept"), acceptance)
    except Refused as refused:
        if refused.exit_code != PROBLEM:
            raise
        said["problem"] = refused.detail
    return said
