"""Taking over what is in the regions already."""

import base64
import sys
import time
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import PROBLEM
from jinyun.cli.finding import server_id_of
from jinyun.cli.following import carry_through
from jinyun.cli.framework import All, NoWait, Yes, argument, command, group, option
from jinyun.cli.render import column, moment, state
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

commands = group("Take over what is in the regions already.", "纳管区域中的存量资源。")
rules = group("Rules that propose application systems.", "推荐应用系统的规则。")

BATCHES = (
    column("asked for", "申请时间", "created_at", moment),
    state(),
    column("by", "申请人", "submitted_by"),
    column("file", "文件", "file"),
    column("application systems", "应用系统", "parts", lambda parts: [part["project"] for part in parts]),
    column("lines", "行", "lines", lambda lines: [f"{name} {count}" for name, count in sorted(lines.items())]),
    column("id", "标识", "id"),
)
LINES = (
    column("line", "行", "number"),
    column("machine", "机器", "machine"),
    column("project", "应用系统", "project"),
    column("hostname", "主机名", "hostname"),
    state(),
    column("code", "代码", "problem.code"),
    column("reason", "原因", "problem.text"),
    column("notes", "说明", "notes", lambda notes: [note["text"] for note in notes]),
)
PROPOSALS = (
    column("region", "区域", "region"),
    column("name", "名称", "name"),
    column("ladder", "阶段", "ladder"),
    column("belongs to", "归属", "belongs_to"),
    column("proposed", "推荐应用系统", "project"),
    column("owner", "推荐负责人", "owner"),
    column("evidence", "依据", "evidence", lambda evidence: [each["text"] for each in evidence]),
    column("obstacles", "障碍", "obstacles", lambda obstacles: [each["code"] for each in obstacles]),
    column("flavor", "规格", "flavor"),
    column("addresses", "地址", "addresses"),
    column("id", "标识", "id"),
)
RULES = (
    column("place", "序号", "position"),
    column("source", "来源", "source"),
    column("key", "键", "key"),
    column("pattern", "模式", "pattern"),
    column("gives", "给出", "gives"),
    column("project", "应用系统", "project"),
    column("note", "说明", "note"),
    column("id", "标识", "id"),
)
PROMOTED = (column("hostname", "主机名", "hostname"), column("ladder", "阶段", "ladder"), state())
UNADOPT = Text(
    "Give {name} back? It runs on, and belongs to nobody here.", "解除纳管 {name}？它将继续运行，但不再归属任何人。"
)
WAITS = Text(
    "The department is asked; see `jinyun adopt status {id}`.", "已提交部门审批，参见 `jinyun adopt status {id}`。"
)
PATIENCE_SECONDS = 600
Region = Annotated[str | None, option("Only this region's.", "仅限该区域。", "--region")]
Ladder = Annotated[
    Literal["observed", "waiting", "adopted", "managed"] | None,
    option("Only on this rung.", "仅限该阶段。", "--ladder"),
]
Reason = Annotated[str, option("For whoever approves it.", "供审批人查看的理由。", "--reason")]
Batch = Annotated[str, argument("Id of what was asked for.", "纳管批次标识。")]
Server = Annotated[str, argument("Host name or id.", "主机名或标识。", metavar="SERVER")]


@command(commands, "machine", "为应用系统纳管一台或多台机器。")
def adopt_machines(
    terminal: Terminal,
    machines: Annotated[list[str], argument("Names or ids.", "名称或标识。")],
    project: Annotated[str, option("Code of the application system.", "应用系统代码。", "--project")],
    region: Annotated[str | None, option("Region of the names.", "名称所在区域。", "--region")] = None,
    hostname: Annotated[str | None, option("What a single one is to be called.", "单台机器的主机名。")] = None,
    reason: Reason = "",
    no_wait: NoWait = False,
) -> None:
    """Ask for machines to be adopted for an application system."""
    named = [{"machine": each, "region": region, "hostname": hostname} for each in machines]
    body = {"project": project, "machines": named, "reason": reason}
    _follow(terminal, terminal.api.post(path_to("adoptions"), body), no_wait=no_wait)


@command(commands, "import", "按 CSV 文件批量纳管。")
def import_adoptions(
    terminal: Terminal,
    file: Annotated[Path, argument("CSV file.", "CSV 文件。", exists=True, dir_okay=False)],
    reason: Reason = "",
    no_wait: NoWait = False,
) -> None:
    """Ask for the machines of a CSV file; exits with 1 where a line was refused."""
    content = base64.b64encode(file.read_bytes()).decode()
    body = {"content": content, "file": file.name, "reason": reason}
    _follow(terminal, terminal.api.post(path_to("adoption-imports"), body), no_wait=no_wait)


@command(commands, "export", "将机器及推荐导出为 CSV。")
def export_proposals(terminal: Terminal, region: Region = None, ladder: Ladder = None) -> None:
    """Write the machines with what is proposed as a CSV file, which `import` takes back."""
    sys.stdout.buffer.write(terminal.api.download(path_to("adoption-export"), region=region, ladder=ladder))


@command(commands, "proposals", "列出机器、推荐的应用系统及依据。")
def list_proposals(
    terminal: Terminal,
    region: Region = None,
    name: Annotated[str | None, option("Part of the name.", "名称的一部分。", "--name")] = None,
    ladder: Ladder = None,
    everything: All = False,
) -> None:
    """List the machines, for which application system each may be adopted, and why."""
    query = {"region": region, "name": name, "ladder": ladder}
    terminal.show_list(PROPOSALS, path_to("adoption-proposals"), everything=everything, **query)


@command(commands, "list", "列出纳管批次。")
def list_batches(terminal: Terminal, everything: All = False) -> None:
    """List what was asked for, the latest first."""
    terminal.show_list(BATCHES, path_to("adoptions"), everything=everything)


@command(commands, "status", "显示纳管批次及其各行结果。")
def show_batch(
    terminal: Terminal,
    batch: Batch,
    refused: Annotated[bool, option("Only lines that were refused.", "仅列出被拒绝的行。", "--refused")] = False,
) -> None:
    """Show how far a batch is, line by line."""
    _show(terminal, terminal.api.get(path_to("adoptions", batch)), state="refused" if refused else None)


@command(commands, "withdraw", "撤回未审批的纳管申请。")
def withdraw(terminal: Terminal, batch: Batch) -> None:
    """Take back what nobody has decided on."""
    terminal.show(BATCHES, terminal.api.post(path_to("adoptions", batch, "withdraw")))


@command(commands, "promote", "将已纳管的服务器提升为托管。")
def promote(terminal: Terminal, server: Server) -> None:
    """Have an adopted server managed: it can be changed, too."""
    server_id = server_id_of(terminal.api, server)
    terminal.show(PROMOTED, terminal.api.post(path_to("servers", server_id, "promote")))


@command(commands, "undo", "解除纳管。")
def unadopt(terminal: Terminal, server: Server, yes: Yes = False, no_wait: NoWait = False) -> None:
    """Give a server back that was there before: it runs on, and belongs to nobody here."""
    terminal.confirm(UNADOPT, yes=yes, name=server)
    server_id = server_id_of(terminal.api, server)
    carry_through(terminal, terminal.api.post(path_to("servers", server_id, "unadopt")), no_wait=no_wait)


@command(commands, "extend-disk", "扩容托管服务器的一块磁盘。")
def extend_disk(
    terminal: Terminal,
    server: Server,
    disk: Annotated[int, argument("Key of the disk; see `observed show`.", "磁盘键，参见 `observed show`。")],
    size_gib: Annotated[int, argument("The new size in GiB.", "新容量（GiB）。", metavar="GIB")],
    no_wait: NoWait = False,
) -> None:
    """Give a disk of a managed server a larger size."""
    body = {"disk": disk, "size_gib": size_gib}
    operation = terminal.api.post(path_to("servers", server_id_of(terminal.api, server), "extend-disk"), body)
    carry_through(terminal, operation, no_wait=no_wait)


@command(commands, "migrate", "将托管服务器迁移到其他主机或数据存储。")
def migrate(
    terminal: Terminal,
    server: Server,
    host: Annotated[str | None, option("Name of the host.", "主机名称。", "--host")] = None,
    datastore: Annotated[str | None, option("Name of the datastore.", "数据存储名称。", "--datastore")] = None,
    no_wait: NoWait = False,
) -> None:
    """Move a managed server to another host, to another datastore, or both."""
    body = {"host": host, "datastore": datastore}
    operation = terminal.api.post(path_to("servers", server_id_of(terminal.api, server), "migrate"), body)
    carry_through(terminal, operation, no_wait=no_wait)


@command(rules, "list", "列出推荐规则。")
def list_rules(terminal: Terminal, everything: All = False) -> None:
    """List the rules in their order."""
    terminal.show_list(RULES, path_to("adoption-rules"), everything=everything)


@command(rules, "add", "增加推荐规则。")
def add_rule(
    terminal: Terminal,
    source: Annotated[
        Literal["folder", "name", "tag", "field", "network", "guest-hostname", "cluster"],
        argument("What of a machine is looked at.", "查看机器的哪项信息。"),
    ],
    pattern: Annotated[
        str, argument("`*` any text, `{}` the part that names something.", "`*` 任意文本，`{}` 名称部分。")
    ],
    gives: Annotated[
        Literal["project", "system", "owner"],
        option("What stands there.", "给出何种信息。", "--gives"),
    ] = "system",
    project: Annotated[str | None, option("The application system itself.", "直接指定应用系统。", "--project")] = None,
    key: Annotated[str, option("Category of the tag, name of the field.", "标签类别或字段名。", "--key")] = "",
    note: Annotated[str, option("Why.", "说明。", "--note")] = "",
    position: Annotated[int | None, option("Its place.", "序号。", "--position", min=1)] = None,
) -> None:
    """Add a rule; with --project it gives that application system."""
    given = "project" if project is not None else gives
    body = {"source": source, "key": key, "pattern": pattern, "gives": given, "project": project, "note": note}
    terminal.show(RULES, terminal.api.post(path_to("adoption-rules"), body | {"position": position}))


@command(rules, "remove", "删除推荐规则。")
def remove_rule(terminal: Terminal, rule: Annotated[str, argument("Its id.", "规则标识。")]) -> None:
    """Take a rule away."""
    terminal.api.delete(path_to("adoption-rules", rule))


def _follow(terminal: Terminal, batch: dict[str, Any], *, no_wait: bool) -> None:
    """Wait while what was approved is adopted, and show each line; what waits for the department is not waited for."""
    end = time.monotonic() + PATIENCE_SECONDS
    while batch["state"] == "adopting" and not no_wait and time.monotonic() < end:
        time.sleep(0.3)
        batch = terminal.api.get(path_to("adoptions", batch["id"]))
    _show(terminal, batch)
    if batch["state"] == "pending_approval":
        terminal.note(WAITS.format(id=batch["id"]))
    if batch["lines"].get("refused"):
        raise typer.Exit(PROBLEM)


def _show(terminal: Terminal, batch: dict[str, Any], state: str | None = None) -> None:
    lines = list(terminal.api.items(path_to("adoptions", batch["id"], "lines"), state=state))
    if terminal.output == "json":
        terminal.print_json(batch | {"items": lines})
        return
    terminal.show(BATCHES, batch)
    terminal.show_table(LINES, lines)
