"""Old records leave the database for the archive, with their proof; an anchor says where the log begins from then on.

Nothing else removes a record. First the archive is written and checked, then the anchor is set, then the records go: an
end at any moment leaves a log that verifies, and the next run goes on.
"""

from datetime import datetime
from functools import partial
from pathlib import Path

from nacl.encoding import Base64Encoder
from nacl.signing import SigningKey
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.audit.chain import anchor
from jinyun.audit.export import proof_beside, write
from jinyun.audit.models import AuditAnchor, AuditRecord, AuditSeal
from jinyun.audit.proof import Proof, check
from jinyun.kit.actor import PLATFORM
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database

BATCH = 500
MOST_IN_A_FILE = 1_000_000


class ArchiveUnsound(Exception):
    """What was just written to the archive does not verify: nothing is removed."""


def archive_old(database: Database, signer: SigningKey, folder: Path, before: datetime) -> int:
    """Archive what was sealed before a moment and remove it from the database; return how many records.

    Raises:
        OSError: the archive cannot be written; nothing is removed.
        ArchiveUnsound: it was not written as it should be; nothing is removed.
    """
    removed = _remove(database)
    while (numbers := database.read(lambda session: _due(session, before))) is not None:
        file = folder / f"audit-{numbers[0]:012d}-{numbers[1]:012d}.jsonl"
        proof = write(database, signer, file, numbers)
        findings = check(file, proof_beside(file), signer.verify_key)
        if findings:
            raise ArchiveUnsound("; ".join(finding.what.en for finding in findings))
        database.write(partial(_set_anchor, signer=signer, proof=proof))
        removed += _remove(database)
    return removed


def _due(session: Session, before: datetime) -> tuple[int, int] | None:
    """Return the first and last number to archive: a seal is younger than the records that it covers."""
    start = anchor(session)
    first = (start.number if start else 0) + 1
    old = select(func.max(AuditSeal.number)).where(AuditSeal.at < before)
    last = session.scalar(old.where(AuditSeal.number < first + MOST_IN_A_FILE)) or 0
    return (first, last) if last >= first else None


def _set_anchor(session: Session, signer: SigningKey, proof: Proof) -> None:
    row = AuditAnchor(
        at=utc_now(), number=proof.last, head=proof.after, archive=proof.file, archive_digest=proof.sha256
    )
    row.signature = signer.sign(row.statement(), Base64Encoder).signature.decode()
    session.add(row)
    after = {"first": proof.first, "last": proof.last, "sha256": proof.sha256}
    audit.record(session, PLATFORM, "audit.archive", ("audit", "log", proof.file), after=after)


def _remove(database: Database) -> int:
    """Remove what lies before the anchor; return how many records."""
    removed = 0
    while count := database.write(_remove_some):
        removed += count
    return removed


def _remove_some(session: Session) -> int:
    start = anchor(session)
    if start is None:
        return 0
    old = select(AuditRecord.number).where(AuditRecord.number <= start.number).order_by(AuditRecord.number)
    numbers = list(session.scalars(old.limit(BATCH)))
    if numbers:
        session.execute(delete(AuditRecord).where(AuditRecord.number.between(numbers[0], numbers[-1])))
    else:
        session.execute(delete(AuditSeal).where(AuditSeal.number < start.number))
    return len(numbers)
