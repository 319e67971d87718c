"""Operations: what is being done, and by whom."""

from typing import Annotated, Any, Literal

from jinyun.cli.addresses import path_to
from jinyun.cli.following import follow_operation, require_success
from jinyun.cli.framework import All, argument, command, group, option
from jinyun.cli.render import column, duration, moment, state
from jinyun.cli.terminal import Terminal

commands = group("What is being done, step by step.", "正在执行的操作及其步骤。")

LIST = (
    column("id", "标识", "id"),
    column("kind", "类型", "kind"),
    column("subject", "对象", "subject_name"),
    state(),
    column("requested by", "发起人", "requested_by"),
    column("requested", "发起时间", "created_at", moment),
    column("problem", "问题", "problem.text"),
)
DETAIL = (
    column("title", "标题", "title"),
    *LIST,
    column("said by the backend", "后端原文", "problem.words"),
    column("cancellation asked", "已请求取消", "cancel_requested"),
    column("worker", "执行节点", "worker"),
    column("started", "开始时间", "started_at", moment),
    column("ended", "结束时间", "ended_at", moment),
)
STEPS = (
    column("step", "步骤", "name"),
    column("title", "标题", "title"),
    state(),
    column("took", "用时", "seconds", duration),
    column("attempts", "次数", "attempts"),
    column("queue", "排队", "queue_place"),
    column("progress", "进展", "progress"),
    column("problem", "问题", "problem.text"),
)
State = Literal["pending", "running", "undoing", "needs_operator", "succeeded", "failed", "cancelled"]
OperationId = Annotated[str, argument("Id of the operation.", "操作标识。", metavar="OPERATION")]


@command(commands, "list", "列出操作，最新的在前。")
def list_operations(
    terminal: Terminal,
    active: Annotated[bool, option("Only those that have not ended.", "仅限未结束的。", "--active")] = False,
    state: Annotated[State | None, option("Only in this state.", "仅限该状态。", "--state")] = None,
    everything: All = False,
) -> None:
    """List operations, newest first."""
    terminal.show_list(LIST, path_to("operations"), everything=everything, active=active or None, state=state)


@command(commands, "show", "显示操作及其步骤。")
def show_operation(terminal: Terminal, operation_id: OperationId) -> None:
    """Show an operation with its steps."""
    _show(terminal, terminal.api.get(path_to("operations", operation_id)))


@command(commands, "watch", "跟踪操作直到结束；成功时返回 0。")
def watch_operation(terminal: Terminal, operation_id: OperationId) -> None:
    """Look on until it has ended; exits with 0 where it succeeded."""
    ended = follow_operation(terminal, operation_id)
    if terminal.output == "json":
        terminal.print_json(ended)
    require_success(ended)


@command(commands, "cancel", "请求停止并回退已做的操作。")
def cancel_operation(terminal: Terminal, operation_id: OperationId) -> None:
    """Ask an operation to stop and undo what it did."""
    terminal.show(LIST, terminal.api.post(path_to("operations", operation_id, "cancel")))


@command(commands, "retry", "让等待运维处理的操作继续执行。")
def retry_operation(terminal: Terminal, operation_id: OperationId) -> None:
    """Let an operation that stopped for an operator go on."""
    terminal.show(LIST, terminal.api.post(path_to("operations", operation_id, "retry")))


def _show(terminal: Terminal, operation: dict[str, Any]) -> None:
    terminal.show(DETAIL, operation)
    if terminal.output == "table":
        terminal.show_table(STEPS, operation["steps"])
