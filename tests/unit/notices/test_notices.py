"""What people are told reaches them: at once in their inbox, and once by mail, whatever the mail server does."""

import ssl
import subprocess
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.connectors.mail import MailAway
from jinyun.kit.actor import PLATFORM, WayIn
from jinyun.kit.database import Database
from jinyun.kit.errors import NotFound
from jinyun.kit.paging import PageRequest
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.notices import sending, service
from jinyun.notices.models import OutboxMessage
from jinyun.operations.models import Alarm
from jinyun.organisation.models import Person
from tests.bank import Bank, acting
from tests.clock import Clock
from tests.mailbox import Mailbox
from tests.together import at_once

SUBJECT = Text("For your decision:\n two servers", "待您审批：\n两台服务器")
BODY = Text("Alice asks for it.", "申请人：Alice。")
EVERYTHING = PageRequest(limit=500)


def tell(database: Database, bank: Bank, *logins: str) -> None:
    people = [bank.people[login] for login in logins]
    database.write(lambda session: service.tell(session, people, SUBJECT, BODY, "/approvals/1"))


def outbox(database: Database) -> list[OutboxMessage]:
    return database.read(lambda session: list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))))


def alarms(database: Database) -> list[str]:
    standing = select(Alarm.kind).where(Alarm.cleared_at.is_(None))
    return database.read(lambda session: list(session.scalars(standing)))


def inbox(database: Database, bank: Bank, login: str, *, unread: bool = False) -> list[str]:
    def work(session: Session) -> list[str]:
        rows, _ = service.list_own(session, acting(session, bank, login), EVERYTHING, unread=unread)
        return [row.id for row in rows]

    return database.read(work)


def test_a_mail_is_in_the_persons_language_and_leads_to_the_page_of_whoever_is_signed_in(
    database: Database, bank: Bank, mailbox: Mailbox
) -> None:
    database.write(lambda session: service.choose_language(session, acting(session, bank, "carl"), "en"))
    tell(database, bank, "carl", "rita", "carl")
    assert sending.send_due(mailbox.settings(), database) == 2
    mails = {mail["To"]: mail for mail in mailbox.mails}
    assert mails["carl@bank.example"]["Subject"] == "For your decision: two servers"
    assert mails["rita@bank.example"]["Subject"] == "待您审批： 两台服务器"
    text = mails["carl@bank.example"].get_payload(decode=True)
    assert isinstance(text, bytes)
    assert text.decode().split() == ["Alice", "asks", "for", "it.", "https://cloud.bank.example/approvals/1"]
    assert set(mailbox.ids()) == {f"<{row.id}@bank.example>" for row in outbox(database)}
    assert sending.send_due(mailbox.settings(), database) == 0


def test_who_left_is_told_nothing_and_what_is_rolled_back_tells_nobody(database: Database, bank: Bank) -> None:
    def leave(session: Session) -> None:
        session.get_one(Person, bank.people["carl"]).active = False

    database.write(leave)
    tell(database, bank, "carl")

    def fail(session: Session) -> None:
        service.tell(session, [bank.people["rita"]], SUBJECT, BODY, "/")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.write(fail)
    assert outbox(database) == []


def test_while_the_server_is_away_nothing_is_lost_and_it_is_an_alarm(
    database: Database, bank: Bank, mailbox: Mailbox, clock: Clock
) -> None:
    settings = mailbox.settings()
    mailbox.close()
    tell(database, bank, "carl", "rita")
    for _ in range(60):
        assert sending.send_due(settings, database) == 0
        clock.forward(minutes=1)
    assert alarms(database) == [sending.MAIL_FAILS]
    assert all(row.attempts <= 12 for row in outbox(database))
    mailbox.open()
    clock.forward(minutes=10)
    assert sending.send_due(settings, database) == 2
    assert set(mailbox.ids().values()) == {1}
    assert alarms(database) == []


def test_after_days_it_is_given_up(database: Database, bank: Bank, clock: Clock) -> None:
    tell(database, bank, "carl")
    clock.forward(days=4)
    sending.send_due(Settings(smtp_host="127.0.0.1", smtp_port=1, smtp_tls="none"), database)
    assert [row.state for row in outbox(database)] == ["dropped"]
    assert len(inbox(database, bank, "carl")) == 1


def test_many_workers_send_each_message_once(database: Database, bank: Bank, mailbox: Mailbox) -> None:
    for _ in range(5):
        tell(database, bank, *("carl", "rita", "chief", "alice"))
    settings = mailbox.settings()
    sent = at_once(6, lambda _number: sending.send_due(settings, database))
    assert sum(each for each in sent if isinstance(each, int)) == len(mailbox.mails) == 20
    assert set(mailbox.ids().values()) == {1}


def test_what_is_refused_for_ever_stops_nothing_else_and_what_is_refused_for_now_is_tried_again(
    database: Database, bank: Bank, mailbox: Mailbox, clock: Clock
) -> None:
    mailbox.answers = {"carl@bank.example": "550 no such person", "rita@bank.example": "451 try again later"}
    tell(database, bank, "carl", "chief")
    tell(database, bank, "rita")
    assert sending.send_due(mailbox.settings(), database) == 1
    assert sorted(row.state for row in outbox(database)) == ["refused", "sent", "waiting"]
    assert "550 no such person" in next(row.problem for row in outbox(database) if row.state == "refused")
    mailbox.answers = {}
    clock.forward(minutes=1)
    assert sending.send_due(mailbox.settings(), database) == 1


def test_who_dies_while_sending_is_followed_by_another_under_the_same_id(
    database: Database, bank: Bank, mailbox: Mailbox, clock: Clock
) -> None:
    tell(database, bank, "carl")
    dead = database.write(sending._claim_next)
    assert dead is not None
    assert database.write(sending._claim_next) is None
    assert sending.send_due(mailbox.settings(), database) == 0
    clock.forward(minutes=6)
    assert sending.send_due(mailbox.settings(), database) == 1
    database.write(lambda session: sending._put_back(dead, "late", session))
    assert [row.state for row in outbox(database)] == ["sent"]


def test_a_message_whose_answer_was_lost_comes_again_under_the_same_id(
    database: Database, bank: Bank, clock: Clock
) -> None:
    class Losing:
        def __init__(self) -> None:
            self.taken: list[str] = []

        def send(self, message: EmailMessage) -> None:
            self.taken.append(str(message["Message-ID"]))
            if len(self.taken) == 1:
                raise MailAway("the answer was lost")

        def close(self) -> None:
            pass

    tell(database, bank, "carl")
    mailer = Losing()
    assert sending.send_due(Settings(), database, mailer) == 0
    clock.forward(minutes=1)
    assert sending.send_due(Settings(), database, mailer) == 1
    assert len(mailer.taken) == 2
    assert len(set(mailer.taken)) == 1


def test_without_a_mail_server_there_is_the_inbox(database: Database, bank: Bank) -> None:
    tell(database, bank, "carl")
    assert sending.send_due(Settings(), database) == 0
    assert [row.state for row in outbox(database)] == ["dropped"]
    assert len(inbox(database, bank, "carl")) == 1


def test_only_a_server_that_proves_who_it_is_gets_mail(database: Database, bank: Bank, tmp_path: Path) -> None:
    certificate, key = tmp_path / "own.pem", tmp_path / "own.key"
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", *name]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    mailbox = Mailbox(tls)
    mailbox.open()
    try:
        tell(database, bank, "carl")
        tell(database, bank, "rita")
        assert sending.send_due(mailbox.settings(smtp_tls="starttls"), database) == 0
        assert mailbox.mails == []
        assert alarms(database) == [sending.MAIL_FAILS]
        known = mailbox.settings(smtp_tls="starttls", smtp_ca_file=certificate)
        assert sending.send_due(known, database) == 1
    finally:
        mailbox.close()


def test_one_reads_ones_own_notices_and_nobody_elses(database: Database, bank: Bank) -> None:
    tell(database, bank, "carl", "rita")
    tell(database, bank, "carl")
    newest, oldest = inbox(database, bank, "carl")

    def read(login: str, notice: str | None) -> None:
        database.write(lambda session: service.mark_read(session, acting(session, bank, login), notice))

    read("rita", newest)
    assert len(inbox(database, bank, "carl", unread=True)) == 2
    read("carl", newest)
    assert inbox(database, bank, "carl", unread=True) == [oldest]
    read("carl", None)
    assert inbox(database, bank, "carl", unread=True) == []
    assert len(inbox(database, bank, "rita", unread=True)) == 1
    with pytest.raises(NotFound):
        database.write(lambda session: service.choose_language(session, PLATFORM, "en"))


def test_a_limited_token_reads_no_notices(database: Database, bank: Bank) -> None:
    tell(database, bank, "carl")

    def work(session: Session) -> int:
        limited = replace(acting(session, bank, "carl"), way_in=WayIn("token", "t", frozenset({"order.read"})))
        return len(service.list_own(session, limited, EVERYTHING, unread=False)[0])

    assert database.read(work) == 0


def test_old_notices_are_forgotten(database: Database, bank: Bank, clock: Clock) -> None:
    tell(database, bank, "carl")
    assert database.write(sending.forget_old) == 0
    clock.forward(days=91)
    assert database.write(sending.forget_old) == 1
    assert (outbox(database), inbox(database, bank, "carl")) == ([], [])
