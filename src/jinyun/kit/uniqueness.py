"""Uniqueness is a constraint of the database, not a question asked beforehand: two callers may ask at once."""

from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jinyun.kit.database import Base
from jinyun.kit.errors import Problem

Row = TypeVar("Row", bound=Base)
MARIADB_DUPLICATE = 1062


def add_unique(session: Session, row: Base, taken: Problem) -> None:
    """Insert a row now; the rest of the transaction stands when it cannot be.

    Raises:
        Problem: `taken`, where a uniqueness constraint says that there is such a row already.
    """
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        if is_duplicate(error):
            raise taken from error
        raise


def add_or_refuse(session: Session, row: Base, taken: Problem) -> None:
    """Insert a row now, for one trip to the database instead of three; where it cannot be, nothing of this stands.

    The caller lets the problem pass: the transaction, or the savepoint that it is in, is over with it.

    Raises:
        Problem: `taken`, where a uniqueness constraint says that there is such a row already.
    """
    session.flush()
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        if is_duplicate(error):
            raise taken from error
        raise


def get_or_add(session: Session, row: Row, key: object) -> Row:
    """Return the row that has this primary key, locked: the one that is there, else this one, by whoever is first."""
    found = session.get(type(row), key, with_for_update=True)
    if found is not None:
        return found
    with suppress(IntegrityError), session.begin_nested():
        session.add(row)
    return session.get_one(type(row), key, with_for_update=True, populate_existing=True)


def is_duplicate(error: IntegrityError) -> bool:
    """Tell a row that is there already from other broken constraints."""
    arguments: tuple[Any, ...] = getattr(error.orig, "args", ())
    return bool(arguments) and (arguments[0] == MARIADB_DUPLICATE or "UNIQUE constraint failed" in str(arguments[0]))
