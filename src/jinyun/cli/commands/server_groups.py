"""Server groups: servers that stay apart from one another, or together."""

from typing import Annotated, Literal

from jinyun.cli.addresses import path_to
from jinyun.cli.finding import find_server_group
from jinyun.cli.framework import All, ProjectFilter, Yes, argument, command, group, option
from jinyun.cli.render import Column, column, moment
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

commands = group("Servers that stay apart from one another, or together.", "服务器组：组内服务器相互分离或放在一起。")

YES, NO = Text("yes", "是"), Text("no", "否")
LIST = (
    column("name", "名称", "name"),
    column("affinity", "规则", "affinity"),
    column("project", "应用系统", "project"),
    column("servers", "服务器数", "places"),
    Column(Text("kept", "符合规则"), lambda each, language: (YES if each["kept"] else NO).in_language(language)),
    column("created", "创建时间", "created_at", moment),
    column("id", "标识", "id"),
)
MEMBERS = (column("server", "服务器", "hostname"), column("state", "状态", "state"), column("id", "标识", "id"))
DELETE = Text("Delete server group {name}?", "删除服务器组 {name}？")
Affinity = Literal["anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity"]
Name = Annotated[str, argument("Name or id.", "名称或标识。", metavar="GROUP")]


@command(commands, "list", "列出服务器组。")
def list_server_groups(terminal: Terminal, project: ProjectFilter = None, everything: All = False) -> None:
    """List server groups."""
    terminal.show_list(LIST, path_to("server-groups"), everything=everything, project=project)


@command(commands, "create", "创建服务器组，服务器在申请时加入（`order server --group`）。")
def create_server_group(
    terminal: Terminal,
    name: Annotated[str, argument("Its name.", "名称。", metavar="NAME")],
    project: Annotated[str, option("Code of the application system.", "应用系统代码。", "--project")],
    affinity: Annotated[
        Affinity, option("How its servers are placed by hosts.", "组内服务器按主机的放置规则。", "--affinity")
    ] = "anti-affinity",
) -> None:
    """Make a group; servers join it when they are ordered (`order server --group`)."""
    body = {"project": project, "name": name, "affinity": affinity}
    terminal.show(LIST, terminal.api.post(path_to("server-groups"), body))


@command(commands, "show", "显示服务器组及其服务器。")
def show_server_group(terminal: Terminal, name: Name) -> None:
    """Show a group and its servers."""
    found = find_server_group(terminal.api, name)
    terminal.show(LIST, found)
    if terminal.output != "json":
        terminal.show_table(MEMBERS, found["servers"])


@command(commands, "delete", "删除没有服务器的服务器组。")
def delete_server_group(terminal: Terminal, name: Name, yes: Yes = False) -> None:
    """Delete a group that no server is in."""
    terminal.confirm(DELETE, yes=yes, name=name)
    terminal.api.delete(path_to("server-groups", find_server_group(terminal.api, name)["id"]))
