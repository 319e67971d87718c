"""Old records leave for the archive; the log that stays verifies, and so does the archive."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nacl.signing import SigningKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.audit import retention
from jinyun.audit.export import export, proof_beside
from jinyun.audit.models import AuditAnchor, AuditSeal
from jinyun.audit.proof import check
from jinyun.audit.retention import ArchiveUnsound, archive_old
from jinyun.audit.seal_file import export_seals
from jinyun.audit.sealer import seal_pending
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from tests.unit.audit.conftest import LI_WEI, Log, deleting


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder


def first_half(log: Log) -> datetime:
    """Return a moment after the first seal and before the end of the second."""
    return log.database.read(lambda s: s.scalars(select(AuditSeal.at).where(AuditSeal.number == 10)).one())


def test_old_records_are_archived_and_the_rest_verifies(log: Log, archive: Path) -> None:
    assert archive_old(log.database, log.signer, archive, first_half(log)) == 5
    assert log.numbers() == [None, 6, 7, 8, 9, 10]
    seal_pending(log.database, log.keys)
    assert log.findings() == []
    (file,) = archive.glob("*.jsonl")
    assert file.name == "audit-000000000001-000000000005.jsonl"
    assert check(file, proof_beside(file), log.signer.verify_key) == []
    assert archive_old(log.database, log.signer, archive, first_half(log)) == 0


def test_what_is_archived_later_follows_on(log: Log, archive: Path) -> None:
    archive_old(log.database, log.signer, archive, first_half(log))
    seal_pending(log.database, log.keys)
    assert archive_old(log.database, log.signer, archive, utc_now()) == 6
    names = sorted(file.name for file in archive.glob("*.jsonl"))
    assert names == ["audit-000000000001-000000000005.jsonl", "audit-000000000006-000000000011.jsonl"]
    log.write(12)
    seal_pending(log.database, log.keys)
    assert log.findings() == []
    assert log.database.read(lambda s: s.scalar(select(func.count()).select_from(AuditAnchor))) == 2


def test_the_seals_kept_elsewhere_still_agree(log: Log, archive: Path, tmp_path: Path) -> None:
    kept = tmp_path / "seals.jsonl"
    export_seals(log.database, kept)
    archive_old(log.database, log.signer, archive, utc_now())
    assert log.findings(kept) == []
    log.write(12)
    seal_pending(log.database, log.keys)
    export_seals(log.database, kept)
    assert log.findings(kept) == []


def test_a_part_that_begins_at_the_anchor_is_proved(log: Log, archive: Path, tmp_path: Path) -> None:
    archive_old(log.database, log.signer, archive, first_half(log))
    file = tmp_path / "part.jsonl"
    assert export(log.database, log.signer, LI_WEI, file, last=10).first == 6
    assert check(file, proof_beside(file), log.signer.verify_key) == []


def test_nothing_is_removed_where_the_archive_cannot_be_written(log: Log, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        archive_old(log.database, log.signer, tmp_path / "no-share", utc_now())
    assert log.numbers() == [*range(1, 11)]
    assert log.findings() == []


def test_nothing_is_removed_where_the_log_itself_is_broken(log: Log, archive: Path) -> None:
    log.do(deleting(3, 3))
    with pytest.raises(ArchiveUnsound, match="record 4 stands where 3 belongs"):
        archive_old(log.database, log.signer, archive, utc_now())
    assert len(log.numbers()) == 9


def test_a_run_that_was_cut_short_is_finished_by_the_next(
    log: Log, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_database: Database) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(retention, "BATCH", 2)
        patch.setattr(retention, "_remove", die)
        with pytest.raises(KeyboardInterrupt):
            archive_old(log.database, log.signer, archive, first_half(log))
    assert log.findings() == [], "the anchor stands, the records are not gone yet"
    log.database.write(retention._remove_some)
    assert log.findings() == []
    archive_old(log.database, log.signer, archive, first_half(log))
    assert log.numbers()[1:] == [6, 7, 8, 9, 10]


def test_a_beginning_that_was_cut_off_without_an_archive_is_found(log: Log) -> None:
    log.do(deleting(1, 5))
    assert (1, "records 1 to 5 are missing") in log.findings()


def test_an_anchor_that_was_forged_is_found(log: Log) -> None:
    def forge(session: Session) -> None:
        deleting(1, 5)(session)
        head = session.scalars(select(AuditSeal.head).where(AuditSeal.number == 5)).one()
        row = AuditAnchor(at=utc_now() - timedelta(days=1), number=5, head=head, archive="x", archive_digest="0" * 64)
        row.signature = SigningKey.generate().sign(row.statement()).signature.hex()
        session.add(row)

    log.do(forge)
    assert log.findings() == [(5, "the signature of where the log begins is not ours")]
