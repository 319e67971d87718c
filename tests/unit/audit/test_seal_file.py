"""Seals kept off the host: they prove what the database alone cannot."""

import json
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from jinyun.audit.models import AuditChain, AuditSeal
from jinyun.audit.seal_file import SealsDiffer, export_seals
from jinyun.audit.sealer import seal_and_export, seal_pending
from jinyun.kit.vault import create_keys
from tests.together import at_once
from tests.unit.audit.conftest import Log, deleting, numbered

CUT = "the tail was cut: records up to 10 were sealed"
OTHER_CHAIN = "the chain does not pass through this seal"


@pytest.fixture
def kept(log: Log, tmp_path: Path) -> Path:
    path = tmp_path / "seals.jsonl"
    export_seals(log.database, path)
    return path


def cut_without_a_trace(session: Session) -> None:
    """Cut the end together with its seal and its end mark."""
    deleting(6, 10)(session)
    session.execute(delete(AuditSeal).where(AuditSeal.number > 5))
    end, last = session.get_one(AuditChain, 1), numbered(5)(session)
    end.last_number, end.head = 5, last.chain or ""


def test_what_was_kept_agrees_with_an_untouched_log(log: Log, kept: Path) -> None:
    assert log.findings(kept) == []
    assert log.verified(kept).seals == 4
    assert [json.loads(line)["number"] for line in kept.read_text().splitlines()] == [5, 10]


def test_an_end_that_was_cut_with_its_seals_is_found(log: Log, kept: Path) -> None:
    log.do(cut_without_a_trace)
    assert log.findings() == [], "the database alone does not know"
    assert log.findings(kept) == [(10, OTHER_CHAIN), (6, CUT)]


def test_an_end_that_was_written_anew_is_found(log: Log, kept: Path) -> None:
    log.do(cut_without_a_trace)
    log.write_and_seal(16, 20)
    assert log.findings() == []
    assert log.findings(kept) == [(10, OTHER_CHAIN)]
    with pytest.raises(SealsDiffer):
        export_seals(log.database, kept)


def test_a_changed_line_is_found(log: Log, kept: Path) -> None:
    lines = kept.read_text().splitlines(keepends=True)
    kept.write_text(lines[0].replace('"number": 5', '"number": 6') + lines[1])
    assert log.findings(kept) == [(6, "the signature of this seal is not ours")]
    kept.write_text(lines[0] + "nonsense\n" + lines[1])
    assert log.findings(kept) == [(None, "line 2 of the file is no seal")]


def test_seals_are_written_once_and_caught_up_with(log: Log, kept: Path) -> None:
    assert export_seals(log.database, kept) == 0
    log.write_and_seal(11, 12)
    log.write(13)
    assert seal_and_export(log.database, log.keys, kept) == 1
    assert [json.loads(line)["number"] for line in kept.read_text().splitlines()] == [5, 10, 12, 13]
    assert log.findings(kept) == []


def test_a_line_that_broke_off_is_written_again(log: Log, kept: Path) -> None:
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-40])
    assert export_seals(log.database, kept) == 1
    assert kept.read_bytes().startswith(whole[:-40] + b"\n")
    assert log.findings(kept) == []


def test_several_workers_write_each_seal_once(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "shared.jsonl"
    at_once(6, lambda _: export_seals(log.database, path))
    assert [json.loads(line)["number"] for line in path.read_text().splitlines()] == [5, 10]


def test_records_are_sealed_though_the_file_cannot_be_written(log: Log, tmp_path: Path) -> None:
    log.write(11)
    with pytest.raises(OSError):
        seal_and_export(log.database, log.keys, tmp_path / "no-share" / "seals.jsonl")
    assert log.verified().unsealed == 0


def test_the_file_of_another_installation_is_refused(log: Log, kept: Path, tmp_path: Path) -> None:
    create_keys(tmp_path / "other")
    log.do(lambda s: s.execute(delete(AuditSeal)), deleting(1, 10), lambda s: s.execute(delete(AuditChain)))
    log.write(1)
    seal_pending(log.database, tmp_path / "other")
    with pytest.raises(SealsDiffer):
        export_seals(log.database, kept)
