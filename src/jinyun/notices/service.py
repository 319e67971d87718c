"""Telling people something, and reading what one was told."""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jinyun.kit.actor import Actor
from jinyun.kit.database import database_now, transaction_time
from jinyun.kit.errors import NotFound
from jinyun.kit.ids import new_id
from jinyun.kit.paging import PageRequest, read_page
from jinyun.kit.texts import Language, Text
from jinyun.kit.uniqueness import get_or_add
from jinyun.notices.models import Notice, NoticeLanguage, OutboxMessage
from jinyun.notices.states import MAIL
from jinyun.organisation.models import Person

MAIL_LANGUAGE: Language = "zh"
"""Of whoever has not said otherwise."""


def tell(session: Session, people: Iterable[str], subject: Text, body: Text, path: str) -> None:
    """Tell people something, in the caller's transaction: in their inbox, and by mail in their language.

    Args:
        people: ids; whoever left, and programs without an address, are left out.
        path: the page that it is about. It shows what there is to whoever is signed in, and does nothing by itself.
    """
    now = transaction_time(session)
    languages = select(Person, NoticeLanguage.language).outerjoin(NoticeLanguage, NoticeLanguage.person_id == Person.id)
    told = languages.where(Person.id.in_(sorted(set(people))), Person.active).order_by(Person.id)
    notices, messages = list[Notice](), list[OutboxMessage]()
    for person, chosen in session.execute(told).all():
        notice_id = new_id()
        texts = {"subject": subject.as_dict(), "body": body.as_dict()}
        notices.append(Notice(id=notice_id, person_id=person.id, path=path, created_at=now, **texts))
        if person.mail:
            language: Language = "en" if chosen == "en" else MAIL_LANGUAGE
            content = {
                "to": person.mail,
                "subject": subject.in_language(language),
                "body": body.in_language(language),
                "path": path,
            }
            messages.append(
                OutboxMessage(channel=MAIL, notice_id=notice_id, content=content, next_at=now, created_at=now)
            )
    session.add_all(notices)
    session.flush()  # a message refers to its notice
    session.add_all(messages)
    session.flush()


def list_own(session: Session, actor: Actor, page: PageRequest, *, unread: bool) -> tuple[list[Notice], str | None]:
    """Return what the actor was told, the newest first."""
    own = select(Notice).where(Notice.person_id == _reader(actor))
    return read_page(
        session, own.where(Notice.read_at.is_(None)) if unread else own, [Notice.id], page, descending=True
    )


def mark_read(session: Session, actor: Actor, notice_id: str | None) -> None:
    """Note that the actor has read something, or everything; what is not his stays as it is."""
    own = update(Notice).where(Notice.person_id == _reader(actor), Notice.read_at.is_(None))
    chosen = own if notice_id is None else own.where(Notice.id == notice_id)
    session.execute(chosen.values(read_at=database_now(session)).execution_options(synchronize_session=False))


def choose_language(session: Session, actor: Actor, language: Language) -> None:
    """Send the actor his mail in a language. Raises NotFound where he is nobody who is told anything."""
    reader = _reader(actor)
    if reader is None:
        raise NotFound(kind="person", name=actor.login)
    get_or_add(session, NoticeLanguage(person_id=reader, language=language), reader).language = language


def _reader(actor: Actor) -> str | None:
    """Return whose notices the actor reads; a limited token reads none."""
    return actor.person_id if actor.in_person else None
