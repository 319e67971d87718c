"""Writing a part of the log into a file, with its proof beside it, in constant memory."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from nacl.signing import SigningKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.audit.chain import ORIGIN, NotSealed, anchor, batches, last_sealed
from jinyun.audit.models import AuditRecord, AuditSeal
from jinyun.audit.proof import Form, Proof, fingerprint
from jinyun.audit.seal_file import Seal
from jinyun.audit.service import CONTENT, canonical, content
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database

COLUMNS = ("number", *CONTENT, "digest", "chain")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def export(
    database: Database,
    signer: SigningKey,
    actor: Actor,
    file: Path,
    *,
    first: int | None = None,
    last: int | None = None,
    form: Form = "jsonl",
) -> Proof:
    """Write the records `first` to `last` (all that are sealed, where nothing is said) and their proof; note it.

    Raises:
        NotSealed: they are not all there, or not sealed yet.
        OSError: the files cannot be written.
    """
    begin, end = database.read(available)
    wanted = (first or begin, last or end)
    if not begin <= wanted[0] <= wanted[1] <= end:
        raise NotSealed(first=wanted[0], last=wanted[1], begin=begin, end=end)
    proof = write(database, signer, file, wanted, form)
    after = {"file": file.name, "first": proof.first, "last": proof.last, "form": form, "sha256": proof.sha256}
    subject = ("audit", "log", file.name)
    database.write(lambda session: audit.record(session, actor, "audit.export", subject, after=after))
    return proof


def write(database: Database, signer: SigningKey, file: Path, numbers: tuple[int, int], form: Form = "jsonl") -> Proof:
    """Write a part of the log and its proof, whole or not at all. Raises OSError."""
    first, last = numbers
    before = database.read(lambda session: _head_before(session, first))
    with _appearing(file) as (target, digest):
        after = _write_records(database, target, numbers, form)
    proof = Proof(
        file=file.name,
        form=form,
        first=first,
        last=last,
        before=before,
        after=after,
        sha256=digest.hexdigest(),
        made_at=utc_now().isoformat(),
        key=fingerprint(signer.verify_key),
        **database.read(lambda session: _seal_over(session, last)),
    ).signed(signer)
    with _appearing(proof_beside(file)) as (target, _):
        target(json.dumps(proof.as_document(), indent=1).encode())
    return proof


def proof_beside(file: Path) -> Path:
    """Return where the proof of a file is written."""
    return file.with_name(file.name + ".proof.json")


def available(session: Session) -> tuple[int, int]:
    """Return the first and the last number of what is here and sealed."""
    start = anchor(session)
    return (start.number if start else 0) + 1, last_sealed(session)


def _write_records(database: Database, target: Callable[[bytes], None], numbers: tuple[int, int], form: Form) -> str:
    head = ORIGIN
    spell = _as_lines if form == "jsonl" else _as_rows
    if form == "csv":
        target(_row(COLUMNS))
    for batch in batches(database, numbers[0] - 1, numbers[1]):
        target(spell(batch))
        head = batch[-1].chain or ""
    return head


def _as_lines(batch: Sequence[AuditRecord]) -> bytes:
    return b"".join(canonical(_document(entry)) + b"\n" for entry in batch)


def _as_rows(batch: Sequence[AuditRecord]) -> bytes:
    return b"".join(_row([_harmless(_document(entry).get(name)) for name in COLUMNS]) for entry in batch)


def _document(entry: AuditRecord) -> dict[str, Any]:
    return content(entry) | {"number": entry.number, "digest": entry.digest, "chain": entry.chain}


def _row(cells: Sequence[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _harmless(value: Any) -> str:
    """Return a value as a cell that no spreadsheet computes."""
    text = "" if value is None else canonical(value).decode() if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _head_before(session: Session, number: int) -> str:
    if number == 1:
        return ORIGIN
    head = session.scalar(select(AuditRecord.chain).where(AuditRecord.number == number - 1))
    start = anchor(session)
    return head or (start.head if start else ORIGIN)


def _seal_over(session: Session, number: int) -> dict[str, Any]:
    """Return the first seal at or after a number, and the digests on the way to it."""
    at_or_after = select(AuditSeal).where(AuditSeal.number >= number).order_by(AuditSeal.number).limit(1)
    seal = Seal.of(session.scalars(at_or_after).one())
    between = select(AuditRecord.digest).where(AuditRecord.number > number, AuditRecord.number <= seal.number)
    return {"seal": seal.as_document(), "beyond": tuple(session.scalars(between.order_by(AuditRecord.number)))}


@contextmanager
def _appearing(path: Path) -> Iterator[tuple[Callable[[bytes], None], Any]]:
    """Give what writes a file, and the digest of what it wrote; the file appears, durable, when all is well."""
    beside, digest = path.with_name(path.name + ".part"), hashlib.sha256()
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        yield lambda content: _add(file, digest, content), digest
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _sync_folder(path.parent)


def _add(file: IO[bytes], digest: Any, content: bytes) -> None:
    file.write(content)
    digest.update(content)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
