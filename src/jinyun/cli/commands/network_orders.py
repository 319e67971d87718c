"""Ordering what connects servers."""

from typing import Annotated

import typer

from jinyun.cli.commands.orders import Estimate, Project, Purpose, Watch, order_of, submit
from jinyun.cli.framework import command, option
from jinyun.cli.rules import read_rule
from jinyun.cli.terminal import Terminal

Code = Annotated[str, option("Its code.", "代码。", "--code")]
Rules = Annotated[
    list[str],
    option(
        "in|out:PROTOCOL[:PORTS][@PREFIX or GROUP]; repeatable.",
        "in|out:协议[:端口][@网段或安全组]，可重复。",
        "--rule",
    ),
]


def add_to(commands: typer.Typer) -> None:
    """Add the commands of this group."""
    command(commands, "network", "申请网络。")(order_network)
    command(commands, "router", "申请路由器。")(order_router)
    command(commands, "floating-address", "申请浮动地址。")(order_floating_address)
    command(commands, "security-group", "申请安全组。")(order_security_group)
    command(commands, "security-group-rules", "申请变更安全组的规则。")(change_security_group)


def order_network(
    terminal: Terminal,
    project: Project,
    code: Code,
    region: Annotated[str, option("Code of the region.", "区域代码。", "--region")],
    purpose: Purpose,
    prefix_length: Annotated[int, option("20 to 28.", "前缀长度，20 到 28。", "--prefix-length", min=20, max=28)] = 24,
    zone: Annotated[str | None, option("Availability zone.", "可用区。", "--zone")] = None,
    name: Annotated[str | None, option("What people call it.", "名称。", "--name")] = None,
    watch: Watch = False,
) -> None:
    """Order a network; its prefix comes out of the bank's plan."""
    item = {"kind": "network", "code": code, "name": name, "region": region, "zone": zone}
    items = [item | {"prefix_length": prefix_length}]
    submit(terminal, order_of(project, purpose, None, items), estimate=False, watch=watch)


def order_router(
    terminal: Terminal,
    project: Project,
    code: Code,
    network: Annotated[list[str], option("A network of yours; repeatable.", "本系统的网络，可重复。", "--network")],
    purpose: Purpose,
    external: Annotated[str | None, option("Network that it leads to.", "外部网络。", "--external")] = None,
    watch: Watch = False,
) -> None:
    """Order a router that joins networks."""
    item = {"kind": "router", "code": code, "networks": network, "external": external}
    submit(terminal, order_of(project, purpose, None, [item]), estimate=False, watch=watch)


def order_floating_address(
    terminal: Terminal,
    project: Project,
    network: Annotated[str, option("External network.", "外部网络。", "--network")],
    purpose: Purpose,
    address: Annotated[str | None, option("A free address of it.", "其中的空闲地址。", "--address")] = None,
    server: Annotated[str | None, option("Host name that it answers for.", "绑定的服务器主机名。", "--server")] = None,
    watch: Watch = False,
    estimate: Estimate = False,
) -> None:
    """Order a floating address."""
    item = {"kind": "floating-address", "network": network, "address": address, "attach_to": server}
    submit(terminal, order_of(project, purpose, None, [item]), estimate=estimate, watch=watch)


def order_security_group(
    terminal: Terminal,
    project: Project,
    code: Code,
    rule: Rules,
    purpose: Purpose,
    name: Annotated[str | None, option("What people call it.", "名称。", "--name")] = None,
    watch: Watch = False,
) -> None:
    """Order a security group."""
    item = {"kind": "security-group", "code": code, "name": name, "rules": [read_rule(each) for each in rule]}
    submit(terminal, order_of(project, purpose, None, [item]), estimate=False, watch=watch)


def change_security_group(
    terminal: Terminal, project: Project, code: Code, rule: Rules, purpose: Purpose, watch: Watch = False
) -> None:
    """Order other rules for a security group: all that it shall have."""
    item = {"kind": "security-group-change", "code": code, "rules": [read_rule(each) for each in rule]}
    submit(terminal, order_of(project, purpose, None, [item]), estimate=False, watch=watch)
