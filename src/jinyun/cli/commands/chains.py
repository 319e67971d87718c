"""What can be done on an approval besides yes and no, and who decides while somebody is away."""

from datetime import datetime
from typing import Annotated, Any

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import WrongUsage
from jinyun.cli.finding import find_order, find_todo
from jinyun.cli.framework import All, argument, command, group, option
from jinyun.cli.render import column, moment, state
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

approval = group("How an approval stands, and whom to ask instead or besides.", "审批进展，以及转交、征询、加签等。")
deputies = group("Who decides in your place while you are away.", "您不在时由谁代为审批。")

PEOPLE = (
    column("stage", "环节", "stage"),
    column("needed", "需批准人数", "needed"),
    column("approver", "审批人", "approver"),
    column("login", "用户名", "person_login"),
    state(),
    column("why", "原因", "reason"),
)
LOG = (
    column("when", "时间", "at", moment),
    column("who", "人员", "person_name"),
    column("for", "代替", "for_name"),
    column("did", "处理", "verb"),
    column("to", "转给", "to_name"),
    column("comment", "意见", "comment"),
)
CHAIN = (
    column("what", "事项", "title"),
    state(),
    column("rule", "规则", "rule"),
    column("ended", "结束时间", "ended_at", moment),
)
ELIGIBLE = (
    column("login", "用户名", "login"),
    column("name", "姓名", "name"),
    column("department", "部门", "department"),
)
DEPUTIES = (
    column("person", "本人", "person_name"),
    column("deputy", "代理人", "deputy_name"),
    column("from", "开始", "begins_at", moment),
    column("to", "结束", "ends_at", moment),
    column("reason", "原因", "reason"),
    column("id", "标识", "id"),
)
NOT_ASKED = Text("{login} is not asked here, or has decided.", "{login} 不是该审批的待审批人。")

Todo = Annotated[str, argument("Number or id of the order, or id of the assignment.", "订单号、订单标识或任务标识。")]
Order = Annotated[str, argument("Number or id of the order.", "订单号或标识。", metavar="ORDER")]
Login = Annotated[str, argument("Login of whom to ask.", "对方的用户名。")]
Comment = Annotated[str, option("Why; those concerned read it.", "理由，相关人员可见。", "--comment")]
FORMATS = ["%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"]


@command(approval, "show", "显示由谁审批、谁说了什么。")
def show(terminal: Terminal, order: Order) -> None:
    """Show who is asked, and who said what."""
    _show(terminal, terminal.api.get(path_to("chains", _chain_id(terminal, order))))


@command(approval, "return", "退回申请人，或退回较早的环节。")
def give_back(
    terminal: Terminal,
    name: Todo,
    comment: Comment,
    stage: Annotated[int | None, option("An earlier stage.", "较早的环节。", "--stage", min=1)] = None,
) -> None:
    """Return it to the applicant, or to an earlier stage; every yes from there on is void."""
    todo = find_todo(terminal.api, name)
    wanted = {"digest": todo["digest"], "comment": comment, "stage": stage}
    _show(terminal, terminal.api.post(path_to("assignments", todo["assignment_id"], "return"), wanted))


@command(approval, "transfer", "转交给另一位有权审批的人员。")
def transfer(terminal: Terminal, name: Todo, to: Login, comment: Comment) -> None:
    """Have another eligible person decide instead of you."""
    _on_own(terminal, name, "transfer", {"to": to, "comment": comment})


@command(approval, "delegate", "先征询同事意见，之后仍由您审批。")
def delegate(terminal: Terminal, name: Todo, to: Login, comment: Comment) -> None:
    """Ask a colleague for his word first; then it comes back to you."""
    _on_own(terminal, name, "delegate", {"to": to, "comment": comment})


@command(approval, "answer", "答复征询，退回原审批人。")
def answer(terminal: Terminal, name: Todo, comment: Comment) -> None:
    """Give the word that you were asked for."""
    _on_own(terminal, name, "answer", {"comment": comment})


@command(approval, "add-signer", "在本环节加签，加签人也须批准。")
def add_signers(
    terminal: Terminal,
    name: Todo,
    logins: Annotated[list[str], argument("Logins of whom to ask besides.", "加签人的用户名。")],
    comment: Comment,
) -> None:
    """Have others say yes in this stage as well."""
    _on_own(terminal, name, "signers", {"logins": logins, "comment": comment})


@command(approval, "replace", "作为申请人，更换尚未审批的审批人。")
def replace(
    terminal: Terminal,
    order: Order,
    former: Annotated[str, argument("Login of who is asked now.", "现审批人的用户名。")],
    to: Login,
    comment: Comment,
) -> None:
    """Have another eligible person asked, where it is your request and he has not decided."""
    address = path_to("assignments", _assignment_id(terminal, order, former), "replace")
    _show(terminal, terminal.api.post(address, {"to": to, "comment": comment}))


@command(approval, "eligible", "列出可以代替某位审批人的人员。")
def list_eligible(
    terminal: Terminal,
    order: Order,
    former: Annotated[str, argument("Login of who is asked now.", "现审批人的用户名。")],
    everything: All = False,
) -> None:
    """List who can decide instead of somebody."""
    address = path_to("assignments", _assignment_id(terminal, order, former), "eligible")
    terminal.show_list(ELIGIBLE, address, everything=everything)


@command(approval, "comment", "发表意见，不改变审批状态。")
def comment_on(terminal: Terminal, order: Order, comment: Annotated[str, argument("What to say.", "意见。")]) -> None:
    """Say something that changes nothing."""
    address = path_to("chains", _chain_id(terminal, order), "comments")
    _show(terminal, terminal.api.post(address, {"comment": comment}))


@command(deputies, "list", "列出您的代理人，以及您代理的人员。")
def list_deputies(terminal: Terminal, everything: All = False) -> None:
    """List who is your deputy, and whose deputy you are."""
    terminal.show_list(DEPUTIES, path_to("deputies"), everything=everything)


@command(deputies, "appoint", "指定代理人。")
def appoint(
    terminal: Terminal,
    to: Login,
    begins_at: Annotated[datetime, argument("Such as 2027-01-31T08:00+0800.", "开始时间。", formats=FORMATS)],
    ends_at: Annotated[datetime, argument("Such as 2027-02-07T18:00+0800.", "结束时间。", formats=FORMATS)],
    reason: Annotated[str, option("Such as leave.", "原因，例如休假。", "--reason")],
    person: Annotated[
        str | None, option("In whose place, where it is not you.", "代替何人，默认为本人。", "--for")
    ] = None,
) -> None:
    """Have somebody decide in your place from one moment to another."""
    span = {"begins_at": begins_at.isoformat(), "ends_at": ends_at.isoformat()}
    wanted = {"to": to, "reason": reason, "person": person, **span}
    terminal.show(DEPUTIES, terminal.api.post(path_to("deputies"), wanted))


@command(deputies, "end", "立即结束代理。")
def dismiss(terminal: Terminal, deputy: Annotated[str, argument("Its id.", "标识。")]) -> None:
    """End a deputy's time now."""
    terminal.api.delete(path_to("deputies", deputy))


def _on_own(terminal: Terminal, name: str, verb: str, wanted: dict[str, Any]) -> None:
    """Do something with what waits for the person."""
    todo = find_todo(terminal.api, name)
    _show(terminal, terminal.api.post(path_to("assignments", todo["assignment_id"], verb), wanted))


def _chain_id(terminal: Terminal, order: str) -> str:
    return str(find_order(terminal.api, order)["chain_id"])


def _assignment_id(terminal: Terminal, order: str, login: str) -> str:
    """Return the id of what somebody has to decide, whose turn it is first."""
    chain = terminal.api.get(path_to("chains", _chain_id(terminal, order)))
    for stage in chain["stages"]:
        for each in stage["assignments"]:
            if each["person_login"] == login and each["state"] in {"pending", "waiting"}:
                return str(each["id"])
    raise WrongUsage(NOT_ASKED.format(login=login))


def _show(terminal: Terminal, chain: dict[str, Any]) -> None:
    terminal.show(CHAIN, chain)
    if terminal.output == "table":
        people = [_line(stage, each) for stage in chain["stages"] for each in stage["assignments"]]
        terminal.show_table(PEOPLE, people)
        terminal.show_table(LOG, chain["decisions"])


def _line(stage: dict[str, Any], each: dict[str, Any]) -> dict[str, Any]:
    approver = each["person_name"] or each["role"]
    if each["delegate_name"]:
        approver = f"{approver} ({each['delegate_name']})"
    return {**each, "stage": stage["position"], "needed": stage["needed"], "approver": approver}
