"""Finding people."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.organisation.models import HUMAN, Person


def find_person(session: Session, login: str, *, who_left: bool = False, programs: bool = False) -> Person | None:
    """Return who has a login, or None: somebody who works here, or where asked for, who left or is a program."""
    person = select(Person).where(Person.login == login)
    if not who_left:
        person = person.where(Person.active)
    if not programs:
        person = person.where(Person.kind == HUMAN)
    return session.scalar(person)
