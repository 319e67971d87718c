"""The log that an auditor can trust: whatever is done to it afterwards, the verifier names the place."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from nacl.encoding import Base64Encoder
from nacl.signing import SigningKey
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from jinyun.audit import chain, service
from jinyun.audit.chain import ORIGIN, Finding, link
from jinyun.audit.models import AuditChain, AuditRecord, AuditSeal, seal_statement
from jinyun.audit.sealer import seal_pending
from jinyun.audit.service import MASK, digest, record
from jinyun.audit.verifier import Verification, verify
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.ids import new_id
from jinyun.kit.vault import audit_verifier, create_keys
from tests.unit.audit.conftest import LI_WEI, Log, changing, deleting, numbered

CHANGED = "the content was changed after it was written"
BROKEN = "the chain does not follow from the record before"
OTHER_CHAIN = "the chain does not pass through this seal"
FORGED = "the signature of this seal is not ours"


def test_an_untouched_log_is_whole(log: Log) -> None:
    assert log.verified() == Verification(records=10, unsealed=0, seals=2, found=0, findings=())


@pytest.mark.parametrize(
    "values",
    [
        {"actor_login": "chen.yu"},
        {"actor_id": None},
        {"action": "server.start"},
        {"subject_name": "服务器 "},
        {"after": {"size": 5}},
        {"before": None},
        {"source_address": "10.0.0.2"},
        {"request_id": None},
        {"project_id": "01a203b5-60dd-77e7-98b3-2def9f7f51f2"},
        {"id": "01a203b5-60dd-77e7-98b3-2def9f7f51f2"},
        {"subject_kind": "volume"},
        {"subject_id": "5"},
        {"on_behalf_of": "zhang.san"},
        {"order_number": "20270101-0001"},
        {"digest": "0" * 64},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_byte_is_found(log: Log, values: dict[str, object]) -> None:
    log.do(changing(4, **values))
    assert (4, CHANGED) in log.findings()


def test_a_moment_that_was_moved_is_found(log: Log) -> None:
    log.do(changing(4, at=utc_now() - timedelta(days=1)))
    assert log.findings() == [(4, CHANGED)]


def test_a_change_with_its_digest_made_anew_is_found(log: Log) -> None:
    def forge(session: Session) -> None:
        entry = numbered(4)(session)
        entry.actor_login = "chen.yu"
        entry.digest = digest(entry)

    log.do(forge)
    assert log.findings() == [(4, BROKEN)]


def test_a_change_with_the_whole_chain_made_anew_does_not_fit_its_seals(log: Log) -> None:
    def forge(session: Session) -> None:
        entry = numbered(4)(session)
        entry.actor_login = "chen.yu"
        entry.digest = digest(entry)
        head = ORIGIN
        for each in session.scalars(select(AuditRecord).order_by(AuditRecord.number)):
            head = each.chain = link(head, each.digest)
        session.get_one(AuditChain, 1).head = head

    log.do(forge)
    assert log.findings() == [(5, OTHER_CHAIN), (10, OTHER_CHAIN)]


def test_a_deleted_record_is_found(log: Log) -> None:
    log.do(deleting(4, 4))
    assert (4, "records 4 to 4 are missing") in log.findings()


def test_a_deleted_record_is_found_though_the_others_moved_up(log: Log) -> None:
    def close_the_gap(session: Session) -> None:
        for number in range(5, 11):
            session.execute(update(AuditRecord).where(AuditRecord.number == number).values(number=number - 1))

    log.do(deleting(4, 4), close_the_gap)
    assert (4, BROKEN) in log.findings()


def test_two_records_that_changed_places_are_found(log: Log) -> None:
    log.do(changing(4, number=99), changing(5, number=4), changing(99, number=5))
    assert {number for number, _ in log.findings()} >= {4, 5}


def test_a_cut_tail_is_found(log: Log) -> None:
    log.do(deleting(9, 10))
    assert (9, "the tail was cut: records up to 10 were sealed") in log.findings()


def test_a_cut_tail_is_found_though_the_end_was_moved(log: Log) -> None:
    def move_the_end(session: Session) -> None:
        end, last = session.get_one(AuditChain, 1), numbered(8)(session)
        end.last_number, end.head = 8, last.chain or ""

    log.do(deleting(9, 10), move_the_end)
    assert (9, "the tail was cut: records up to 10 were sealed") in log.findings()


def test_an_end_that_was_moved_back_is_found(log: Log) -> None:
    log.do(lambda s: s.execute(update(AuditChain).values(last_number=8)))
    assert (10, "the end mark says 8, but the log goes on to 10") in log.findings()


def test_an_end_with_another_head_is_found(log: Log) -> None:
    log.do(lambda s: s.execute(update(AuditChain).values(head="0" * 64)))
    assert log.findings() == [(10, "the chain does not pass through its end mark")]


def test_a_changed_chain_value_is_found(log: Log) -> None:
    log.do(changing(4, chain="0" * 64))
    assert log.findings() == [(4, BROKEN), (5, BROKEN)]


def test_a_log_longer_than_a_batch_is_walked_to_its_end(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "BATCH", 3)
    assert log.verified() == Verification(records=10, unsealed=0, seals=2, found=0, findings=())
    log.do(changing(7, actor_login="chen.yu"), deleting(10, 10))
    assert [number for number, _ in log.findings()] == [7, 10, 10]


def test_a_transaction_that_commits_late_is_numbered_after_those_that_came_later(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = new_id()
    log.write(11)
    seal_pending(log.database, log.keys)
    with monkeypatch.context() as patch:
        patch.setattr(service, "new_id", lambda: older)
        log.write(12)
    assert seal_pending(log.database, log.keys) == 1
    assert log.database.read(lambda s: s.get_one(AuditRecord, older).number) == 12
    assert log.findings() == []


def test_a_seal_with_another_key_is_found(log: Log) -> None:
    def forge(session: Session) -> None:
        seal = session.scalars(select(AuditSeal).filter_by(number=10)).one()
        statement = seal_statement(seal.number, seal.head, seal.at)
        seal.signature = SigningKey.generate().sign(statement, Base64Encoder).signature.decode()

    log.do(forge)
    assert log.findings() == [(10, FORGED)]


@pytest.mark.parametrize("values", [{"head": "0" * 64}, {"signature": "nonsense"}, {"number": 9}])
def test_a_changed_seal_is_found(log: Log, values: dict[str, object]) -> None:
    log.do(lambda s: s.execute(update(AuditSeal).where(AuditSeal.number == 10).values(**values)))
    assert FORGED in {what for _, what in log.findings()}


def test_a_record_that_lost_its_number_is_found(log: Log) -> None:
    log.do(changing(4, number=None, chain=None, at=utc_now() - timedelta(minutes=2)))
    found = log.verified().findings
    assert any(finding.what.en.startswith("unsealed since") for finding in found)
    assert any(finding.what.en == "records 4 to 4 are missing" for finding in found)


def test_a_record_may_wait_a_minute_for_its_number(log: Log) -> None:
    log.write(11)
    assert log.verified() == Verification(records=10, unsealed=1, seals=2, found=0, findings=())
    old = utc_now() - timedelta(seconds=61)
    log.do(lambda s: s.execute(update(AuditRecord).where(AuditRecord.number.is_(None)).values(at=old)))
    (finding,) = log.verified().findings
    assert isinstance(finding, Finding)
    assert finding.record_id is not None
    assert finding.what.en.startswith("unsealed since")


def test_the_sealer_misses_nothing_while_others_write(database: Database, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    create_keys(keys)
    finished = threading.Event()
    failures: list[Exception] = []

    def write(writer: int) -> None:
        for number in range(25):
            subject = ("server", f"{writer}-{number}", "x")
            database.write(lambda s, subject=subject: record(s, LI_WEI, "server.stop", subject))  # type: ignore[misc]

    def seal() -> None:
        try:
            while not finished.is_set():
                seal_pending(database, keys)
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    sealers = [threading.Thread(target=seal) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in [*sealers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    finished.set()
    for thread in sealers:
        thread.join()
    seal_pending(database, keys)
    assert not failures
    verified = verify(database, audit_verifier(keys))
    assert (verified.records, verified.unsealed, verified.findings) == (100, 0, ())
    assert database.read(lambda s: s.scalar(select(func.max(AuditRecord.number)))) == 100


def test_what_was_rolled_back_was_never_done(log: Log) -> None:
    def fail(session: Session) -> None:
        record(session, LI_WEI, "server.stop", ("server", "x", "x"))
        session.flush()
        raise LookupError

    with pytest.raises(LookupError):
        log.database.write(fail)
    assert log.verified().records + log.verified().unsealed == 10


def test_secrets_are_masked(database: Database) -> None:
    after = {
        "password": "a",
        "Secret": "b",
        "api_token": "c",
        "credentials": {"d": 1},
        "private_key": ["e"],
    }
    database.write(lambda s: record(s, LI_WEI, "region.register", ("region", "1", "lab"), after=after))
    stored = database.read(lambda s: s.scalars(select(AuditRecord.after)).one())
    assert stored is not None
    assert set(stored.values()) == {MASK}


def test_secrets_are_masked_however_deep_they_lie(database: Database) -> None:
    after = {"connection": {"public": {"user": "u", "user_password": "p"}}, "keys": [{"secret": "s"}, ("plain", 1)]}
    database.write(lambda s: record(s, LI_WEI, "region.register", ("region", "1", "lab"), after=after))
    assert database.read(lambda s: s.scalars(select(AuditRecord.after)).one()) == {
        "connection": {"public": {"user": "u", "user_password": MASK}},
        "keys": [{"secret": MASK}, ["plain", 1]],
    }


def test_a_name_of_any_length_is_recorded(database: Database) -> None:
    stranger = Actor(None, "x" * 1000, "")
    database.write(lambda s: record(s, stranger, "session.refuse", ("person", "y" * 1000, "z" * 1000)))
    noted = database.read(lambda s: s.scalars(select(AuditRecord)).one())
    assert (len(noted.actor_login), len(noted.subject_id), len(noted.subject_name)) == (255, 64, 255)
    assert digest(noted) == noted.digest
