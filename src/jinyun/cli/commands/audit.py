"""The audit log: reading it through the API; proving it on a machine that reaches the database, or on any."""

import getpass
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress, TextColumn

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import PROBLEM, Failure
from jinyun.cli.framework import All, argument, command, group, local_command, option
from jinyun.cli.language import here
from jinyun.cli.render import column, moment
from jinyun.cli.terminal import Choices, Terminal
from jinyun.kit.texts import Text

if TYPE_CHECKING:
    from jinyun.audit.chain import Finding
    from jinyun.audit.proof import Form
    from jinyun.kit.actor import Actor
    from jinyun.kit.database import Database

commands = group("The audit log.", "审计日志。")

RECORDS = (
    column("number", "序号", "number"),
    column("at", "时间", "at", moment),
    column("person", "人员", "person"),
    column("for", "代表", "on_behalf_of"),
    column("action", "动作", "action"),
    column("subject", "对象", "subject_kind"),
    column("name", "名称", "subject_name"),
    column("order", "订单", "order_number"),
    column("from", "来源地址", "source_address"),
    column("request", "请求", "request_id"),
    column("id", "标识", "id"),
)
RECORD = (
    *RECORDS,
    column("subject's id", "对象标识", "subject_id"),
    column("application system", "应用系统", "project_id"),
    column("before", "变更前", "before"),
    column("after", "变更后", "after"),
    column("digest", "摘要", "digest"),
    column("chain", "链值", "chain"),
)
FINDINGS = (column("record", "序号", "number"), column("id", "标识", "record_id"), column("finding", "发现", "what"))
VERIFIED = Text(
    "{records} records, {seals} seals, {unsealed} not sealed yet; {findings} findings.",
    "记录 {records} 条，封印 {seals} 个，未封印 {unsealed} 条；发现问题 {findings} 个。",
)
PASSED = Text("{records} records passed", "已校验 {records} 条")
EXPORTED = Text("Records {first} to {last} are in {file}.", "记录 {first} 至 {last} 已导出到 {file}。")
SOUND = Text("The file is what was recorded, byte for byte.", "文件与记录逐字节一致。")
CANNOT = Text("It cannot be read or written: {why}", "无法读写：{why}")
CHECK_FILE = Text("Check the path and who may write there.", "请检查路径及读写权限。")
ExportedFile = Annotated[Path, argument("The exported file.", "导出的文件。")]


@command(commands, "list", "列出审计记录，最新的在前。")
def list_records(
    terminal: Terminal,
    person: Annotated[str | None, option("Login of who did it.", "操作人用户名。", "--person")] = None,
    on_behalf_of: Annotated[str | None, option("For whom it was done.", "代表何人。", "--on-behalf-of")] = None,
    action: Annotated[str | None, option("How the action begins.", "动作前缀。", "--action")] = None,
    subject_kind: Annotated[str | None, option("Kind of the subject.", "对象类型。", "--subject-kind")] = None,
    subject_id: Annotated[str | None, option("Id of the subject.", "对象标识。", "--subject-id")] = None,
    project: Annotated[
        str | None, option("An application system: code or id.", "应用系统代码或标识。", "--project")
    ] = None,
    request_id: Annotated[str | None, option("Id of the request.", "请求编号。", "--request")] = None,
    order_number: Annotated[str | None, option("Number of the order.", "订单编号。", "--order")] = None,
    since: Annotated[str | None, option("From this moment on.", "起始时间。", "--since")] = None,
    until: Annotated[str | None, option("Before this moment.", "截止时间。", "--until")] = None,
    everything: All = False,
) -> None:
    """List what was done, newest first; moments are written as 2027-01-31T08:00:00+08:00."""
    wanted = {
        "person": person,
        "on_behalf_of": on_behalf_of,
        "action": action,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "project": project,
        "request_id": request_id,
        "order_number": order_number,
        "since": since,
        "until": until,
    }
    terminal.show_list(RECORDS, path_to("audit", "records"), everything=everything, **wanted)


@command(commands, "show", "显示一条审计记录。")
def show_record(terminal: Terminal, record_id: Annotated[str, argument("Its id.", "标识。")]) -> None:
    """Show one record, with what was changed and its place in the chain."""
    terminal.show(RECORD, terminal.api.get(path_to("audit", "records", record_id)))


@local_command(commands, "verify", "校验审计链，发现任何问题时返回 1。")
def verify(
    seals: Annotated[Path | None, option("Seals kept off the host.", "保存在主机之外的封印文件。", "--seals")] = None,
) -> None:
    """Walk the whole chain; exits with 1 where anything was changed, cut or left unsealed."""
    from jinyun.audit import verifier
    from jinyun.kit.settings import settings
    from jinyun.kit.vault import audit_verifier

    with _database() as store, _failures(), _counting() as progress:
        key = audit_verifier(settings().key_directory)
        seen = verifier.verify(store, key, seal_file=seals, progress=progress)
        after = {"records": seen.records, "findings": seen.found}
        _note(store, "audit.verify", after)
    terminal = Terminal(Choices())
    counts = VERIFIED.format(records=seen.records, seals=seen.seals, unsealed=seen.unsealed, findings=seen.found)
    terminal.say(here(counts))
    _show_findings(terminal, seen.findings)


@local_command(commands, "export", "导出审计记录及其证明文件。")
def export(
    file: Annotated[Path, argument("Where to; the proof is written beside it.", "导出文件，证明文件写在旁边。")],
    first: Annotated[int | None, option("Number of the first record.", "起始序号。", "--from")] = None,
    last: Annotated[int | None, option("Number of the last record.", "截止序号。", "--to")] = None,
    as_csv: Annotated[bool, option("For a spreadsheet.", "导出为表格。", "--csv")] = False,
) -> None:
    """Write a part of the log into a file of JSON lines, or a table, with a proof that needs no database."""
    from jinyun.audit import export as exports
    from jinyun.kit.errors import Problem
    from jinyun.kit.settings import settings
    from jinyun.kit.vault import audit_signer

    with _database() as store, _failures():
        signer = audit_signer(settings().key_directory)
        form: Form = "csv" if as_csv else "jsonl"
        try:
            proof = exports.export(store, signer, _local_actor(), file, first=first, last=last, form=form)
        except Problem as problem:
            raise Failure(here(problem.explanation()), here(problem.hint)) from problem
    Terminal(Choices()).note(EXPORTED.format(first=proof.first, last=proof.last, file=file))


@local_command(commands, "verify-export", "离线校验导出的审计记录，发现任何问题时返回 1。")
def verify_export(
    file: ExportedFile,
    proof: Annotated[Path, argument("Its proof.", "证明文件。")],
    key: Annotated[Path, option("The public key `audit.public`.", "公钥文件 `audit.public`。", "--key")],
) -> None:
    """Check an exported file by its proof, without a database; exits with 1 where anything was changed."""
    from nacl.encoding import Base64Encoder
    from nacl.signing import VerifyKey

    from jinyun.audit.proof import check

    with _failures():
        findings = check(file, proof, VerifyKey(key.read_bytes(), Base64Encoder))
    terminal = Terminal(Choices())
    _show_findings(terminal, findings)
    terminal.note(SOUND)


@contextmanager
def _database() -> Iterator["Database"]:
    from jinyun.kit.database import Database
    from jinyun.kit.settings import settings
    from jinyun.tables import load_tables

    load_tables()
    store = Database(settings().database_url)
    try:
        yield store
    finally:
        store.dispose()


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Failure(here(CANNOT.format(why=error)), here(CHECK_FILE)) from error


@contextmanager
def _counting() -> Iterator[Any]:
    """Show how far it is, where somebody looks at a screen."""
    console = Terminal(Choices()).messages
    with Progress(TextColumn("{task.description}"), console=console, transient=True) as progress:
        task = progress.add_task("")
        yield lambda records: progress.update(task, description=here(PASSED.format(records=records)))


def _note(store: "Database", action: str, after: dict[str, Any]) -> None:
    from jinyun.audit import service

    subject = ("audit", "log", "log")
    store.write(lambda session: service.record(session, _local_actor(), action, subject, after=after))


def _local_actor() -> "Actor":
    """Return who works on this machine: its own name for him, and the machine's."""
    from jinyun.kit.actor import Actor

    login = getpass.getuser()
    return Actor(person_id=None, login=login, name=login, source_address=socket.gethostname()[:64])


def _show_findings(terminal: Terminal, findings: Sequence["Finding"]) -> None:
    if findings:
        shown = [asdict(finding) | {"what": here(finding.what)} for finding in findings]
        terminal.show_table(FINDINGS, shown)
        raise typer.Exit(PROBLEM)
