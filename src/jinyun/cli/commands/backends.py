"""What operators watch: lanes, backends, alarms, and what belongs to nobody."""

from typing import Annotated, Literal

from jinyun.cli.addresses import path_to
from jinyun.cli.following import carry_through
from jinyun.cli.framework import All, NoWait, Yes, argument, command, group, option
from jinyun.cli.render import column, moment, state
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

lanes = group("How many steps may be at a backend at once.", "通道：同时进入后端的步骤数量。")
backends = group("Whether backends answer.", "后端是否可用。")
alarms = group("What operators must know.", "告警。")
orphans = group("What is in the regions and belongs to nobody.", "区域中无归属的遗留资源。")

LANES = (
    column("lane", "通道", "name"),
    column("inside", "通道内", "in_use"),
    column("waiting", "排队", "waiting"),
    column("allowed now", "当前允许", "allowance"),
    column("floor", "下限", "floor"),
    column("ceiling", "上限", "ceiling"),
)
BACKENDS = (
    column("backend", "后端", "name"),
    column("down since", "不可用起始时间", "down_since", moment),
    column("failures in a row", "连续失败", "failures"),
    column("problem", "问题", "problem"),
)
ALARMS = (
    column("raised", "发出时间", "raised_at", moment),
    column("kind", "类型", "kind"),
    column("subject", "对象", "subject"),
    column("alarm", "告警", "text"),
    column("over since", "解除时间", "cleared_at", moment),
)
ORPHANS = (
    column("id", "标识", "id"),
    column("region", "区域", "region"),
    column("kind", "类型", "kind"),
    column("name", "名称", "name"),
    state(),
    column("first seen", "首次发现", "first_seen_at", moment),
    column("made by operation", "创建它的操作", "operation_id"),
    column("the region says", "区域信息", "evidence"),
    column("id in the region", "区域内标识", "external_id"),
)
CLEAN = Text("Remove orphan {orphan_id} from its region for good?", "从区域中永久清除遗留资源 {orphan_id}？")
OrphanState = Literal["seen", "confirmed", "cleaning", "gone"]
RegionFilter = Annotated[str | None, option("Only this region's.", "仅限该区域。", "--region")]


@command(lanes, "list", "列出通道及其排队情况。")
def list_lanes(terminal: Terminal, everything: All = False) -> None:
    """List the lanes, how many are inside and how many wait."""
    terminal.show_list(LANES, path_to("lanes"), everything=everything)


@command(lanes, "set", "设置通道可进入的数量，立即生效。")
def set_lane(
    terminal: Terminal,
    name: Annotated[str, argument("Name of the lane.", "通道名称。", metavar="LANE")],
    ceiling: Annotated[int, option("How many at once when all is well.", "正常时的最大数量。", "--ceiling")],
    floor: Annotated[int, option("How many at once at least.", "最小数量。", "--floor")] = 1,
) -> None:
    """Set how many may be at a backend at once; it holds at once, also for what waits."""
    terminal.show(LANES, terminal.api.put(path_to("lanes", name), {"ceiling": ceiling, "floor": floor}))


@command(backends, "list", "列出出错或不可用的后端。")
def list_backends(terminal: Terminal, everything: All = False) -> None:
    """List the backends that have failed, and which are down."""
    terminal.show_list(BACKENDS, path_to("backends"), everything=everything)


@command(alarms, "list", "列出告警，最新的在前。")
def list_alarms(
    terminal: Terminal,
    past: Annotated[bool, option("Those that are over, too; every page.", "包括已解除的，列出全部。", "--all")] = False,
) -> None:
    """List the alarms that are not over, newest first."""
    terminal.show_list(ALARMS, path_to("alarms"), everything=past, active=not past)


@command(orphans, "list", "列出尚未消失的遗留资源。")
def list_orphans(
    terminal: Terminal,
    region: RegionFilter = None,
    state: Annotated[OrphanState | None, option("Only in this state.", "仅限该状态。", "--state")] = None,
    everything: All = False,
) -> None:
    """List what belongs to nobody, newest first; what is gone only with `--state gone`."""
    terminal.show_list(ORPHANS, path_to("orphans"), everything=everything, region=region, state=state)


@command(orphans, "clean", "清除已确认的遗留资源；清除前会再次确认。")
def clean_orphan(
    terminal: Terminal,
    orphan_id: Annotated[str, argument("Id of the orphan.", "遗留资源标识。", metavar="ORPHAN")],
    yes: Yes = False,
    no_wait: NoWait = False,
) -> None:
    """Remove a confirmed orphan; it is looked at once more right before."""
    terminal.confirm(CLEAN, yes=yes, orphan_id=orphan_id)
    carry_through(terminal, terminal.api.post(path_to("orphans", orphan_id, "clean")), no_wait=no_wait)
