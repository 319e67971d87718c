"""Seals off the host: one JSON line each, in a file that is only ever added to.

Whoever holds the database could cut the end of the log together with its seals and its end mark; he cannot reach this.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.audit.models import AuditSeal, seal_statement
from jinyun.kit.database import Database

BATCH = 500
LONGEST_LINE = 1024


class SealsDiffer(Exception):
    """The file's last seal is not in the log: its end was cut, or it is the file of another installation."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed statement of where the chain ended at a moment."""

    number: int
    head: str
    at: datetime
    signature: str

    @classmethod
    def of(cls, row: AuditSeal) -> Self:
        """Return a row as it leaves the database."""
        return cls(row.number, row.head, row.at, row.signature)

    @classmethod
    def parse(cls, document: Any) -> Self:
        """Return a seal from its document. Raises ValueError, KeyError or TypeError where it is none."""
        number, head, signature = document["number"], document["head"], document["signature"]
        if type(number) is not int or not isinstance(head, str) or not isinstance(signature, str):
            raise ValueError("no seal")
        return cls(number, head, datetime.fromisoformat(document["at"]), signature)

    def as_document(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {"number": self.number, "head": self.head, "at": self.at.isoformat(), "signature": self.signature}

    def statement(self) -> bytes:
        """Return what the signature covers."""
        return seal_statement(self.number, self.head, self.at)


def export_seals(database: Database, path: Path) -> int:
    """Add the seals that the file lacks, so that they outlive a crash of this machine; return how many.

    Raises:
        OSError: the file cannot be written.
        SealsDiffer: the file's last seal is not the log's.
    """
    written = 0
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        last, torn = _last_line(file)
        _refuse_other(database, last)
        if torn:
            file.write(b"\n")
        after = last.number if last else 0
        while rows := database.read(partial(_following, after=after)):
            file.writelines(json.dumps(Seal.of(row).as_document()).encode() + b"\n" for row in rows)
            after = rows[-1].number
            written += len(rows)
        if written:
            file.flush()
            os.fsync(file.fileno())
    return written


def read_seals(path: Path, size: int) -> Iterator[Seal | int]:
    """Yield the seals in the first `size` bytes, and the number of each line that is none.

    A line that broke off is none of these: the next one begins as it does, because it was written again.
    """
    with path.open("rb") as file:
        line, number = file.readline(), 1
        while line and file.tell() <= size:
            following = file.readline()
            if not following.startswith(line.rstrip(b"\n")):
                yield _parsed(line) or number
            line, number = following, number + 1


def _last_line(file: IO[bytes]) -> tuple[Seal | None, bool]:
    """Return the last seal, and whether something broke off after it."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - 3 * LONGEST_LINE))
    lines = file.read().split(b"\n")
    seals = [seal for line in lines[:-1] if (seal := _parsed(line))]
    return (seals[-1] if seals else None), bool(lines[-1])


def _parsed(line: bytes) -> Seal | None:
    try:
        return Seal.parse(json.loads(line))
    except (ValueError, KeyError, TypeError):
        return None


def _refuse_other(database: Database, last: Seal | None) -> None:
    if last is None:
        return
    same = select(AuditSeal.head).where(AuditSeal.number == last.number)
    newest = select(AuditSeal.number).order_by(AuditSeal.number.desc()).limit(1)
    head, end = database.read(lambda session: (session.scalar(same), session.scalar(newest) or 0))
    archived = head is None and end > last.number
    if head != last.head and not archived:
        raise SealsDiffer(f"the log does not have seal {last.number}")


def _following(session: Session, after: int) -> list[AuditSeal]:
    following = select(AuditSeal).where(AuditSeal.number > after).order_by(AuditSeal.number).limit(BATCH)
    return list(session.scalars(following))
