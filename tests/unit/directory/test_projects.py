"""Application systems from a file: each line reported, nothing twice, nothing that a spreadsheet would run."""

import pytest

from jinyun.connectors.cmdb import CsvFile, SystemEntry, UnreadableFile, write_csv
from jinyun.directory.projects import LineResult, change_project, export_systems, import_systems
from jinyun.directory.schemas import ProjectChange
from jinyun.kit.database import Database
from jinyun.kit.errors import Forbidden
from jinyun.organisation.models import Project
from tests.bank import Bank, acting, found_bank

HEADER = "code,name,department,owner,criticality,environment,members\n"
FILE = HEADER + "loans,贷款系统,cards,alice,key,production,bob;carl\nledger,总账,head,bob,,,\n"


@pytest.fixture
def bank(database: Database) -> Bank:
    return database.write(found_bank)


def run(database: Database, bank: Bank, content: bytes, login: str = "sec") -> list[LineResult]:
    systems = list(CsvFile(content).systems())
    return database.write(lambda session: import_systems(session, acting(session, bank, login), systems))


def outcomes(results: list[LineResult]) -> list[tuple[int, str]]:
    return [(result.line, result.outcome) for result in results]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_made_then_unchanged_then_changed(database: Database, bank: Bank, encoding: str) -> None:
    content = FILE.encode(encoding)
    assert outcomes(run(database, bank, content)) == [(2, "made"), (3, "made")]
    assert outcomes(run(database, bank, content)) == [(2, "unchanged"), (3, "unchanged")]
    moved = FILE.replace("alice,key", "rita,general").replace("bob;carl", "carl").encode(encoding)
    assert outcomes(run(database, bank, moved)) == [(2, "changed"), (3, "unchanged")]
    sec = database.read(lambda session: acting(session, bank, "sec"))
    (loans,) = [each for each in database.read(lambda s: export_systems(s, sec)) if each.code == "loans"]
    assert (loans.name, loans.owner, loans.criticality, loans.members) == ("贷款系统", "rita", "general", ("carl",))


def test_a_line_that_cannot_be_is_refused_and_the_others_go_on(database: Database, bank: Bank) -> None:
    lines = (
        "loans,Loans,cards,alice,key,production,bob;nobody",
        "BAD CODE,X,cards,alice,key,production,",
        "one,One,nowhere,alice,key,production,",
        "two,Two,cards,alice,secret,production,",
        "three,Three,cards,alice,key,production,",
        "three,Again,cards,alice,key,production,",
    )
    results = run(database, bank, (HEADER + "\n".join(lines)).encode())
    assert [each.outcome for each in results] == ["refused"] * 4 + ["made", "refused"]
    assert [each.line for each in results] == [2, 3, 4, 5, 6, 7]
    assert all(each.reason is not None and each.reason.zh for each in results if each.outcome == "refused")
    sec = database.read(lambda session: acting(session, bank, "sec"))
    assert "loans" not in {each.code for each in database.read(lambda session: export_systems(session, sec))}


@pytest.mark.parametrize("login", ["alice", "sys", "aud", "otto"])
def test_only_who_manages_application_systems(database: Database, bank: Bank, login: str) -> None:
    with pytest.raises(Forbidden):
        run(database, bank, FILE.encode(), login)
    with pytest.raises(Forbidden):
        database.write(
            lambda session: change_project(
                session,
                acting(session, bank, login),
                session.get_one(Project, bank.projects["PAY"]),
                ProjectChange(name="Mine"),
            )
        )


def test_no_spreadsheet_runs_what_was_exported() -> None:
    system = SystemEntry("x", "=cmd|' /C calc'!A0", "cards", "@alice", "key", "test", ("+bob", "carl"), 2)
    text = write_csv([system])
    assert "'=cmd" in text
    assert "'@alice" in text
    assert "'+bob;carl" in text
    assert list(CsvFile(text.encode()).systems()) == [system]


@pytest.mark.parametrize("content", [b"\xff\xff\xff", b"", b"code,name\nx,y\n", HEADER.encode() + b"x" * 200_000])
def test_what_is_no_such_file(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        list(CsvFile(content).systems())
