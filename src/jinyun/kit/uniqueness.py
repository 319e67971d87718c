"""Uniqueness is a constraint of the database, not a question asked beforehand: two callers may ask at once."""

from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jinyun.kit.database import Base
from jinyun.kit.errors import Problem

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


def is_duplicate(error: IntegrityError) -> bool:
    """Tell a row that is there already from other broken constraints."""
    arguments: tuple[Any, ...] = getattr(error.orig, "args", ())
    return bool(arguments) and (arguments[0] == MARIADB_DUPLICATE or "UNIQUE constraint failed" in str(arguments[0]))
