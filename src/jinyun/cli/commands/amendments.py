"""What those who decide on an order can change in it."""

from typing import Annotated, Any

import typer

from jinyun.cli.addresses import path_to
from jinyun.cli.commands.orders import OrderName, Until, name_of, show_document
from jinyun.cli.failures import WrongUsage
from jinyun.cli.finding import find_order, find_pool_id
from jinyun.cli.framework import argument, command, option
from jinyun.cli.inputs import read_changes
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

Comment = Annotated[str, option("Why; those concerned read it.", "理由，相关人员可见。", "--comment")]
NOTHING = Text("Nothing is to be changed.", "没有要修改的内容。")
NO_ITEM = Text("The order has no item {item}.", "订单中没有 {item}。")


def add_to(commands: typer.Typer) -> None:
    """Add the commands of this group."""
    command(commands, "amend", "修改待您审批的订单中策略允许您修改的字段，其后须重新审批。")(amend)
    command(commands, "place", "管理员为待其审批的订单指定资源池、主机、网络或地址，已有的同意仍有效。")(place)
    command(commands, "strike", "将一项从待您审批的订单中剔除，其余内容须重新审批。")(strike)


def amend(
    terminal: Terminal,
    name: OrderName,
    comment: Comment,
    change: Annotated[
        list[str] | None, option("NAME.FIELD=VALUE, repeatable.", "名称.字段=值，可重复。", "--set", metavar="CHANGE")
    ] = None,
    until: Until = None,
) -> None:
    """Change fields that the policy leaves to you, of an order that waits for your decision; all are asked anew."""
    order = find_order(terminal.api, name)
    changes = read_changes(change or [])
    items = [{"position": _position(order, item), "fields": fields} for item, fields in changes.items()]
    body: dict[str, Any] = {"items": items, "comment": comment}
    if until is not None:
        body["until"] = until.date().isoformat()
    if not items and until is None:
        raise WrongUsage(NOTHING)
    show_document(terminal, terminal.api.post(path_to("orders", order["id"], "amend"), body))


def place(
    terminal: Terminal,
    name: OrderName,
    item: Annotated[str, argument("Hostname of the server.", "服务器的主机名。")],
    comment: Comment,
    pool: Annotated[str | None, option("Name or id of a pool.", "资源池名称或标识。", "--pool")] = None,
    host: Annotated[str | None, option("Name of a host.", "主机名称。", "--host")] = None,
    network: Annotated[str | None, option("Code of a network.", "网络代码。", "--network")] = None,
    address: Annotated[str | None, option("A free address of it.", "该网络的空闲地址。", "--address")] = None,
) -> None:
    """Choose as an administrator where a server of an order that waits for your decision will be; yeses stand."""
    order = find_order(terminal.api, name)
    chosen = {"host": host, "network": network, "address": address}
    if pool is not None:
        chosen["pool_id"] = find_pool_id(terminal.api, pool, None)
    if not any(chosen.values()):
        raise WrongUsage(NOTHING)
    body = {"position": _position(order, item), "comment": comment, **chosen}
    show_document(terminal, terminal.api.post(path_to("orders", order["id"], "place"), body))


def strike(
    terminal: Terminal,
    name: OrderName,
    item: Annotated[str, argument("Hostname or name of what is struck.", "被剔除项的主机名或名称。")],
    comment: Annotated[str, option("The reason; the applicant reads it.", "理由，申请人可见。", "--comment")],
) -> None:
    """Take an item, and what refers to it, out of an order that waits for your decision; the rest is approved anew."""
    order = find_order(terminal.api, name)
    body = {"position": _position(order, item), "comment": comment}
    show_document(terminal, terminal.api.post(path_to("orders", order["id"], "strike"), body))


def _position(order: dict[str, Any], item: str) -> int:
    """Return the position of the item of this name. Raises WrongUsage."""
    named = [each["position"] for each in order["items"] if item == name_of(each["specification"])]
    if not named:
        raise WrongUsage(NO_ITEM, item=item)
    return int(named[0])
