"""The sealer numbers committed records, chains them and signs the end; the verifier walks the chain again.

A chain inside each transaction would make the whole bank wait for one row; afterwards it costs nobody anything.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from nacl.encoding import Base64Encoder
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.audit.models import AuditChain, AuditRecord, AuditSeal, seal_statement
from jinyun.audit.service import digest
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.uniqueness import get_or_add
from jinyun.kit.vault import audit_signer, audit_verifier

ORIGIN = "0" * 64
BATCH = 500
UNSEALED_LIMIT = timedelta(seconds=60)
"""A record older than this without a number is a finding: the sealer is down, or somebody took the number away."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written."""

    number: int | None
    record_id: str | None
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What the verifier saw."""

    records: int
    unsealed: int
    seals: int
    findings: tuple[Finding, ...]


def seal_pending(database: Database, key_directory: Path) -> int:
    """Number, chain and sign the committed records that have no number yet; return how many there were."""
    signer = audit_signer(key_directory)
    sealed = 0
    while count := database.write(lambda session: _seal_batch(session, signer)):
        sealed += count
    return sealed


def verify(session: Session, key_directory: Path) -> Verification:
    """Walk the whole chain and name every place where it was changed, cut or left open."""
    findings: list[Finding] = []
    heads: dict[int, str] = {}
    previous, expected = ORIGIN, 1
    numbered = select(AuditRecord).where(AuditRecord.number.is_not(None)).order_by(AuditRecord.number)
    for entry in session.scalars(numbered.execution_options(yield_per=BATCH)):
        number = entry.number or 0
        if number != expected:
            findings.append(Finding(expected, None, f"records {expected} to {number - 1} are missing"))
        if digest(entry) != entry.digest:
            findings.append(Finding(number, entry.id, "the content was changed after it was written"))
        elif number == expected and entry.chain != _link(previous, entry.digest):
            findings.append(Finding(number, entry.id, "the chain does not follow from the record before"))
        previous, expected = entry.chain or "", number + 1
        heads[number] = previous
    seals = list(session.scalars(select(AuditSeal).order_by(AuditSeal.number)))
    findings += _check_seals(seals, heads, audit_verifier(key_directory))
    findings += _check_end(session, expected - 1, seals)
    unsealed = list(session.scalars(select(AuditRecord).where(AuditRecord.number.is_(None))))
    findings += [
        Finding(None, entry.id, f"unsealed since {entry.at.isoformat()}")
        for entry in unsealed
        if utc_now() - entry.at > UNSEALED_LIMIT
    ]
    return Verification(len(heads), len(unsealed), len(seals), tuple(findings))


def _seal_batch(session: Session, signer: SigningKey) -> int:
    end = get_or_add(session, AuditChain(id=1, last_number=0, head=ORIGIN), 1)
    pending = select(AuditRecord).where(AuditRecord.number.is_(None)).order_by(AuditRecord.id).limit(BATCH)
    entries = list(session.scalars(pending))
    for entry in entries:
        end.last_number += 1
        end.head = _link(end.head, entry.digest)
        entry.number, entry.chain = end.last_number, end.head
    if entries:
        at = utc_now()
        signature = signer.sign(seal_statement(end.last_number, end.head, at), Base64Encoder).signature.decode()
        session.add(AuditSeal(at=at, number=end.last_number, head=end.head, signature=signature))
    return len(entries)


def _link(previous: str, entry_digest: str) -> str:
    return hashlib.sha256(f"{previous}{entry_digest}".encode()).hexdigest()


def _check_seals(seals: list[AuditSeal], heads: dict[int, str], verifier: VerifyKey) -> list[Finding]:
    findings = []
    for seal in seals:
        try:
            verifier.verify(seal.statement(), Base64Encoder.decode(seal.signature.encode()))
        except (BadSignatureError, ValueError):
            findings.append(Finding(seal.number, None, "the signature of this seal is not ours"))
            continue
        if heads.get(seal.number) != seal.head:
            findings.append(Finding(seal.number, None, "the chain does not pass through this seal"))
    return findings


def _check_end(session: Session, last_number: int, seals: list[AuditSeal]) -> list[Finding]:
    """The chain must reach as far as its own end row and its last seal say: else its tail was cut."""
    end = session.get(AuditChain, 1)
    promised = max(end.last_number if end else 0, seals[-1].number if seals else 0)
    if promised > last_number:
        return [Finding(last_number + 1, None, f"the tail was cut: records up to {promised} were sealed")]
    return []
