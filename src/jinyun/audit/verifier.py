"""The verifier walks the chain again and names every place where it was changed, cut or left open.

It reads some records at a time, so that a log of any length takes the same memory.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from nacl.signing import VerifyKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.audit.chain import ORIGIN, Finding, anchor, batches, is_signed, last_sealed, link
from jinyun.audit.models import AuditAnchor, AuditChain, AuditRecord, AuditSeal
from jinyun.audit.seal_file import Seal, read_seals
from jinyun.audit.service import digest
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.texts import Text

UNSEALED_LIMIT = timedelta(seconds=60)
"""A record older than this without a number is a finding: the sealer is down, or somebody took the number away."""
MOST_FINDINGS = 1000
"""So many are kept; the others are only counted."""
CHANGED = Text("the content was changed after it was written", "内容在写入后被更改")
BROKEN = Text("the chain does not follow from the record before", "链值与前一条记录不相接")
MISSING = Text("records {first} to {last} are missing", "缺少记录 {first} 至 {last}")
CUT = Text("the tail was cut: records up to {last} were sealed", "尾部被截断：曾封印至记录 {last}")
FORGED = Text("the signature of this seal is not ours", "该封印的签名不是本系统所签")
OTHER_CHAIN = Text("the chain does not pass through this seal", "链不经过该封印")
OTHER_END = Text("the chain does not pass through its end mark", "链不经过其末端标记")
END_MOVED = Text("the end mark says {end}, but the log goes on to {last}", "末端标记为 {end}，但日志延续至 {last}")
NO_SEAL = Text("line {line} of the file is no seal", "文件第 {line} 行不是封印")
ANCHOR_FORGED = Text("the signature of where the log begins is not ours", "日志起点的签名不是本系统所签")
UNSEALED = Text("unsealed since {at}", "自 {at} 起未封印")


@dataclass(frozen=True, slots=True)
class Verification:
    """What the verifier saw."""

    records: int
    unsealed: int
    seals: int
    """In the log and in the file."""
    found: int
    findings: tuple[Finding, ...]
    """The first of them."""


@dataclass(slots=True)
class _Walk:
    verifier: VerifyKey
    head: str = ORIGIN
    number: int = 0
    """Of the last record that was passed; with `head`, where the next one must begin."""
    records: int = 0
    seals: int = 0
    found: int = 0
    findings: list[Finding] = field(default_factory=list)

    def note(self, number: int | None, record_id: str | None, what: Text) -> None:
        self.found += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(number, record_id, what))

    def begin(self, start: AuditAnchor | None) -> None:
        if start is None:
            return
        if not is_signed(self.verifier, start.statement(), start.signature):
            self.note(start.number, None, ANCHOR_FORGED)
        self.number, self.head = start.number, start.head

    def follow(self, batch: Sequence[AuditRecord]) -> dict[int, str]:
        """Pass some records; return the chain value at each."""
        heads = {}
        for entry in batch:
            number, expected = entry.number or 0, self.number + 1
            if number != expected:
                self.note(expected, None, MISSING.format(first=expected, last=number - 1))
            if digest(entry) != entry.digest:
                self.note(number, entry.id, CHANGED)
            elif number == expected and entry.chain != link(self.head, entry.digest):
                self.note(number, entry.id, BROKEN)
            self.number, self.head = number, entry.chain or ""
            heads[number] = self.head
        self.records += len(batch)
        return heads

    def check_seals(self, seals: Sequence[Seal], heads: dict[int, str]) -> None:
        """Compare seals with the chain where they stand in it."""
        for seal in seals:
            self.seals += 1
            if not is_signed(self.verifier, seal.statement(), seal.signature):
                self.note(seal.number, None, FORGED)
            elif heads.get(seal.number) != seal.head:
                self.note(seal.number, None, OTHER_CHAIN)


@dataclass(slots=True)
class _Outside:
    """The seals of a file, taken in the order of their numbers while the walk goes on."""

    walk: _Walk
    seals: Iterator[Seal | int]
    next: Seal | None = None

    def up_to(self, number: int | None) -> list[Seal]:
        """Return the seals up to a number, or all that are left."""
        taken = []
        while (seal := self._peek()) is not None and (number is None or seal.number <= number):
            taken.append(seal)
            self.next = None
        return taken

    def _peek(self) -> Seal | None:
        while self.next is None:
            read = next(self.seals, None)
            if read is None:
                return None
            if isinstance(read, int):
                self.walk.note(None, None, NO_SEAL.format(line=read))
            else:
                self.next = read
        return self.next


def verify(
    database: Database,
    verifier: VerifyKey,
    *,
    seal_file: Path | None = None,
    progress: Callable[[int], object] = lambda _records: None,
) -> Verification:
    """Walk the whole chain, against the seals of the log and of a file kept elsewhere.

    Args:
        progress: is told now and then how many records have been passed.

    Raises:
        OSError: the file cannot be read.
    """
    walk = _Walk(verifier)
    size = seal_file.stat().st_size if seal_file else 0  # what is added from now on is of records not here yet
    outside = _Outside(walk, read_seals(seal_file, size) if seal_file else iter(()))
    start, end, promised = database.read(_bounds)
    walk.begin(start)
    outside.up_to(walk.number)
    for batch in batches(database, walk.number):
        before = walk.number
        heads = walk.follow(batch)
        sealed = database.read(partial(_seals, after=before, last=walk.number))
        walk.check_seals([*sealed, *outside.up_to(walk.number)], heads)
        if end is not None and heads.get(end.last_number, end.head) != end.head:
            walk.note(end.last_number, None, OTHER_END)
        progress(walk.records)
    _check_end(database, walk, promised, outside.up_to(None))
    unsealed, late = database.read(_unsealed)
    for record_id, at in late:
        walk.note(None, record_id, UNSEALED.format(at=at.isoformat()))
    return Verification(walk.records, unsealed, walk.seals, walk.found, tuple(walk.findings))


def _bounds(session: Session) -> tuple[AuditAnchor | None, AuditChain | None, int]:
    end = session.get(AuditChain, 1)
    return anchor(session), end, max(end.last_number if end else 0, last_sealed(session))


def _seals(session: Session, after: int, last: int) -> list[Seal]:
    between = select(AuditSeal).where(AuditSeal.number > after, AuditSeal.number <= last).order_by(AuditSeal.number)
    return [Seal.of(row) for row in session.scalars(between)]


def _check_end(database: Database, walk: _Walk, promised: int, beyond: Sequence[Seal]) -> None:
    """The chain must reach as far as its end mark, its last seal and the file say: else its tail was cut."""
    walk.check_seals([*database.read(lambda session: _seals(session, walk.number, promised)), *beyond], {})
    signed = [seal.number for seal in beyond if is_signed(walk.verifier, seal.statement(), seal.signature)]
    promised = max([promised, *signed])
    if promised > walk.number:
        walk.note(walk.number + 1, None, CUT.format(last=promised))
    end = database.read(lambda session: session.get(AuditChain, 1))
    reached = end.last_number if end else 0
    if walk.records and reached < walk.number:
        walk.note(walk.number, None, END_MOVED.format(end=reached, last=walk.number))


def _unsealed(session: Session) -> tuple[int, list[tuple[str, datetime]]]:
    count = session.scalar(select(func.count()).where(AuditRecord.number.is_(None))) or 0
    open_ones = select(AuditRecord.id, AuditRecord.at).where(AuditRecord.number.is_(None))
    late = open_ones.where(AuditRecord.at < utc_now() - UNSEALED_LIMIT).order_by(AuditRecord.id).limit(MOST_FINDINGS)
    return count, [(record_id, at) for record_id, at in session.execute(late)]
