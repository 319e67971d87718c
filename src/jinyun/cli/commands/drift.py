"""What is not as expected on managed servers."""

import json
from typing import Annotated, Any, Literal

from jinyun.cli.addresses import path_to
from jinyun.cli.finding import server_id_of
from jinyun.cli.following import carry_through
from jinyun.cli.framework import All, NoWait, argument, command, group, option
from jinyun.cli.render import column, moment, state
from jinyun.cli.terminal import Terminal

commands = group("What is not as expected on managed servers.", "托管服务器的偏差。")


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


DRIFTS = (
    column("server", "服务器", "hostname"),
    column("what", "内容", "title"),
    column("expected", "预期", "expected", _value),
    column("found", "实际", "found", _value),
    state(),
    column("since", "起始时间", "first_seen_at", moment),
    column("ignored until", "忽略至", "ignored_until", moment),
    column("id", "标识", "id"),
)
ONE = (
    *DRIFTS,
    column("application system", "应用系统", "project"),
    column("region", "区域", "region"),
    column("decided by", "处理人", "decided_by"),
    column("decided at", "处理时间", "decided_at", moment),
    column("comment", "说明", "comment"),
    column("operation", "操作", "operation_id"),
    column("over since", "结束时间", "ended_at", moment),
)
DriftId = Annotated[str, argument("Its id.", "标识。")]
Comment = Annotated[str, option("Why.", "原因。", "--comment")]


@command(commands, "list", "列出与预期不符之处。")
def list_drifts(
    terminal: Terminal,
    server: Annotated[str | None, option("Only this server's.", "仅限该服务器。", "--server")] = None,
    region: Annotated[str | None, option("Only this region's.", "仅限该区域。", "--region")] = None,
    of_state: Annotated[
        Literal["open", "ignored", "reverting", "accepted", "reverted", "settled", "dropped"] | None,
        option("Only in this state.", "仅限该状态。", "--state"),
    ] = None,
    history: Annotated[bool, option("Also what is over.", "包括已结束的。", "--history")] = False,
    everything: All = False,
) -> None:
    """List what is not as expected, the newest first."""
    server_id = None if server is None else server_id_of(terminal.api, server)
    wanted = {"server": server_id, "region": region, "state": of_state, "history": history or None}
    terminal.show_list(DRIFTS, path_to("drifts"), everything=everything, **wanted)


@command(commands, "show", "显示一项偏差。")
def show_drift(terminal: Terminal, drift: DriftId) -> None:
    """Show one thing that is not as expected."""
    terminal.show(ONE, terminal.api.get(path_to("drifts", drift)))


@command(commands, "accept", "接受实际状态为新的预期。")
def accept_drift(terminal: Terminal, drift: DriftId, comment: Comment = "") -> None:
    """Expect from now on what was found."""
    terminal.show(ONE, terminal.api.post(path_to("drifts", drift, "accept"), {"comment": comment}))


@command(commands, "ignore", "在某时刻之前忽略。")
def ignore_drift(
    terminal: Terminal,
    drift: DriftId,
    until: Annotated[str, option("Moment: 2026-12-31T18:00:00+08:00.", "时刻：2026-12-31T18:00:00+08:00。", "--until")],
    comment: Comment = "",
) -> None:
    """Hear of it again at a moment."""
    body = {"until": until, "comment": comment}
    terminal.show(ONE, terminal.api.post(path_to("drifts", drift, "ignore"), body))


@command(commands, "revert", "将虚拟机还原为预期状态。")
def revert_drift(terminal: Terminal, drift: DriftId, comment: Comment = "", no_wait: NoWait = False) -> None:
    """Have the machine made as it was."""
    operation = terminal.api.post(path_to("drifts", drift, "revert"), {"comment": comment})
    carry_through(terminal, operation, no_wait=no_wait)
