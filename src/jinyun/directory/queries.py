"""Lists of the organisation: what the caller may see, a fixed number of queries a page."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from jinyun.access.authority import authorise_anywhere, visible, visible_departments
from jinyun.directory.schemas import DepartmentView, MemberView, PersonView, ProjectDetail, ProjectView
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.kit.ids import is_id
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.organisation.models import Department, Person, Project, ProjectMember

_WITH_NAMES = (joinedload(Project.department), joinedload(Project.owner))
_ADRIFT = or_(
    Project.department_id.in_(select(Department.id).where(~Department.active)),
    Project.owner_id.in_(select(Person.id).where(~Person.active)),
)


def list_departments(session: Session, actor: Actor, request: PageRequest) -> Page[DepartmentView]:
    """Return the departments that the caller may see, from the top down.

    Raises:
        Forbidden: the caller may not read departments.
    """
    authorise_anywhere(actor, "department.read")
    statement = select(Department).where(visible_departments(actor, "department.read"))
    rows, following = read_page(session, statement, [Department.path, Department.id], request)
    return Page(items=[DepartmentView.of(row) for row in rows], next=following)


def list_people(session: Session, actor: Actor, request: PageRequest, *, name: str | None = None) -> Page[PersonView]:
    """Return the people of those departments, by login.

    Raises:
        Forbidden: the caller may not read people.
    """
    authorise_anywhere(actor, "person.read")
    inside = select(Department.id).where(visible_departments(actor, "person.read"))
    statement = select(Person).where(Person.department_id.in_(inside)).options(joinedload(Person.department))
    if name is not None:
        statement = statement.where(_named(Person.login, Person.name, name))
    rows, following = read_page(session, statement, [Person.login], request)
    return Page(items=[PersonView.of(row) for row in rows], next=following)


def list_projects(
    session: Session, actor: Actor, request: PageRequest, *, adrift: bool | None = None, name: str | None = None
) -> Page[ProjectView]:
    """Return the application systems that the caller may see, by code; or those alone that are (not) adrift."""
    statement = select(Project).where(visible(actor, "project.read", Project.id)).options(*_WITH_NAMES)
    if adrift is not None:
        statement = statement.where(_ADRIFT if adrift else ~_ADRIFT)
    if name is not None:
        statement = statement.where(_named(Project.code, Project.name, name))
    rows, following = read_page(session, statement, [Project.code], request)
    return Page(items=[ProjectView.of(row) for row in rows], next=following)


def _named(code: InstrumentedAttribute[Any], name: InstrumentedAttribute[Any], wanted: str) -> ColumnElement[bool]:
    return or_(code.startswith(wanted, autoescape=True), name.contains(wanted, autoescape=True))


def find_project(session: Session, actor: Actor, key: str) -> Project:
    """Return an application system by its id or code.

    Raises:
        NotFound: there is none, or the caller may not see it.
    """
    named = or_(Project.id == key, Project.code == key) if is_id(key) else Project.code == key
    statement = select(Project).where(named, visible(actor, "project.read", Project.id))
    project = session.scalar(statement.options(*_WITH_NAMES))
    if project is None:
        raise NotFound(kind="application system", name=key)
    return project


def show_project(session: Session, actor: Actor, key: str) -> ProjectDetail:
    """Return an application system with its members.

    Raises:
        NotFound: there is none, or the caller may not see it.
    """
    project = find_project(session, actor, key)
    joined = select(Person).join(ProjectMember, ProjectMember.person_id == Person.id)
    members = session.scalars(joined.where(ProjectMember.project_id == project.id).order_by(Person.login))
    shown = [MemberView(login=person.login, name=person.name) for person in members]
    return ProjectDetail(**ProjectView.of(project).model_dump(), members=shown)
