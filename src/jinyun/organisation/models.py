"""Tables of the organisation."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jinyun.kit.database import Base, CreatedAt, IdKey, IdType, Name, UtcDateTime, Word

CRITICALITIES = ("key", "general")
ENVIRONMENTS = ("production", "test", "development")
PATH_LENGTH = 512
HUMAN, SERVICE = "person", "service"
"""Kinds of people: somebody who works here; a program of an application system, which has tokens alone."""


class Department(Base):
    """A department; `path` is the codes from the top down, `/head-office/retail/`, so that a prefix is a subtree."""

    __tablename__ = "department"

    id: Mapped[IdKey]
    code: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[Name]
    path: Mapped[str] = mapped_column(String(PATH_LENGTH), index=True)
    parent_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("department.id"))
    manager_id: Mapped[str | None] = mapped_column(IdType, index=True)
    """A person; no foreign key, because people and departments refer to each other."""
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether it is still there: what it had stays with it."""
    source: Mapped[str | None] = mapped_column(String(32))
    """The directory that it comes from; empty where it was entered here."""
    external_id: Mapped[str | None] = mapped_column(String(64))
    """What it is called there for ever, whatever its code and place."""

    __table_args__ = (UniqueConstraint("source", "external_id"), Base.__table_args__)


class Person(Base):
    """Somebody who works here."""

    __tablename__ = "person"

    id: Mapped[IdKey]
    login: Mapped[Name] = mapped_column(unique=True)
    name: Mapped[Name]
    mail: Mapped[Name]
    department_id: Mapped[str] = mapped_column(IdType, ForeignKey("department.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    manager_id: Mapped[str | None] = mapped_column(IdType, index=True)
    """Another person; no foreign key, because people who come together refer to each other."""
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    source: Mapped[str | None] = mapped_column(String(32))
    """The directory that he comes from; empty where he was entered here."""
    external_id: Mapped[str | None] = mapped_column(String(64))
    """What he is called there for ever, whatever his login and name."""
    kind: Mapped[Word] = mapped_column(default=HUMAN, server_default=HUMAN)
    department: Mapped[Department] = relationship()

    __table_args__ = (UniqueConstraint("source", "external_id"), Base.__table_args__)


class Project(Base):
    """An application system (应用系统): what servers are ordered for."""

    __tablename__ = "project"

    id: Mapped[IdKey]
    code: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[Name]
    department_id: Mapped[str] = mapped_column(IdType, ForeignKey("department.id"), index=True)
    owner_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"))
    criticality: Mapped[Word] = mapped_column(default="general")
    environment: Mapped[Word] = mapped_column(default="production")
    created_at: Mapped[CreatedAt]
    department: Mapped[Department] = relationship()
    owner: Mapped[Person] = relationship()


class ProjectMember(Base):
    """A person who may order and operate for an application system."""

    __tablename__ = "project_member"

    id: Mapped[IdKey]
    project_id: Mapped[str] = mapped_column(IdType, ForeignKey("project.id"))
    person_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"), index=True)

    __table_args__ = (UniqueConstraint("project_id", "person_id"), Base.__table_args__)


class CalendarDay(Base):
    """A day that is otherwise than its weekday: a holiday, or a weekend day that is worked for one (调休)."""

    __tablename__ = "calendar_day"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    """`2027-02-06`."""
    worked: Mapped[bool]
    note: Mapped[Name] = mapped_column(default="")
