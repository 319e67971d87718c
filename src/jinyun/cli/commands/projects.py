"""Application systems."""

from typing import Annotated

from jinyun.cli.addresses import path_to
from jinyun.cli.framework import All, argument, command, group
from jinyun.cli.render import column, moment
from jinyun.cli.terminal import Terminal

commands = group("Application systems.", "应用系统。")

LIST = (
    column("code", "代码", "code"),
    column("name", "名称", "name"),
    column("department", "部门", "department"),
    column("owner", "负责人", "owner"),
    column("criticality", "重要程度", "criticality"),
    column("environment", "环境", "environment"),
)
DETAIL = (
    *LIST,
    column("members", "成员", "members", lambda members: [f"{each['name']} ({each['login']})" for each in members]),
    column("created", "创建时间", "created_at", moment),
    column("id", "标识", "id"),
)


@command(commands, "list", "列出您可以查看的应用系统。")
def list_projects(terminal: Terminal, everything: All = False) -> None:
    """List the application systems that you may see."""
    terminal.show_list(LIST, path_to("projects"), everything=everything)


@command(commands, "show", "显示应用系统及其成员。")
def show_project(terminal: Terminal, project: Annotated[str, argument("Code or id.", "代码或标识。")]) -> None:
    """Show an application system with its members."""
    terminal.show(DETAIL, terminal.api.get(path_to("projects", project)))
