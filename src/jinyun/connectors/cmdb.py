"""Where application systems are kept outside Jinyun: a configuration database, or a file of it."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Protocol

from jinyun.kit.sheets import neutral, plain
from jinyun.kit.texts import Text

BETWEEN_MEMBERS = ";"


class UnreadableFile(ValueError):
    """The file is no list of application systems.

    Args:
        reason: what is wrong, in both languages.
    """

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SystemEntry:
    """An application system as it is kept there; any value may be wrong."""

    code: str
    name: str
    department: str
    owner: str
    criticality: str
    environment: str
    members: tuple[str, ...]
    line: int
    """Where it stands in its source, from 1."""


class ConfigurationDatabase(Protocol):
    """A place where application systems are kept."""

    def systems(self) -> Iterator[SystemEntry]:
        """Return them in the order of their source.

        Raises:
            UnreadableFile: it cannot be read as such a list.
        """


COLUMNS = tuple(field.name for field in fields(SystemEntry) if field.name != "line")
NOT_TEXT = Text("It is neither UTF-8 nor GBK", "编码既不是 UTF-8 也不是 GBK")
NOT_CSV = Text("It is no CSV: {error}", "不是 CSV 文件：{error}")
WRONG_HEADER = Text("The first line must name the columns {columns}", "首行必须包含以下列名：{columns}")


class CsvFile:
    """A CSV file, in UTF-8 (with or without a mark) or GBK as spreadsheets here write it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def systems(self) -> Iterator[SystemEntry]:
        """Return its lines. Raises UnreadableFile."""
        rows = csv.DictReader(io.StringIO(read_text(self._content), newline=""))
        try:
            yield from _entries(rows)
        except csv.Error as error:
            raise UnreadableFile(NOT_CSV.format(error=error)) from error


def write_csv(systems: Iterable[SystemEntry]) -> str:
    """Return a CSV file that a spreadsheet opens without running anything in it; `CsvFile` reads it back."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for system in systems:
        values = [getattr(system, name) for name in COLUMNS[:-1]]
        writer.writerow([neutral(value) for value in (*values, BETWEEN_MEMBERS.join(system.members))])
    return out.getvalue()


def read_text(content: bytes) -> str:
    """Return a file's text, in UTF-8 or GBK. Raises UnreadableFile."""
    for encoding in ("utf-8-sig", "gbk"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(NOT_TEXT)


def _entries(rows: "csv.DictReader[str]") -> Iterator[SystemEntry]:
    header = {name.strip() for name in rows.fieldnames or []}
    if not header.issuperset(COLUMNS):
        raise UnreadableFile(WRONG_HEADER.format(columns=", ".join(COLUMNS)))
    for row in rows:
        yield _entry({(key or "").strip(): value for key, value in row.items()}, rows.line_num)


def _entry(row: Mapping[str, object], line: int) -> SystemEntry:
    values = {name: plain(str(row.get(name) or "").strip()) for name in COLUMNS}
    members = tuple(each.strip() for each in values.pop("members").split(BETWEEN_MEMBERS) if each.strip())
    return SystemEntry(**values, members=members, line=line)
