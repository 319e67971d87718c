"""A log of ten records, sealed in two batches."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from nacl.signing import SigningKey
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from jinyun.audit.models import AuditRecord
from jinyun.audit.sealer import seal_pending
from jinyun.audit.service import record
from jinyun.audit.verifier import Verification, verify
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.vault import audit_signer, audit_verifier, create_keys

LI_WEI = Actor("01a203b5-60dd-77e7-98b3-2def9f7f51f2", "li.wei", "李伟", source_address="10.0.0.1", request_id="r-1")
Deed = Callable[[Session], object]


@dataclass
class Log:
    """A log and the keys it is sealed with."""

    database: Database
    keys: Path

    @property
    def signer(self) -> SigningKey:
        return audit_signer(self.keys)

    def write(self, number: int) -> None:
        subject = ("server", str(number), f"服务器 {number}")
        after = {"size": number, "until": utc_now(), "name": "é"}
        self.database.write(lambda s: record(s, LI_WEI, "server.stop", subject, before={"size": 0}, after=after))

    def write_and_seal(self, first: int, last: int) -> None:
        for number in range(first, last + 1):
            self.write(number)
        seal_pending(self.database, self.keys)

    def do(self, *deeds: Deed) -> None:
        for deed in deeds:
            self.database.write(deed)

    def verified(self, seal_file: Path | None = None) -> Verification:
        return verify(self.database, audit_verifier(self.keys), seal_file=seal_file)

    def findings(self, seal_file: Path | None = None) -> list[tuple[int | None, str]]:
        return [(finding.number, finding.what.en) for finding in self.verified(seal_file).findings]

    def numbers(self) -> list[int | None]:
        return self.database.read(lambda s: list(s.scalars(select(AuditRecord.number).order_by(AuditRecord.number))))


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    create_keys(tmp_path / "keys")
    made = Log(database, tmp_path / "keys")
    made.write_and_seal(1, 5)
    made.write_and_seal(6, 10)
    return made


def numbered(number: int) -> Callable[[Session], AuditRecord]:
    return lambda session: session.scalars(select(AuditRecord).filter_by(number=number)).one()


def changing(place: int, **values: object) -> Deed:
    return lambda s: s.execute(update(AuditRecord).where(AuditRecord.number == place).values(**values))


def deleting(first: int, last: int) -> Deed:
    return lambda s: s.execute(delete(AuditRecord).where(AuditRecord.number.between(first, last)))
