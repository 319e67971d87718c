"""What is in the regions already, whoever made it."""

import json
import time
from typing import Annotated, Any, Literal

from jinyun.cli.addresses import path_to
from jinyun.cli.finding import is_id, only
from jinyun.cli.framework import All, NoWait, argument, command, group, option
from jinyun.cli.render import column, moment
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

commands = group("What is in the regions already, whoever made it.", "区域中的存量资源。")

OBSERVED = (
    column("region", "区域", "region"),
    column("name", "名称", "name"),
    column("cluster", "集群", "cluster"),
    column("host", "主机", "host"),
    column("power", "电源", "power"),
    column("addresses", "地址", "addresses"),
    column("changed", "最近变化", "changed_at", moment),
    column("gone since", "消失时间", "gone_at", moment),
    column("id in the region", "区域内标识", "external_id"),
    column("id", "标识", "id"),
)
ONE = (
    *OBSERVED,
    column("kind", "类型", "kind"),
    column("own id", "自身标识", "uuid"),
    column("first seen", "首次发现", "first_seen_at", moment),
    column("known until", "数据截至", "current_at", moment),
    column("may not be read", "无权读取", "unreadable"),
    column("facts", "详情", "facts", lambda facts: json.dumps(facts, ensure_ascii=False, indent=1)),
)
STATUS = (
    column("region", "区域", "region"),
    column("things", "数量", "things"),
    column("read whole", "完整读取", "read_at", moment),
    column("age in s", "数据距今秒数", "age_seconds"),
    column("down since", "不可用自", "failed_at", moment),
    column("problem", "问题", "problem.text"),
    column("may not be read", "无权读取", "unreadable", lambda counts: [f"{path} ×{n}" for path, n in counts.items()]),
    column("backend", "后端标识", "installation"),
)
THING = Text("observed thing", "存量资源")
PATIENCE_SECONDS = 120
STILL_WAITING = Text(
    "No worker has read it yet; see `jinyun observed status`.",
    "尚无工作进程完成读取，请查看 `jinyun observed status`。",
)
Kind = Annotated[Literal["server", "volume", "port"] | None, option("Only of this kind.", "仅限该类型。", "--kind")]
RegionFilter = Annotated[str | None, option("Only this region's.", "仅限该区域。", "--region")]


@command(commands, "list", "按名称列出区域中的存量资源。")
def list_observed(
    terminal: Terminal,
    region: RegionFilter = None,
    kind: Kind = None,
    cluster: Annotated[str | None, option("Only in this cluster.", "仅限该集群。", "--cluster")] = None,
    name: Annotated[str | None, option("Part of the name.", "名称的一部分。", "--name")] = None,
    address: Annotated[str | None, option("Only what has this address.", "仅限拥有该地址者。", "--address")] = None,
    power: Annotated[
        Literal["on", "off", "suspended"] | None, option("Only in this state.", "仅限该电源状态。", "--power")
    ] = None,
    gone: Annotated[bool, option("What is there no more.", "仅列出已消失者。", "--gone")] = False,
    everything: All = False,
) -> None:
    """List what is in the regions, whoever made it, by name."""
    wanted = {"region": region, "kind": kind, "cluster": cluster, "name": name, "address": address, "power": power}
    terminal.show_list(OBSERVED, path_to("observed"), everything=everything, **wanted, gone=gone)


@command(commands, "show", "显示一项存量资源的全部信息。")
def show_observed(
    terminal: Terminal, thing: Annotated[str, argument("Name or id.", "名称或标识。")], region: RegionFilter = None
) -> None:
    """Show one thing that is in a region, with all that is known of it."""
    if not is_id(thing):
        found = terminal.api.items(path_to("observed"), name=thing, region=region)
        thing = only(THING, thing, (each for each in found if each["name"] == thing))["id"]
    terminal.show(ONE, terminal.api.get(path_to("observed", thing)))


@command(commands, "status", "显示各区域存量资源数据的新旧与问题。")
def show_status(terminal: Terminal, everything: All = False) -> None:
    """Show how old the data of each region is, and what is wrong."""
    terminal.show_list(STATUS, path_to("estates"), everything=everything)


@command(commands, "read", "重新读取区域中的全部存量资源。")
def read_estate(
    terminal: Terminal,
    code: Annotated[str, argument("Code of the region.", "区域代码。")],
    no_wait: NoWait = False,
) -> None:
    """Have everything that is in a region read anew."""
    estate = terminal.api.post(path_to("regions", code, "read-estate"))
    terminal.show(STATUS, estate if no_wait else _afterwards(terminal, code))


def _afterwards(terminal: Terminal, code: str) -> Any:
    """Return how it stands once a worker has read everything."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        estate = next(each for each in terminal.api.items(path_to("estates")) if each["region"] == code)
        if estate["requested_at"] is None:
            return estate
        if time.monotonic() >= end:
            terminal.note(STILL_WAITING)
            return estate
        time.sleep(0.3)
