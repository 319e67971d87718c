"""Application systems."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import PROBLEM, WrongUsage
from jinyun.cli.framework import All, argument, command, group, option
from jinyun.cli.render import column, moment
from jinyun.cli.terminal import Terminal

commands = group("Application systems.", "应用系统。")

Adrift = Annotated[
    bool,
    option("Only whose department is gone or whose owner has left.", "仅限部门已撤销或负责人已离职的。", "--adrift"),
]

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
def list_projects(terminal: Terminal, everything: All = False, adrift: Adrift = False) -> None:
    """List the application systems that you may see."""
    terminal.show_list(LIST, path_to("projects"), everything=everything, adrift="true" if adrift else None)


@command(commands, "show", "显示应用系统及其成员。")
def show_project(terminal: Terminal, project: Annotated[str, argument("Code or id.", "代码或标识。")]) -> None:
    """Show an application system with its members."""
    terminal.show(DETAIL, terminal.api.get(path_to("projects", project)))


@command(commands, "set", "修改应用系统。")
def change_project(
    terminal: Terminal,
    project: Annotated[str, argument("Code or id.", "代码或标识。")],
    name: Annotated[str | None, option("Name.", "名称。")] = None,
    department: Annotated[str | None, option("Code of its department.", "部门代码。")] = None,
    owner: Annotated[str | None, option("Login of its owner.", "负责人用户名。")] = None,
    criticality: Annotated[str | None, option("key or general.", "key 或 general。")] = None,
    environment: Annotated[
        str | None, option("production, test or development.", "production、test 或 development。")
    ] = None,
) -> None:
    """Change an application system; what is not named stays."""
    wish = {
        "name": name,
        "department": department,
        "owner": owner,
        "criticality": criticality,
        "environment": environment,
    }
    change = {field: value for field, value in wish.items() if value is not None}
    terminal.show(DETAIL, terminal.api.patch(path_to("projects", project), change))


IMPORTED = (
    column("line", "行", "line"),
    column("code", "代码", "code"),
    column("outcome", "结果", "outcome"),
    column("reason", "原因", "reason"),
)


@command(commands, "import", "从 CSV 文件（UTF-8 或 GBK）登记和更新应用系统。")
def import_projects(
    terminal: Terminal, file: Annotated[Path, argument("CSV file.", "CSV 文件。", exists=True, dir_okay=False)]
) -> None:
    """Make and change application systems from a CSV file; exits with 1 where a line was refused."""
    report = terminal.api.post(path_to("project-imports"), {"content": _text(file)})
    if terminal.output == "json":
        terminal.print_json(report)
    else:
        terminal.show_table(IMPORTED, report["lines"])
    if any(line["outcome"] == "refused" for line in report["lines"]):
        raise typer.Exit(PROBLEM)


@command(commands, "export", "将您可以查看的应用系统导出为 CSV。")
def export_projects(terminal: Terminal) -> None:
    """Write the application systems that you may see as a CSV file."""
    sys.stdout.buffer.write(terminal.api.download(path_to("project-export")))


def _text(file: Path) -> str:
    from jinyun.connectors.cmdb import UnreadableFile, read_text

    try:
        return read_text(file.read_bytes())
    except UnreadableFile as error:
        raise WrongUsage(error.reason) from error
