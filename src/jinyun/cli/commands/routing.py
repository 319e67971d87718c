"""Routers and floating addresses."""

from typing import Annotated

from jinyun.cli.addresses import path_to
from jinyun.cli.finding import find_floating_address, find_router
from jinyun.cli.following import carry_through
from jinyun.cli.framework import All, NoWait, Yes, argument, command, group
from jinyun.cli.render import column, state
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

routers = group("Routers of application systems.", "应用系统的路由器。")
floating = group("Floating addresses.", "浮动地址。")

ROUTERS = (
    column("code", "代码", "code"),
    state(),
    column("project", "应用系统", "project"),
    column("region", "区域", "region"),
    column("networks", "网络", "networks"),
    column("leads to", "外部网络", "external"),
    column("id", "标识", "id"),
)
ADDRESSES = (
    column("address", "地址", "address"),
    state(),
    column("network", "网络", "network"),
    column("project", "应用系统", "project"),
    column("region", "区域", "region"),
    column("server", "服务器", "server"),
    column("id", "标识", "id"),
)
DELETE = Text("Delete router {name}?", "删除路由器 {name}？")
RELEASE = Text("Give {name} back for good?", "释放 {name}？")
Router = Annotated[str, argument("Code or id.", "代码或标识。", metavar="ROUTER")]
Address = Annotated[str, argument("Address or id.", "地址或标识。", metavar="ADDRESS")]


@command(routers, "list", "列出路由器。")
def list_routers(terminal: Terminal, everything: All = False) -> None:
    """List routers."""
    terminal.show_list(ROUTERS, path_to("routers"), everything=everything)


@command(routers, "delete", "删除没有浮动地址使用的路由器。")
def delete_router(terminal: Terminal, name: Router, yes: Yes = False, no_wait: NoWait = False) -> None:
    """Delete a router that no floating address needs."""
    router = find_router(terminal.api, name)
    terminal.confirm(DELETE, yes=yes, name=router["code"])
    carry_through(terminal, terminal.api.delete(path_to("routers", router["id"])), no_wait=no_wait)


@command(floating, "list", "列出浮动地址。")
def list_floating(terminal: Terminal, everything: All = False) -> None:
    """List floating addresses."""
    terminal.show_list(ADDRESSES, path_to("floating-addresses"), everything=everything)


@command(floating, "attach", "将地址绑定到服务器。")
def attach(
    terminal: Terminal,
    name: Address,
    server: Annotated[str, argument("Host name.", "主机名。")],
    no_wait: NoWait = False,
) -> None:
    """Have an address answer for a server, and for no other."""
    _move(terminal, name, server, no_wait=no_wait)


@command(floating, "detach", "解除地址与服务器的绑定。")
def detach(terminal: Terminal, name: Address, no_wait: NoWait = False) -> None:
    """Have an address answer for no server."""
    _move(terminal, name, None, no_wait=no_wait)


@command(floating, "release", "释放浮动地址。")
def release(terminal: Terminal, name: Address, yes: Yes = False, no_wait: NoWait = False) -> None:
    """Give an address back for good."""
    terminal.confirm(RELEASE, yes=yes, name=name)
    floating_id = find_floating_address(terminal.api, name)["id"]
    carry_through(terminal, terminal.api.delete(path_to("floating-addresses", floating_id)), no_wait=no_wait)


def _move(terminal: Terminal, name: str, server: str | None, *, no_wait: bool) -> None:
    floating_id = find_floating_address(terminal.api, name)["id"]
    path = path_to("floating-addresses", floating_id, "server")
    carry_through(terminal, terminal.api.put(path, {"server": server}), no_wait=no_wait)
