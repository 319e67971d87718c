"""Ordering, and following what was ordered."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import WrongUsage
from jinyun.cli.finding import find_order, find_snapshot
from jinyun.cli.following import follow_order
from jinyun.cli.framework import All, ProjectFilter, argument, command, group, option
from jinyun.cli.inputs import read_document, read_renames, read_text, read_volume, registered_key
from jinyun.cli.render import Column, column, moment, money, state
from jinyun.cli.rules import connects, rule_in_words
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Language, Text

NO_PRICE = Text("no price", "无价格")
commands = group("Order, and follow what was ordered.", "申请资源，并跟踪订单。")


def _cost(document: Mapping[str, Any], language: Language) -> str:
    return _amount(document["monthly_cost"], language)


COST = Column(Text("cost a month", "月费用"), _cost)
LIST = (
    column("number", "订单号", "number"),
    state(),
    column("project", "应用系统", "project"),
    column("applicant", "申请人", "applicant_name"),
    column("purpose", "用途", "purpose"),
    COST,
    column("created", "提交时间", "created_at", moment),
)
DETAIL = (
    *LIST,
    column("currency", "币种", "currency"),
    column("wanted until", "到期", "expires_at", moment),
    column("decided", "审批时间", "decided_at", moment),
    column("comment", "审批意见", "comment"),
    column("ended", "结束时间", "ended_at", moment),
    column("id", "标识", "id"),
)
ITEMS = (
    column("kind", "类型", "kind"),
    column("name", "名称", "name"),
    state(),
    column("what", "内容", "what"),
    COST,
    column("address", "地址", "address"),
    column("operation", "操作", "operation_id"),
    column("problem", "问题", "problem.text"),
)
PARTS = (
    column("item", "订单项", "item"),
    column("kind", "类型", "kind"),
    column("code", "代码", "code"),
    column("quantity", "数量", "quantity"),
    Column(Text("price", "单价"), lambda part, language: _amount(part["price"], language)),
    Column(Text("a month", "月费用"), lambda part, language: _amount(part["monthly"], language)),
)
TOTAL = (COST, column("currency", "币种", "currency"))
COSTS = Text("It costs {amount} a month.", "月费用为 {amount}。")
NO_PRICE_YET = Text(
    "What it costs is not known: a part of it has no price (`jinyun price list`).",
    "费用未知：其中有的部分没有价格（`jinyun price list`）。",
)
NAMES = ("hostname", "code", "name", "attach_to", "network", "security_group")
"""What of an item is a name."""
SUBMITTED = Text("Order {number} was submitted.", "订单 {number} 已提交。")
State = Literal[
    "pending_approval",
    "returned",
    "delivering",
    "delivered",
    "partly_delivered",
    "failed",
    "rejected",
    "withdrawn",
    "expired",
]
Project = Annotated[str, option("Code of the application system.", "应用系统代码。", "--project")]
Purpose = Annotated[str, option("What it is for.", "用途。", "--purpose")]
Until = Annotated[
    datetime | None, option("Last day that it is wanted.", "使用截止日期。", "--until", formats=["%Y-%m-%d"])
]
Estimate = Annotated[
    bool, option("Only say what it would cost; order nothing.", "仅显示费用，不提交订单。", "--estimate")
]
Watch = Annotated[bool, option("Look on until it is delivered.", "持续跟踪直到交付。", "--watch")]
OrderName = Annotated[str, argument("Number or id of the order.", "订单号或标识。", metavar="ORDER")]


@command(commands, "server", "申请虚拟服务器。")
def order_server(
    terminal: Terminal,
    project: Project,
    hostname: Annotated[list[str], option("Host name; repeat it for several.", "主机名，可重复。", "--hostname")],
    flavor: Annotated[str, option("See `jinyun flavor list`.", "见 `jinyun flavor list`。", "--flavor")],
    image: Annotated[str, option("`name` or `name:version`.", "`名称` 或 `名称:版本`。", "--image")],
    network: Annotated[str, option("See `jinyun network list`.", "见 `jinyun network list`。", "--network")],
    purpose: Purpose,
    zone: Annotated[str | None, option("Availability zone.", "可用区。", "--zone")] = None,
    address: Annotated[str | None, option("A free address of the network.", "网络中的空闲地址。", "--address")] = None,
    security_group: Annotated[
        str | None, option("`none` for no security group.", "`none` 表示不使用安全组。", "--security-group")
    ] = None,
    keypair: Annotated[str | None, option("Name of your key pair.", "密钥对名称。", "--keypair")] = None,
    key: Annotated[
        Path | None, option("Public key; it is registered if need be.", "公钥文件，必要时自动登记。", "--key")
    ] = None,
    user_data: Annotated[Path | None, option("For cloud-init.", "cloud-init 用户数据文件。", "--user-data")] = None,
    volume: Annotated[
        list[str] | None, option("TIER:GiB; repeatable.", "等级:容量（GiB），可重复。", "--volume")
    ] = None,
    server_group: Annotated[
        str | None, option("See `jinyun server-group list`.", "见 `jinyun server-group list`。", "--group")
    ] = None,
    hypervisor: Annotated[
        Literal["kvm", "vmware"] | None, option("What it has to run on.", "所需虚拟化类型。", "--hypervisor")
    ] = None,
    tag: Annotated[
        list[str] | None, option("Its pool must have it; repeatable.", "资源池须有的标签，可重复。", "--tag")
    ] = None,
    without_tag: Annotated[
        list[str] | None,
        option("Its pool must lack it; repeatable.", "资源池不得有的标签，可重复。", "--without-tag"),
    ] = None,
    licence: Annotated[
        list[str] | None,
        option("Its hosts must have it; repeatable.", "主机须有的许可，可重复。", "--licence"),
    ] = None,
    until: Until = None,
    watch: Watch = False,
    estimate: Estimate = False,
) -> None:
    """Order virtual servers."""
    if key is not None and keypair is not None:
        raise WrongUsage(Text("--key and --keypair exclude each other.", "--key 与 --keypair 不能同时使用。"))
    if address is not None and len(hostname) > 1:
        raise WrongUsage(Text("One --address cannot be that of several servers.", "--address 不能用于多台服务器。"))
    item = {
        "kind": "server",
        "flavor": flavor,
        "image": image,
        "network": network,
        "zone": zone,
        "address": address,
        "keypair": keypair,
        "user_data": read_text(user_data) if user_data else None,
        "volumes": [read_volume(wanted) for wanted in volume or []],
        "server_group": server_group,
        "hypervisor": hypervisor,
        "tags": tag or [],
        "without_tags": without_tag or [],
        "licences": licence or [],
    }
    if security_group is not None:
        item["security_group"] = None if security_group == "none" else security_group
    if key is not None:
        item["keypair"] = registered_key(terminal.api, key)
    items = [{**item, "hostname": name} for name in hostname]
    submit(terminal, order_of(project, purpose, until, items), estimate=estimate, watch=watch)


@command(commands, "volume", "申请云硬盘。")
def order_volume(
    terminal: Terminal,
    project: Project,
    name: Annotated[str, option("Its name.", "名称。", "--name")],
    region: Annotated[str, option("Code of the region.", "区域代码。", "--region")],
    tier: Annotated[str, option("See `jinyun tier list`.", "见 `jinyun tier list`。", "--tier")],
    size: Annotated[int, option("GiB.", "容量（GiB）。", "--size", min=1)],
    purpose: Purpose,
    from_snapshot: Annotated[
        str | None, option("Snapshot that it begins with.", "以该快照为初始内容。", "--from-snapshot")
    ] = None,
    until: Until = None,
    watch: Watch = False,
    estimate: Estimate = False,
) -> None:
    """Order a volume by itself."""
    item = {"kind": "volume", "name": name, "region": region, "tier": tier, "size_gib": size}
    if from_snapshot is not None:
        item["from_snapshot"] = find_snapshot(terminal.api, from_snapshot)["id"]
    submit(terminal, order_of(project, purpose, until, [item]), estimate=estimate, watch=watch)


@command(commands, "submit", "提交文件（YAML）中的订单，可包含互相引用的多个订单项。")
def submit_file(
    terminal: Terminal,
    file: Annotated[Path, argument("As `order draft` writes it.", "格式与 `order draft` 的输出相同。", exists=True)],
    watch: Watch = False,
    estimate: Estimate = False,
) -> None:
    """Submit the order of a YAML file: several items, of which some may refer to others."""
    submit(terminal, read_document(file), estimate=estimate, watch=watch)


@command(commands, "draft", "将订单内容输出为 YAML，修改后可再次提交。")
def draft_order(terminal: Terminal, name: OrderName) -> None:
    """Write what an order asked for as YAML, ready to be changed and submitted anew."""
    draft = _draft(terminal, name)
    if terminal.output == "json":
        terminal.print_json(draft)
    else:
        terminal.write(yaml.safe_dump(draft, allow_unicode=True, sort_keys=False))


@command(commands, "copy", "以同样的内容再次申请，名称须更换。")
def copy_order(
    terminal: Terminal,
    name: OrderName,
    rename: Annotated[list[str], option("OLD=NEW, for each name.", "旧名=新名，每个名称一个。", "--rename")],
    purpose: Annotated[str | None, option("What the new one is for.", "新订单的用途。", "--purpose")] = None,
    until: Until = None,
    watch: Watch = False,
    estimate: Estimate = False,
) -> None:
    """Order the same once more, under other names."""
    draft = _draft(terminal, name)
    names = read_renames(rename)
    items = [item | {key: names.get(item[key], item[key]) for key in NAMES if item.get(key)} for item in draft["items"]]
    wanted = order_of(draft["project"], purpose or draft["purpose"], until, items)
    submit(terminal, {"until": draft["until"]} | wanted, estimate=estimate, watch=watch)


@command(commands, "list", "列出订单，最新的在前。")
def list_orders(
    terminal: Terminal,
    project: ProjectFilter = None,
    state: Annotated[State | None, option("Only in this state.", "仅限该状态。", "--state")] = None,
    mine: Annotated[bool, option("Only your own.", "仅限您自己的。", "--mine")] = False,
    everything: All = False,
) -> None:
    """List orders, newest first."""
    query = {"project": project, "state": state, "mine": mine or None}
    terminal.show_list(LIST, path_to("orders"), everything=everything, **query)


@command(commands, "show", "显示订单及其明细。")
def show_order(terminal: Terminal, name: OrderName) -> None:
    """Show an order with its items."""
    show_document(terminal, find_order(terminal.api, name))


@command(commands, "watch", "跟踪订单：审批、交付步骤；全部交付时返回 0。")
def watch_order(terminal: Terminal, name: OrderName) -> None:
    """Look on until nothing more will happen; exits with 0 where everything was delivered."""
    follow_order(terminal, find_order(terminal.api, name)["id"])


@command(commands, "withdraw", "撤回尚未审批的订单。")
def withdraw_order(terminal: Terminal, name: OrderName) -> None:
    """Take an undecided order back."""
    order = find_order(terminal.api, name)
    show_document(terminal, terminal.api.post(path_to("orders", order["id"], "withdraw")))


@command(commands, "edit", "用文件（YAML）中的内容替换被退回订单的内容。")
def edit_order(
    terminal: Terminal,
    name: OrderName,
    file: Annotated[Path, argument("As `order draft` writes it.", "格式与 `order draft` 的输出相同。", exists=True)],
) -> None:
    """Give an order that was returned to you another content; `order resubmit` then hands it in."""
    order = find_order(terminal.api, name)
    show_document(terminal, terminal.api.put(path_to("orders", order["id"]), read_document(file)))


@command(commands, "resubmit", "重新提交被退回的订单。")
def resubmit_order(terminal: Terminal, name: OrderName) -> None:
    """Hand an order in again that was returned to you."""
    order = find_order(terminal.api, name)
    show_document(terminal, terminal.api.post(path_to("orders", order["id"], "resubmit")))


def _draft(terminal: Terminal, name: str) -> dict[str, Any]:
    draft: dict[str, Any] = terminal.api.get(path_to("orders", find_order(terminal.api, name)["id"], "draft"))
    return draft


def order_of(project: str, purpose: str, until: datetime | None, items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the body of an order."""
    order = {"project": project, "purpose": purpose, "items": items}
    return order if until is None else order | {"until": until.date().isoformat()}


def submit(terminal: Terminal, order: dict[str, Any], *, estimate: bool, watch: bool) -> None:
    """Say what it costs, and order it unless that was all that was asked."""
    cost = terminal.api.post(path_to("orders", "estimate"), order)
    if estimate:
        _show_estimate(terminal, cost)
        return
    _note_cost(terminal, cost)
    submitted = terminal.api.post(path_to("orders"), order)
    terminal.note(SUBMITTED.format(number=submitted["number"]))
    if watch:
        follow_order(terminal, submitted["id"])
    else:
        show_document(terminal, submitted)


def _note_cost(terminal: Terminal, cost: dict[str, Any]) -> None:
    if cost["monthly_cost"] is None:
        terminal.note(NO_PRICE_YET)
    else:
        terminal.note(COSTS.format(amount=f"{money(cost['monthly_cost'])} {cost['currency']}"))


def _show_estimate(terminal: Terminal, cost: dict[str, Any]) -> None:
    if terminal.output == "json":
        terminal.print_json(cost)
        return
    parts = [part | {"item": number} for number, item in enumerate(cost["items"], start=1) for part in item["parts"]]
    terminal.show_table(PARTS, parts)
    terminal.show(TOTAL, cost)


def _amount(amount: str | None, language: Language) -> str:
    return NO_PRICE.in_language(language) if amount is None else money(amount)


def show_document(terminal: Terminal, order: dict[str, Any]) -> None:
    """Show an order as the API answered it."""
    terminal.show(DETAIL, order)
    if terminal.output == "table":
        terminal.show_table(ITEMS, [_item(item) for item in order["items"]])


def _item(item: dict[str, Any]) -> dict[str, Any]:
    wanted = item["specification"]
    return {
        **item,
        "name": name_of(wanted),
        "what": _what(item["kind"], wanted),
        "address": item["allocation"].get("address"),
    }


def name_of(wanted: dict[str, Any]) -> str:
    """Return what people call an item, by its specification."""
    named = next((wanted[key] for key in ("hostname", "code", "name", "volume_id") if wanted.get(key)), None)
    return str(named or wanted["network"])


def _what(kind: str, wanted: dict[str, Any]) -> str:
    if kind == "volume":
        onto = f" → {wanted['attach_to']}" if wanted.get("attach_to") else ""
        return f"{wanted['size_gib']} GiB {wanted['tier']}{onto}"
    if kind in {"resize", "extend"}:
        return str(wanted.get("flavor") or f"{wanted['size_gib']} GiB")
    if kind == "server":
        volumes = [f"{each['size_gib']} GiB {each['tier']}" for each in wanted["volumes"]]
        return ", ".join([wanted["flavor"], wanted["image"], *volumes])
    if kind in {"network", "router", "floating-address"}:
        return connects(wanted)
    if "rules" in wanted:
        return ", ".join(rule_in_words(rule) for rule in wanted["rules"])
    return ""
