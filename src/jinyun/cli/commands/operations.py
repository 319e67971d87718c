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
    column("may begin", "预计开始", "expected_start", moment),
    column("progress", "进展", "progress"),
    column("problem", "问题", "problem.text"),
)
State = Literal["pending", "running", "undoing", "needs_operator", "succeeded", "failed", "cancelled"]
Reason = Annotated[str, option("Why; it is kept in the audit log.", "原因，记入审计日志。", "--reason")]
OperationId = Annotated[str, argument("Id of the operation.", "操作标识。", metavar="OPERATION")]


@command(commands, "list", "列出操作，最新的在前。")
def list_operations(
    terminal: Terminal,
    active: Annotated[bool, option("Only those that have not ended.", "仅限未结束的。", "--active")] = False,
    state: Annotated[State | None, option("Only in this state.", "仅限该状态。", "--state")] = None,
    stuck: Annotated[
        bool, option("Only those that need an operator or keep failing.", "仅限需运维处理或持续失败的。", "--stuck")
    ] = False,
    everything: All = False,
) -> None:
    """List operations, newest first."""
    query = {"active": active or None, "state": state, "stuck": stuck or None}
    terminal.show_list(LIST, path_to("operations"), everything=everything, **query)


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


@command(commands, "skip", "视所停步骤为已由您完成，继续执行。")
def skip_step(terminal: Terminal, operation_id: OperationId, reason: Reason) -> None:
    """Go on as if the step where it stopped were done: you have seen to it yourself."""
    _decide(terminal, operation_id, "skip", reason)


@command(commands, "undo", "从所停步骤开始回退，包括不可回退点之后的步骤。")
def undo_operation(terminal: Terminal, operation_id: OperationId, reason: Reason) -> None:
    """Undo an operation that stopped for an operator, also beyond the point of no return."""
    _decide(terminal, operation_id, "undo", reason)


def _decide(terminal: Terminal, operation_id: str, verb: str, reason: str) -> None:
    terminal.show(LIST, terminal.api.post(path_to("operations", operation_id, verb), {"reason": reason}))


def _show(terminal: Terminal, operation: dict[str, Any]) -> None:
    terminal.show(DETAIL, operation)
    if terminal.output == "table":
        terminal.show_table(STEPS, operation["steps"])
