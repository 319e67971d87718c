"""Who has which role, and what takes two administrators."""

from typing import Annotated, Any

from jinyun.cli.addresses import path_to
from jinyun.cli.framework import All, argument, command, group, option
from jinyun.cli.render import column, moment
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

commands = group("Roles, and changes that take two administrators.", "角色，以及须由两位管理员完成的变更。")

GRANTS = (
    column("login", "用户名", "login"),
    column("name", "姓名", "name"),
    column("role", "角色", "role"),
    column("scope", "范围", "scope"),
    column("at", "对象", "target"),
    column("since", "授予时间", "created_at", moment),
    column("id", "标识", "id"),
)
CHANGES = (
    column("change", "变更", "title"),
    column("state", "状态", "state"),
    column("asked by", "提交人", "requested_by"),
    column("asked", "提交时间", "requested_at", moment),
    column("decide by", "截止时间", "expires_at", moment),
    column("decided by", "决定人", "decided_by"),
    column("reason", "原因", "reason"),
    column("id", "标识", "id"),
)
WAITS = Text(
    "Another security administrator has to confirm it: `jinyun role confirm {id}`.",
    "须由另一位安全管理员确认：`jinyun role confirm {id}`。",
)
TAKEN = Text("The role is taken away.", "角色已收回。")

Grant = Annotated[str, argument("Id of the grant: `jinyun role list`.", "授权标识，见 `jinyun role list`。")]
Change = Annotated[str, argument("Id of the change: `jinyun role requests`.", "变更标识，见 `jinyun role requests`。")]


@command(commands, "list", "列出谁拥有哪些角色。")
def list_grants(
    terminal: Terminal,
    login: Annotated[str | None, option("Only this person's.", "仅限该人员。", "--login")] = None,
    role: Annotated[str | None, option("Only this role.", "仅限该角色。", "--role")] = None,
    everything: All = False,
) -> None:
    """List who was given which role, and where."""
    terminal.show_list(GRANTS, path_to("role-grants"), everything=everything, login=login, role=role)


@command(commands, "give", "授予角色；三员角色须由另一位安全管理员确认。")
def give(
    terminal: Terminal,
    login: Annotated[str, argument("Whom.", "人员的用户名。")],
    role: Annotated[str, argument("Such as `operator` or `department_administrator`.", "例如 `operator`。")],
    department: Annotated[
        str | None, option("For this department and all below it.", "部门代码（含下级部门）。", "--department")
    ] = None,
    project: Annotated[str | None, option("For this application system.", "应用系统代码。", "--project")] = None,
) -> None:
    """Give a role; one of the three administrators takes a second security administrator."""
    wanted = {"login": login, "role": role, "scope": "system", "target": ""}
    if department is not None:
        wanted |= {"scope": "department", "target": department}
    elif project is not None:
        wanted |= {"scope": "project", "target": project}
    _show(terminal, terminal.api.post(path_to("role-grants"), wanted))


@command(commands, "take", "收回角色；三员角色须由另一位安全管理员确认。")
def take(terminal: Terminal, grant: Grant) -> None:
    """Take a role away; one of the three administrators takes a second security administrator."""
    _show(terminal, terminal.api.delete(path_to("role-grants", grant)))


@command(commands, "requests", "列出等待第二位管理员确认的变更。")
def list_changes(
    terminal: Terminal,
    decided: Annotated[bool, option("Also those that were decided.", "包括已决定的。", "--decided")] = False,
    everything: All = False,
) -> None:
    """List what waits for a second administrator."""
    waiting = "false" if decided else "true"
    terminal.show_list(CHANGES, path_to("access-changes"), everything=everything, waiting=waiting)


@command(commands, "confirm", "作为第二位管理员确认变更，立即生效。")
def confirm(terminal: Terminal, change: Change) -> None:
    """Confirm a change as the second person; it is done at once."""
    terminal.show(CHANGES, terminal.api.post(path_to("access-changes", change, "confirm"), None))


@command(commands, "refuse", "拒绝变更，或撤回自己提交的变更。")
def refuse(terminal: Terminal, change: Change, reason: Annotated[str, option("Why.", "原因。", "--reason")]) -> None:
    """Refuse a change, or take back your own."""
    terminal.show(CHANGES, terminal.api.post(path_to("access-changes", change, "refuse"), {"reason": reason}))


def _show(terminal: Terminal, outcome: dict[str, Any]) -> None:
    if terminal.output == "json":
        terminal.print_json(outcome)
    elif outcome["grant"] is not None:
        terminal.show(GRANTS, outcome["grant"])
    elif outcome["change"] is not None:
        terminal.show(CHANGES, outcome["change"])
        terminal.note(WAITS.format(id=outcome["change"]["id"]))
    else:
        terminal.note(TAKEN)
