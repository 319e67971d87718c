"""Departments and people as they are here, in the shape that a plan compares."""

from dataclasses import dataclass, fields
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.organisation.models import Department, Person

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class KnownDepartment:
    """A row of `department`."""

    id: str
    code: str
    name: str
    path: str
    parent_id: str | None
    manager_id: str | None
    active: bool
    source: str | None
    external_id: str | None


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A row of `person`."""

    id: str
    login: str
    name: str
    mail: str
    department_id: str
    manager_id: str | None
    active: bool
    source: str | None
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """All departments and people, also those who left."""

    departments: tuple[KnownDepartment, ...]
    people: tuple[KnownPerson, ...]


def read_known(session: Session) -> Known:
    """Return all departments and people in two queries."""
    return Known(_rows(session, Department, KnownDepartment), _rows(session, Person, KnownPerson))


def _rows(session: Session, table: type, shape: type[Row]) -> tuple[Row, ...]:
    columns = [getattr(table, field.name) for field in fields(shape)]  # type: ignore[arg-type]
    return tuple(shape(*row) for row in session.execute(select(*columns).order_by(columns[0])))
