"""What things cost: the price list, in and out as a file."""

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import yaml

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import WrongUsage
from jinyun.cli.framework import All, argument, command, group, option
from jinyun.cli.inputs import read_text
from jinyun.cli.render import column, moment, money
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

commands = group("What things cost a month.", "价格（按月）。")

LIST = (
    column("kind", "类型", "kind"),
    column("code", "代码", "code"),
    column("a month", "每月", "monthly", money),
    column("currency", "币种", "currency"),
    column("in effect from", "生效日期", "effective_from"),
)
HISTORY = (*LIST, column("written", "登记时间", "created_at", moment))
COLUMNS = ("kind", "code", "monthly", "effective_from")
NO_LIST = Text("{path} holds no list of prices.", "{path} 中没有价格列表。")
OTHER_COLUMNS = Text("{path} needs the columns {columns}.", "{path} 需要以下列：{columns}。")
ADDED = Text("{count} prices were added; the others change nothing.", "新增 {count} 个价格，其余没有变化。")


@command(commands, "list", "列出某日生效的价格。")
def list_prices(
    terminal: Terminal,
    on: Annotated[datetime | None, option("On this day.", "指定日期。", "--on", formats=["%Y-%m-%d"])] = None,
    everything: All = False,
) -> None:
    """List what things cost today, or on another day."""
    terminal.show_list(LIST, path_to("prices"), everything=everything, on=on.date().isoformat() if on else None)


@command(commands, "history", "列出历次价格，最新的在前。")
def list_history(terminal: Terminal, everything: All = False) -> None:
    """List every price that was ever written down, the newest first."""
    terminal.show_list(HISTORY, path_to("prices", "history"), everything=everything)


@command(commands, "load", "从 CSV 或 YAML 文件登记价格，全部成功或全部不变。")
def load_prices(
    terminal: Terminal, file: Annotated[Path, argument("CSV or YAML file.", "CSV 或 YAML 文件。", exists=True)]
) -> None:
    """Write down the prices of a file, all or none; those that change nothing are left out."""
    rows = _from_csv(file) if file.suffix.lower() == ".csv" else _from_yaml(file)
    added = terminal.api.post(path_to("prices"), {"prices": rows})["added"]
    if terminal.output == "json":
        terminal.print_json({"added": added})
        return
    terminal.show_table(LIST, added)
    terminal.note(ADDED.format(count=len(added)))


@command(commands, "export", "将当前价格导出为 CSV，可修改后再用 load 登记。")
def export_prices(terminal: Terminal) -> None:
    """Write the prices in effect as CSV, ready to be changed and loaded: without a day they begin at once."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for price in terminal.api.items(path_to("prices")):
        writer.writerow((price["kind"], price["code"], price["monthly"], ""))
    terminal.write(out.getvalue())


def _from_csv(file: Path) -> list[dict[str, Any]]:
    """Return the lines of a file as the API takes them; an empty cell says nothing. Raises WrongUsage."""
    rows = csv.DictReader(io.StringIO(read_text(file).removeprefix("\ufeff"), newline=""))
    if not {"kind", "code", "monthly"} <= set(rows.fieldnames or ()) <= set(COLUMNS):
        raise WrongUsage(OTHER_COLUMNS, path=file, columns=",".join(COLUMNS))
    return [{key: cell for key, cell in row.items() if cell} for row in rows]


def _from_yaml(file: Path) -> list[Any]:
    """Return the list `prices` of a file; the server says what is wrong with its content. Raises WrongUsage."""
    try:
        content = yaml.load(read_text(file), Loader=yaml.BaseLoader)  # noqa: S506 - it makes nothing but text
    except yaml.YAMLError as error:
        raise WrongUsage(NO_LIST, path=file) from error
    rows = content.get("prices") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise WrongUsage(NO_LIST, path=file)
    return rows
