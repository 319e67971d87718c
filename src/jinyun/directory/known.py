"""Departments and people as they are here, in the shape that a plan compares."""

from dataclasses import dataclass, fields
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from jinyun.organisation.models import HUMAN, SERVICE, Department, Person

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
    programs: frozenset[str] = frozenset()
    """Logins of service accounts: no directory has them, takes them over or ends them."""


def read_known(session: Session) -> Known:
    """Return all departments and people, and what the programs are called, in three queries."""
    departments = _rows(session, KnownDepartment, select(Department))
    people = _rows(session, KnownPerson, select(Person).where(Person.kind == HUMAN))
    programs = select(Person.login).where(Person.kind == SERVICE)
    return Known(departments, people, frozenset(session.scalars(programs)))


def _rows(session: Session, shape: type[Row], wanted: Select[Any]) -> tuple[Row, ...]:
    table = wanted.selected_columns
    columns = [table[field.name] for field in fields(shape)]  # type: ignore[arg-type]
    return tuple(shape(*row) for row in session.execute(wanted.with_only_columns(*columns).order_by(columns[0])))
