"""The chain of numbered records: how one follows from the other, and walking along it in constant memory."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from nacl.encoding import Base64Encoder
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.audit.models import AuditAnchor, AuditRecord, AuditSeal
from jinyun.kit.database import Database
from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text

ORIGIN = "0" * 64
"""The chain value before the first record."""
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written."""

    number: int | None
    record_id: str | None
    what: Text


class NotSealed(Problem):
    """The range reaches beyond what has been sealed, or begins in what was archived."""

    status = 409
    detail = Text(
        "Records {first} to {last} are not all sealed and here; there are {begin} to {end}.",
        "记录 {first} 至 {last} 未全部封印或不在库中；现有 {begin} 至 {end}。",
    )
    hint = Text("Choose a range within what there is.", "请在现有范围内选择。")


def link(previous: str, entry_digest: str) -> str:
    """Return the chain value that follows from the one before."""
    return hashlib.sha256(f"{previous}{entry_digest}".encode()).hexdigest()


def is_signed(verifier: VerifyKey, statement: bytes, signature: str) -> bool:
    """Tell whether a base64 signature was made over this statement with our key."""
    try:
        verifier.verify(statement, Base64Encoder.decode(signature.encode()))
    except (BadSignatureError, ValueError):
        return False
    return True


def anchor(session: Session) -> AuditAnchor | None:
    """Return where the chain begins, or None where nothing has been archived."""
    return session.scalar(select(AuditAnchor).order_by(AuditAnchor.number.desc()).limit(1))


def last_sealed(session: Session) -> int:
    """Return the number that the newest seal covers, 0 where there is none."""
    return session.scalar(select(func.max(AuditSeal.number))) or 0


def batches(database: Database, after: int, last: int | None = None) -> Iterator[list[AuditRecord]]:
    """Yield the records after a number, up to `last` or the end, some at a time, each time in its own transaction."""
    while batch := database.read(partial(_batch, after=after, last=last)):
        yield batch
        after = batch[-1].number or 0


def _batch(session: Session, after: int, last: int | None) -> list[AuditRecord]:
    following = select(AuditRecord).where(AuditRecord.number > after).order_by(AuditRecord.number).limit(BATCH)
    return list(session.scalars(following if last is None else following.where(AuditRecord.number <= last)))
