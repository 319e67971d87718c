"""Deciding."""

from typing import Annotated, Any

import typer

from jinyun.cli.addresses import path_to
from jinyun.cli.finding import find_todo
from jinyun.cli.framework import All, Yes, argument, command, option
from jinyun.cli.language import here
from jinyun.cli.render import column, facts, moment, plain, state
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

TODOS = (
    column("what", "事项", "title"),
    column("project", "应用系统", "project_name"),
    column("applicant", "申请人", "applicant"),
    column("why you", "为何由您审批", "reason"),
    column("may change", "可修改", "may_edit"),
    column("asked", "提交时间", "asked_at", moment),
    column("assignment", "任务标识", "assignment_id"),
)
CHAIN = (column("what", "事项", "title"), state(), column("ended", "结束时间", "ended_at", moment))
ASKED_BY = Text("{applicant} asks for {code} {name}:", "{applicant} 为 {code} {name} 申请：")
APPROVE = Text("Approve exactly this?", "批准以上内容？")
REJECT = Text("Reject this?", "拒绝该申请？")
Name = Annotated[str, argument("Number or id of the order, or id of the assignment.", "订单号、订单标识或任务标识。")]


def add_to(commands: typer.Typer) -> None:
    """Add the commands of this group."""
    command(commands, "todo", "列出待您审批的事项，最早的在前。")(list_todos)
    command(commands, "approve", "批准您所看到的内容。")(approve)
    command(commands, "reject", "拒绝并说明理由。")(reject)


def list_todos(terminal: Terminal, everything: All = False) -> None:
    """List what waits for your decision, oldest first."""
    terminal.show_list(TODOS, path_to("todos"), everything=everything)


def approve(
    terminal: Terminal,
    name: Name,
    comment: Annotated[str, option("A word with it.", "审批意见。", "--comment")] = "",
    yes: Yes = False,
) -> None:
    """Say yes to exactly what you are shown."""
    _decide(terminal, "approve", name, comment, APPROVE, yes=yes)


def reject(
    terminal: Terminal,
    name: Name,
    comment: Annotated[str, option("The reason; the applicant reads it.", "理由，申请人可见。", "--comment")],
    yes: Yes = False,
) -> None:
    """Say no, with the reason."""
    _decide(terminal, "reject", name, comment, REJECT, yes=yes)


def _decide(terminal: Terminal, verb: str, name: str, comment: str, question: Text, *, yes: bool) -> None:
    """Show what is to be decided, ask, and send the digest of what was shown."""
    todo = find_todo(terminal.api, name)
    _show_facts(terminal, todo)
    terminal.confirm(question, yes=yes)
    decision = {"digest": todo["digest"], "comment": comment}
    chain = terminal.api.post(path_to("assignments", todo["assignment_id"], verb), decision)
    terminal.show(CHAIN, chain)


def _show_facts(terminal: Terminal, todo: dict[str, Any]) -> None:
    who = ASKED_BY.format(applicant=todo["applicant"] or "?", code=todo["project_code"], name=todo["project_name"])
    for line in (here(who), *facts(todo["facts"], terminal.language, 1)):
        terminal.messages.print(plain(line))
