"""The file that goes out to a spreadsheet and comes back."""

import csv
import io

import pytest

from jinyun.adoption.sheet import COLUMNS, MOST_LINES, read_sheet, write_sheet
from jinyun.kit.errors import MalformedRequest

FORMULAS = ("=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx")


@pytest.mark.parametrize("name", FORMULAS)
def test_no_spreadsheet_runs_what_a_machine_is_called(name: str) -> None:
    written = write_sheet([{"name": name, "region": "vc", "project": "p", "hostname": name}])
    (row,) = csv.DictReader(io.StringIO(written, newline=""))
    assert not row["name"].startswith(("=", "+", "-", "@", "\t"))
    (wish,) = read_sheet(written.encode())
    assert (wish.machine, wish.region, wish.project) == (name, "vc", "p")


def test_everything_has_its_column() -> None:
    row: dict[str, object] = {name: name for name in COLUMNS} | {"addresses": ["10.0.0.1", "10.0.0.2"], "vcpus": None}
    (read,) = csv.DictReader(io.StringIO(write_sheet([row]), newline=""))
    assert (read["addresses"], read["vcpus"], read["evidence"]) == ("10.0.0.1; 10.0.0.2", "", "evidence")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_what_spreadsheets_here_write_is_read(encoding: str) -> None:
    (wish,) = read_sheet("name,id,project\n核心账务,,p\n".encode(encoding))
    assert (wish.machine, wish.number, wish.problem) == ("核心账务", 2, None)


def test_one_line_that_is_no_text_spoils_no_other() -> None:
    good, bad, also = read_sheet("id,project\n核心,p\n".encode() + b"\xff\xff,p\n" + "账务,p\n".encode())
    assert (good.problem, also.problem, also.number) == (None, None, 4)
    assert bad.problem is not None
    assert bad.problem.code == "bad-encoding"


@pytest.mark.parametrize(("line", "field"), [(",p", "id"), ("x," + "p" * 65, "project"), ("x\x07y,p", None)])
def test_a_line_that_says_nothing_is_named(line: str, field: str | None) -> None:
    (wish,) = read_sheet(f"id,project\n{line}\n".encode())
    assert wish.problem is not None
    assert (wish.problem.code, wish.problem.field) == ("bad-line", field)


def test_a_line_without_an_application_system_is_not_asked_for() -> None:
    assert not list(read_sheet(b"id,project\nx,\ny,  \n"))


@pytest.mark.parametrize("content", [b"", b"id\nx\n", b"\x00", b"id,project\n" + b"x,p\n" * (MOST_LINES + 1)])
def test_what_is_no_such_file_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedRequest):
        list(read_sheet(content))
