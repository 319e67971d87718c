"""An exported part of the log is proved by its file, its proof and the public key alone."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from nacl.signing import SigningKey, VerifyKey
from sqlalchemy import select

from jinyun.audit import chain
from jinyun.audit.chain import NotSealed
from jinyun.audit.export import export, proof_beside
from jinyun.audit.models import AuditRecord
from jinyun.audit.proof import Proof, check
from jinyun.audit.service import record
from tests.unit.audit.conftest import LI_WEI, Log


@pytest.fixture
def key(log: Log) -> VerifyKey:
    return log.signer.verify_key


@pytest.fixture
def exported(log: Log, tmp_path: Path) -> Path:
    file = tmp_path / "part.jsonl"
    export(log.database, log.signer, LI_WEI, file, first=3, last=8)
    return file


def found(file: Path, key: VerifyKey) -> list[tuple[int | None, str]]:
    return [(finding.number, finding.what.en) for finding in check(file, proof_beside(file), key)]


def test_an_untouched_file_is_sound(exported: Path, key: VerifyKey) -> None:
    assert found(exported, key) == []
    assert [json.loads(line)["number"] for line in exported.read_text().splitlines()] == [3, 4, 5, 6, 7, 8]
    assert exported.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("first", "last"), [(1, 10), (5, 5), (6, 10), (10, 10), (None, None)])
def test_any_part_is_proved(log: Log, key: VerifyKey, tmp_path: Path, first: int | None, last: int | None) -> None:
    file = tmp_path / "part.jsonl"
    export(log.database, log.signer, LI_WEI, file, first=first, last=last)
    assert found(file, key) == []


def change_a_byte(lines: list[str]) -> list[str]:
    return [*lines[:2], lines[2].replace("10.0.0.1", "10.0.0.2"), *lines[3:]]


def leave_one_out(lines: list[str]) -> list[str]:
    return [*lines[:2], *lines[3:]]


def swap_two(lines: list[str]) -> list[str]:
    return [*lines[:2], lines[3], lines[2], *lines[4:]]


def cut_the_end(lines: list[str]) -> list[str]:
    return lines[:-1]


@pytest.mark.parametrize(
    ("tamper", "number", "what"),
    [
        (change_a_byte, 5, "the content was changed after it was written"),
        (leave_one_out, 5, "record 6 stands where 5 belongs"),
        (swap_two, 5, "record 6 stands where 5 belongs"),
        (cut_the_end, 8, "the file does not end where the proof says"),
        (lambda lines: [*lines, "nonsense\n"], None, "line 7 is no record"),
    ],
)
def test_a_file_that_was_tampered_with_is_found(
    exported: Path, key: VerifyKey, tamper: Callable[[list[str]], list[str]], number: int | None, what: str
) -> None:
    exported.write_text("".join(tamper(exported.read_text().splitlines(keepends=True))))
    assert found(exported, key) == [(None, "the file is not the one that the proof was made for"), (number, what)]


def test_another_key_is_named(exported: Path) -> None:
    ((number, what),) = found(exported, SigningKey.generate().verify_key)
    assert number is None
    assert what.startswith("the proof was made with another key")


@pytest.mark.parametrize("values", [{"first": 2}, {"after": "0" * 64}, {"sha256": "0" * 64}, {"made_at": "2020-01-01"}])
def test_a_changed_proof_is_found(exported: Path, key: VerifyKey, values: dict[str, object]) -> None:
    beside = proof_beside(exported)
    beside.write_text(json.dumps(json.loads(beside.read_text()) | values))
    assert (None, "the signature of the proof is not ours") in found(exported, key)


def test_a_proof_of_a_chain_that_leads_to_no_seal_is_found(log: Log, exported: Path, key: VerifyKey) -> None:
    beside = proof_beside(exported)
    document = json.loads(beside.read_text())
    document["beyond"] = document["beyond"][:-1]
    beside.write_text(json.dumps(Proof.parse(json.dumps(document)).signed(log.signer).as_document()))
    assert (10, "the chain does not lead to the seal") in found(exported, key)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "jinyun-audit-proof-1"}'])
def test_what_is_no_proof_is_named(exported: Path, key: VerifyKey, text: str) -> None:
    proof_beside(exported).write_text(text)
    ((_, what),) = found(exported, key)
    assert what.startswith("this is no proof")


@pytest.mark.parametrize(("first", "last"), [(0, 5), (5, 11), (6, 5)])
def test_what_is_not_sealed_is_not_exported(log: Log, tmp_path: Path, first: int, last: int) -> None:
    log.write(11)
    with pytest.raises(NotSealed):
        export(log.database, log.signer, LI_WEI, tmp_path / "part.jsonl", first=first or -1, last=last)
    assert not (tmp_path / "part.jsonl").exists()


def test_an_export_is_recorded(log: Log, exported: Path) -> None:
    noted = log.database.read(lambda s: s.scalars(select(AuditRecord).filter_by(action="audit.export")).one())
    assert (noted.actor_login, noted.subject_name, noted.after and noted.after["last"]) == ("li.wei", "part.jsonl", 8)


def test_a_table_computes_nothing_and_is_proved_by_its_digest(
    log: Log, key: VerifyKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "BATCH", 4)
    log.do(lambda s: record(s, LI_WEI, "server.stop", ("server", "=1+1", "@SUM(A1)"), after={"a": "=2"}))
    log.write_and_seal(12, 12)
    file = tmp_path / "part.csv"
    export(log.database, log.signer, LI_WEI, file, form="csv")
    assert found(file, key) == []
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["number"] for row in rows] == [str(number) for number in range(1, 13)]
    assert (rows[10]["subject_id"], rows[10]["subject_name"]) == ("'=1+1", "'@SUM(A1)")
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    file.write_text(file.read_text().replace("li.wei", "li.bai", 1))
    assert found(file, key) == [(None, "the file is not the one that the proof was made for")]
