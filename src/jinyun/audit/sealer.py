"""The sealer numbers committed records, chains them and signs the end.

A chain inside each transaction would make the whole bank wait for one row; afterwards it costs nobody anything.
"""

from pathlib import Path

from nacl.encoding import Base64Encoder
from nacl.signing import SigningKey
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jinyun.audit.chain import ORIGIN, link
from jinyun.audit.models import AuditChain, AuditRecord, AuditSeal, seal_statement
from jinyun.audit.seal_file import export_seals
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.uniqueness import get_or_add
from jinyun.kit.vault import audit_signer

BATCH = 500


def seal_and_export(database: Database, key_directory: Path, seal_file: Path | None) -> int:
    """Seal what is committed, then write the seals off the host where a file is named; return how many records.

    Raises:
        OSError: the file cannot be written; the seals are made all the same, and written the next time.
        SealsDiffer: the file has seals that this log never made.
    """
    sealed = seal_pending(database, key_directory)
    if seal_file is not None:
        export_seals(database, seal_file)
    return sealed


def seal_pending(database: Database, key_directory: Path) -> int:
    """Number, chain and sign the committed records that have no number yet; return how many there were."""
    signer = audit_signer(key_directory)
    sealed = 0
    while count := database.write(lambda session: _seal_batch(session, signer)):
        sealed += count
    return sealed


def _seal_batch(session: Session, signer: SigningKey) -> int:
    end = get_or_add(session, AuditChain(id=1, last_number=0, head=ORIGIN), 1)
    pending = select(AuditRecord.id, AuditRecord.digest).where(AuditRecord.number.is_(None))
    places = []
    for record_id, digest in session.execute(pending.order_by(AuditRecord.id).limit(BATCH)):
        end.last_number += 1
        end.head = link(end.head, digest)
        places.append({"id": record_id, "number": end.last_number, "chain": end.head})
    if places:
        session.execute(update(AuditRecord), places)
        at = utc_now()
        signature = signer.sign(seal_statement(end.last_number, end.head, at), Base64Encoder).signature.decode()
        session.add(AuditSeal(at=at, number=end.last_number, head=end.head, signature=signature))
    return len(places)
