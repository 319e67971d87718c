"""The company directory."""

import time
from typing import Annotated, Any

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import WrongUsage
from jinyun.cli.framework import All, command, group, option
from jinyun.cli.render import column, moment
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

commands = group("Departments and people from the company directory.", "来自企业目录的部门与人员。")

STATUS = (
    column("configured", "已配置", "configured"),
    column("state", "状态", "state"),
    column("in step at", "最近同步", "succeeded_at", moment),
    column("age in s", "距今秒数", "age_seconds"),
    column("down since", "不可用自", "failed_at", moment),
    column("problem", "问题", "problem"),
    column("departments", "部门", "summary.departments"),
    column("people", "人员", "summary.people"),
    column("joining", "新增", "summary.joining"),
    column("changing", "变更", "summary.changing"),
    column("leaving", "离职", "summary.leaving"),
    column("departments removed", "撤销部门", "summary.departments_leaving"),
    column("removed in %", "移除占比", "summary.removed_percent"),
    column("cap in %", "上限", "cap_percent"),
    column("findings", "目录问题", "summary.findings"),
    column("plan", "计划摘要", "digest"),
)
LINES = (column("kind", "类别", "kind"), column("what", "内容", "text"))
PATIENCE_SECONDS = 60
STILL_WAITING = Text(
    "No worker has read the directory yet; see `jinyun directory status`.",
    "尚无工作进程完成读取，请查看 `jinyun directory status`。",
)
ONE_OF_TWO = Text("Either --preview or --confirm.", "--preview 与 --confirm 只能选一个。")


@command(commands, "status", "显示与企业目录的同步状态。")
def show_status(terminal: Terminal) -> None:
    """Show how it stands with the company directory."""
    terminal.show(STATUS, terminal.api.get(path_to("directory")))


@command(commands, "findings", "列出企业目录中的问题。")
def list_findings(terminal: Terminal, everything: All = False) -> None:
    """List what is wrong in the company directory."""
    terminal.show_list(LINES, path_to("directory", "lines"), everything=everything, kind="finding")


@command(commands, "sync", "立即读取企业目录。")
def sync(
    terminal: Terminal,
    preview: Annotated[bool, option("Only show what it would change.", "只显示将发生的变更。", "--preview")] = False,
    confirm: Annotated[
        str | None, option("Carry out exactly the plan of this digest.", "执行该摘要对应的计划。", "--confirm")
    ] = None,
    everything: All = False,
) -> None:
    """Read the company directory now, and show what changed or would change."""
    if preview and confirm:
        raise WrongUsage(ONE_OF_TWO)
    if confirm:
        terminal.api.post(path_to("directory", "confirm"), {"digest": confirm})
    else:
        terminal.api.post(path_to("directory", "sync"), {"preview": preview})
    terminal.show(STATUS, _afterwards(terminal, confirm))
    terminal.show_list(LINES, path_to("directory", "lines"), everything=everything, kind="change")


def _afterwards(terminal: Terminal, confirmed: str | None) -> Any:
    """Return how it stands once a worker has done what was asked."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        status = terminal.api.get(path_to("directory"))
        pending = status["requested_at"] is not None or (confirmed is not None and status["confirmed"])
        if not pending:
            return status
        if time.monotonic() >= end:
            terminal.note(STILL_WAITING)
            return status
        time.sleep(0.3)
