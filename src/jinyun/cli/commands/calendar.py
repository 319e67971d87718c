"""The working calendar: holidays, and the weekend days worked for them."""

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from jinyun.cli.addresses import path_to
from jinyun.cli.framework import All, argument, command, group
from jinyun.cli.render import column
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

commands = group("Holidays, and weekend days worked for them: due times count on it.", "工作日历：节假日与调休。")

DAYS = (column("day", "日期", "day"), column("worked", "上班", "worked"), column("note", "说明", "note"))
CHANGED = Text("Days changed: {changed}.", "变更天数：{changed}。")
MEANINGS = {"worked": True, "holiday": False}


@command(commands, "list", "列出节假日与调休上班日。")
def list_days(terminal: Terminal, everything: All = False) -> None:
    """List the days that are otherwise than their weekday."""
    terminal.show_list(DAYS, path_to("calendar"), everything=everything)


@command(commands, "import", "从 CSV 文件导入节假日与调休；重复导入无影响。")
def import_days(
    terminal: Terminal,
    file: Annotated[Path, argument("CSV: `day,kind,note`; kind is holiday or worked.", "CSV 文件。", exists=True)],
) -> None:
    """Note holidays, and the weekend days worked for them, from a CSV file."""
    report = terminal.api.post(path_to("calendar", "imports"), {"days": _read(file)})
    terminal.note(CHANGED.format(**report))


def _read(file: Path) -> list[dict[str, Any]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return [
                {"day": line["day"], "worked": MEANINGS[line["kind"]], "note": line.get("note") or ""}
                for line in csv.DictReader(lines)
            ]
    except (KeyError, UnicodeDecodeError, csv.Error) as error:
        raise typer.BadParameter(f"{file}: {error}") from error
