"""The CSV file that goes out with proposals and comes back with decisions: one line a machine."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from jinyun.adoption.errors import BadEncoding, BadLine
from jinyun.kit.bodies import UNPRINTABLE, unprintable
from jinyun.kit.errors import MalformedRequest, Problem
from jinyun.kit.sheets import neutral, plain
from jinyun.kit.texts import Text

COLUMNS = (
    "id",
    "region",
    "name",
    "cluster",
    "folder",
    "power",
    "addresses",
    "vcpus",
    "memory_mib",
    "disk_gib",
    "flavor",
    "project",
    "owner",
    "hostname",
    "evidence",
    "obstacles",
)
"""`project` and `hostname` are what people fill in; `id` says which machine, or else `name` and `region`."""
NEEDED = ("id", "project")
BETWEEN = "; "
MOST_LINES = 5000
WRONG_HEADER = Text("The first line must name the columns {columns}", "首行必须包含以下列名：{columns}")
TOO_LONG = Text("It has more than {most} lines", "超过 {most} 行")
NOT_CSV = Text("It is no CSV: {error}", "不是 CSV 文件：{error}")
NO_MACHINE = Text("it names no machine", "未注明机器")
LONG = Text("{column} has more than {most} characters", "{column} 超过 {most} 个字符")
LENGTHS = {"id": 255, "name": 255, "region": 64, "project": 64, "hostname": 255}


@dataclass(frozen=True, slots=True)
class Wish:
    """A machine that somebody wants adopted, as he wrote it."""

    number: int
    """Its line, or its place in a list, from 1."""
    machine: str
    """Id or name."""
    project: str
    region: str | None = None
    hostname: str | None = None
    problem: Problem | None = None
    """Why the line says nothing."""


def write_sheet(rows: Iterable[Mapping[str, object]]) -> str:
    """Return a CSV file that a spreadsheet opens without running anything in it; `read_sheet` takes it back."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([neutral(_text(row.get(column))) for column in COLUMNS])
    return out.getvalue()


def read_sheet(content: bytes) -> Iterator[Wish]:
    """Yield the lines that name an application system; a line that cannot be read says why.

    Raises:
        MalformedRequest: it is no such file, or has too many lines.
    """
    text, unreadable = _decoded(content)
    rows = csv.DictReader(io.StringIO(text, newline=""))
    header = {name.strip() for name in _fieldnames(rows)}
    if not header.issuperset(NEEDED):
        raise MalformedRequest(reason=WRONG_HEADER.format(columns=", ".join(NEEDED)))
    before = rows.line_num
    try:
        for row in rows:
            if rows.line_num > MOST_LINES + 1:
                raise MalformedRequest(reason=TOO_LONG.format(most=MOST_LINES))
            values = {(key or "").strip(): plain(str(value or "").strip()) for key, value in row.items()}
            bad = any(line in unreadable for line in range(before + 1, rows.line_num + 1))
            before = rows.line_num
            if bad or values["project"]:
                yield _wish(rows.line_num, values, BadEncoding() if bad else None)
    except csv.Error as error:
        raise MalformedRequest(reason=NOT_CSV.format(error=error)) from error


def _wish(number: int, values: Mapping[str, str], problem: Problem | None) -> Wish:
    machine = values["id"] or values.get("name", "")
    too_long = next((column for column, most in LENGTHS.items() if len(values.get(column, "")) > most), None)
    if problem is None and not machine:
        problem = BadLine(field="id", why=NO_MACHINE)
    if problem is None and any(unprintable(value) for value in values.values()):
        problem = BadLine(why=UNPRINTABLE)
    if problem is None and too_long:
        problem = BadLine(field=too_long, why=LONG.format(column=too_long, most=LENGTHS[too_long]))
    return Wish(
        number,
        machine[: LENGTHS["id"]],
        values["project"][: LENGTHS["project"]],
        None if values["id"] else values.get("region") or None,
        values.get("hostname") or None,
        problem,
    )


def _fieldnames(rows: "csv.DictReader[str]") -> Iterable[str]:
    try:
        return rows.fieldnames or ()
    except csv.Error as error:
        raise MalformedRequest(reason=NOT_CSV.format(error=error)) from error


def _decoded(content: bytes) -> tuple[str, set[int]]:
    """Return a file's text, in UTF-8 or, where no line of it is that, in GBK; and which lines are neither."""
    lines = content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    foreign = [line for line in lines if not line.isascii()]
    encoding = "utf-8" if any(_is(line, "utf-8") for line in foreign) or not foreign else "gbk"
    unreadable = {number for number, line in enumerate(lines, start=1) if not _is(line, encoding)}
    return "".join(line.decode(encoding, errors="replace") for line in lines), unreadable


def _is(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _text(value: object) -> str:
    if value is None:
        return ""
    return BETWEEN.join(map(str, value)) if isinstance(value, list | tuple) else str(value)
