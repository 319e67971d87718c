"""The outbox's way out: each message claimed by one worker, handed over, tried again when the server is away."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Select, Update, delete, select, update
from sqlalchemy.orm import Session

from jinyun.connectors.mail import MailAway, Mailer, MailRefused, SmtpMailer
from jinyun.kit.database import Database, database_now, swapped
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.notices.models import Notice, OutboxMessage
from jinyun.notices.states import DROPPED, MAIL, REFUSED, SENT, WAITING
from jinyun.operations.alarms import clear_alarm, raise_alarm

CLAIMED_FOR = timedelta(minutes=5)
"""Longer than handing one message over can take; then another worker tries, under the same Message-ID."""
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(days=3)
KEPT = timedelta(days=90)
BATCH = 100
MAIL_FAILS = "mail-fails"
FAILING = Text("Mail cannot be sent: {why}", "邮件无法发送：{why}")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this worker alone sends now."""

    id: str
    generation: int
    attempts: int
    content: dict[str, Any]


def send_due(settings: Settings, database: Database, mailer: Mailer | None = None) -> int:
    """Send what is due until nothing is, or the server is away; return how many messages it took."""
    if mailer is None and not settings.smtp_host:
        if _next_due(database) is not None:
            database.write(_drop_all)
        return 0
    mailer = mailer or SmtpMailer(settings)
    sent = 0
    try:
        claim = database.write(_claim_next) if _next_due(database) is not None else None
        while claim is not None:
            state, why = _send(settings, database, mailer, claim)
            sent += state == SENT
            claim = database.write(partial(_close_and_go_on, claim, state, why))
    except MailAway as away:
        why = str(away)[:300]
        database.write(
            lambda session: raise_alarm(session, MAIL_FAILS, MAIL, FAILING.format(why=why), database_now(session))
        )
    else:
        if sent:
            database.write(lambda session: clear_alarm(session, MAIL_FAILS, MAIL, database_now(session)))
    finally:
        mailer.close()
    return sent


def forget_old(session: Session) -> int:
    """Delete a batch of what was told long ago; return how many notices that were."""
    old = select(Notice.id).where(Notice.created_at < database_now(session) - KEPT).limit(BATCH)
    ids = list(session.scalars(old))
    session.execute(delete(OutboxMessage).where(OutboxMessage.notice_id.in_(ids)))
    session.execute(delete(Notice).where(Notice.id.in_(ids)))
    return len(ids)


def mail_of(settings: Settings, claim: Claim) -> EmailMessage:
    """Return the mail of a message; its Message-ID is the message's own id, at every attempt the same."""
    content = claim.content
    mail = EmailMessage()
    mail["From"] = settings.mail_from
    mail["To"] = content["to"]
    mail["Subject"] = " ".join(content["subject"].split())
    mail["Message-ID"] = f"<{claim.id}@{settings.mail_from.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{content['body']}\n\n{settings.public_url.rstrip('/')}{content['path']}\n")
    return mail


def _send(settings: Settings, database: Database, mailer: Mailer, claim: Claim) -> tuple[str, str]:
    """Hand one message over; return what became of it, and why. Raises MailAway after it was put back."""
    try:
        mailer.send(mail_of(settings, claim))
    except MailAway as away:
        database.write(partial(_put_back, claim, str(away)))
        raise
    except MailRefused as refused:
        log.warning("mail refused", message=claim.id, why=str(refused))
        return REFUSED, str(refused)
    return SENT, ""


def _due(now: datetime) -> Select[OutboxMessage]:
    """Return what asks for the first message that is due."""
    waiting = select(OutboxMessage).where(OutboxMessage.channel == MAIL, OutboxMessage.state == WAITING)
    return waiting.where(OutboxMessage.next_at <= now).order_by(OutboxMessage.next_at).limit(1)


def _next_due(database: Database) -> OutboxMessage | None:
    return database.read(lambda session: session.scalar(_due(database_now(session))))


def _claim_next(session: Session) -> Claim | None:
    """Take the next message that is due and that nobody else is taking at this moment."""
    now = database_now(session)
    row = session.scalar(_due(now).with_for_update(skip_locked=True))
    if row is None:
        return None
    row.generation, row.attempts, row.next_at = row.generation + 1, row.attempts + 1, now + CLAIMED_FOR
    return Claim(row.id, row.generation, row.attempts, row.content)


def _close_and_go_on(claim: Claim, state: str, why: str, session: Session) -> Claim | None:
    """Write down what became of a message, and take the next one: one transaction a message."""
    _close(claim, state, why, session)
    return _claim_next(session)


def _put_back(claim: Claim, why: str, session: Session) -> None:
    now = database_now(session)
    row = session.get_one(OutboxMessage, claim.id)
    pause = min(FIRST_PAUSE * 2 ** min(claim.attempts - 1, 10), LONGEST_PAUSE)
    state = DROPPED if row.created_at < now - GIVEN_UP_AFTER else WAITING
    swapped(session, _held(claim.id, claim.generation).values(state=state, next_at=now + pause, problem=why[:500]))


def _close(claim: Claim, state: str, why: str, session: Session) -> None:
    now = database_now(session)
    ended = {"state": state, "sent_at": now if state == SENT else None, "problem": why[:500]}
    swapped(session, _held(claim.id, claim.generation).values(**ended))


def _drop_all(session: Session) -> None:
    """Close what waits for a mail server that this installation does not have."""
    waiting = update(OutboxMessage).where(OutboxMessage.channel == MAIL, OutboxMessage.state == WAITING)
    session.execute(waiting.values(state=DROPPED).execution_options(synchronize_session=False))


def _held(message_id: str, generation: int) -> Update:
    """Return the change of a message that nobody else has taken since."""
    return update(OutboxMessage).where(OutboxMessage.id == message_id, OutboxMessage.generation == generation)
