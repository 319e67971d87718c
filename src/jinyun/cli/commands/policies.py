"""The approval policy: who has to say yes to what."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from jinyun.cli.addresses import path_to
from jinyun.cli.commands.roles import CHANGES, WAITS
from jinyun.cli.framework import All, argument, command, group, option
from jinyun.cli.render import column, moment
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

commands = group("The approval policy: who has to say yes to what.", "审批策略：何事须由谁批准。")

VERSIONS = (
    column("version", "版本", "number"),
    column("note", "说明", "note"),
    column("in effect from", "生效时间", "effective_from", moment),
    column("rules", "规则", "rules", lambda rules: [rule["name"] for rule in rules]),
)
PLAN = (
    column("stage", "环节", "stage"),
    column("needed", "需批准人数", "needed"),
    column("approver", "审批人", "approver"),
    column("why", "原因", "reason"),
)
RULE = (column("version", "版本", "policy_number"), column("rule", "规则", "rule"))
NOBODY = Text("Nobody is asked.", "无需审批。")
File = Annotated[
    Path, argument("YAML: `note`, `rules`, and `effective_from` where it is later.", "YAML 文件。", exists=True)
]


@command(commands, "show", "显示当前生效的策略；以 YAML 格式输出规则。")
def show(terminal: Terminal) -> None:
    """Show the policy in effect; its rules come as YAML, ready to be changed and proposed."""
    policy = terminal.api.get(path_to("approval-policy"))
    if terminal.output == "json":
        terminal.print_json(policy)
        return
    terminal.beside().show(VERSIONS, policy)
    terminal.write(yaml.safe_dump({"rules": policy["rules"]}, allow_unicode=True, sort_keys=False))


@command(commands, "versions", "列出策略的历次版本。")
def versions(terminal: Terminal, everything: All = False) -> None:
    """List the versions of the policy, the newest first."""
    terminal.show_list(VERSIONS, path_to("approval-policy", "versions"), everything=everything)


@command(commands, "propose", "提交新版本，由另一位安全管理员确认后生效。")
def propose(terminal: Terminal, file: File) -> None:
    """Ask for a new version; another security administrator confirms it."""
    change = terminal.api.post(path_to("approval-policy", "proposals"), _read(file))
    terminal.show(CHANGES, change)
    terminal.note(WAITS.format(id=change["id"]))


@command(commands, "simulate", "显示示例订单的审批链，以及每位审批人的原因。")
def simulate(
    terminal: Terminal,
    project: Annotated[str, option("Application system.", "应用系统代码。", "--project")],
    applicant: Annotated[str, option("Login of who would order.", "申请人用户名。", "--applicant")],
    kind: Annotated[
        list[str] | None, option("Kind of item; may be repeated.", "订单项类型，可重复。", "--kind")
    ] = None,
    vcpus: Annotated[int, option("Sum over the order.", "整个订单合计。", "--vcpus")] = 0,
    memory: Annotated[int, option("GiB, sum over the order.", "GiB，整个订单合计。", "--memory")] = 0,
    storage: Annotated[int, option("GiB, sum over the order.", "GiB，整个订单合计。", "--storage")] = 0,
    cost: Annotated[int | None, option("A month; high where not given.", "月费用；未给出视为高。", "--cost")] = None,
    days: Annotated[
        int | None, option("Lease; without end where not given.", "租期天数；未给出视为无期限。", "--days")
    ] = None,
    pool: Annotated[
        list[str] | None,
        option("REGION/NAME, where it would be held; repeatable.", "预占的资源池 区域/名称，可重复。", "--pool"),
    ] = None,
    file: Annotated[
        Path | None, option("Try this policy instead.", "改用该文件中的策略。", "--file", exists=True)
    ] = None,
) -> None:
    """Show which chain a sample order would get, and why each person is on it."""
    sample = {
        "project": project,
        "applicant": applicant,
        "kinds": kind or [],
        "vcpus": vcpus,
        "memory_gib": memory,
        "storage_gib": storage,
        "monthly_cost": cost,
        "lease_days": days,
        "pools": pool or [],
        "draft": {"rules": _read(file).get("rules")} if file else None,
    }
    chain = terminal.api.post(path_to("approval-policy", "simulate"), sample)
    if terminal.output == "json":
        terminal.print_json(chain)
        return
    terminal.beside().show(RULE, chain)
    if chain["approval"] == "none":
        terminal.note(NOBODY)
        return
    terminal.show_table(PLAN, [_line(stage, each) for stage in chain["stages"] for each in stage["approvers"]])


def _read(file: Path) -> dict[str, Any]:
    """Return a policy file; the server says what is wrong with its content."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file}: {error}") from error
    if not isinstance(content, dict):
        raise typer.BadParameter(f"{file}: no mapping")
    return content


def _line(stage: dict[str, Any], approver: dict[str, Any]) -> dict[str, Any]:
    who = f"{approver['name']} ({approver['login']})" if approver["login"] else approver["role"]
    return {"stage": stage["position"], "needed": stage["needed"], "approver": who, "reason": approver["reason"]}
