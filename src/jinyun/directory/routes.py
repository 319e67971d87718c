"""Departments, people and application systems over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.directory import queries
from jinyun.directory import service as directory
from jinyun.directory.schemas import DepartmentView, NewProject, PersonView, ProjectDetail, ProjectView
from jinyun.directory.service import UnknownDepartment, UnknownPerson
from jinyun.kit.actor import Actor
from jinyun.kit.bodies import Named
from jinyun.kit.errors import AlreadyExists
from jinyun.kit.paging import Page, PageQuery

router = APIRouter(prefix="/v1", tags=["organisation"])
Name = Annotated[
    str | None, Query(max_length=64, description="The beginning of its login or code, or a part of its name")
]
Adrift = Annotated[bool | None, Query(description="Only those whose department is gone or whose owner has left")]


@router.get("/departments", responses=reading())
def list_departments(call: CurrentCall, page: PageQuery) -> Page[DepartmentView]:
    """List the departments from the top down."""
    return call.read(lambda session, actor: queries.list_departments(session, actor, page))


@router.get("/people", responses=reading())
def list_people(call: CurrentCall, page: PageQuery, name: Name = None) -> Page[PersonView]:
    """List the people who work here."""
    return call.read(lambda session, actor: queries.list_people(session, actor, page, name=name))


@router.get("/projects", responses=reading())
def list_projects(call: CurrentCall, page: PageQuery, adrift: Adrift = None, name: Name = None) -> Page[ProjectView]:
    """List the application systems that you may see."""
    return call.read(lambda session, actor: queries.list_projects(session, actor, page, adrift=adrift, name=name))


@router.get("/projects/{project}", responses=reading_one())
def show_project(call: CurrentCall, project: Named) -> ProjectDetail:
    """Show an application system, by its id or code, with its members."""
    return call.read(lambda session, actor: queries.show_project(session, actor, project))


@router.post("/projects", status_code=201, responses=writing(AlreadyExists, UnknownDepartment, UnknownPerson))
def create_project(call: CurrentCall, body: NewProject) -> ProjectDetail:
    """Register an application system."""

    def work(session: Session, actor: Actor) -> ProjectDetail:
        project = directory.create_project(
            session,
            actor,
            body.code,
            body.name,
            department_code=body.department,
            owner_login=body.owner,
            criticality=body.criticality,
            environment=body.environment,
            member_logins=body.members,
        )
        return queries.show_project(session, actor, project.id)

    return call.write(work)


@router.put("/projects/{project}/members/{login}", status_code=204, responses=writing(AlreadyExists, UnknownPerson))
def add_member(call: CurrentCall, project: Named, login: Named) -> None:
    """Let a person order and operate for an application system."""
    call.write(
        lambda session, actor: directory.add_member(
            session, actor, queries.find_project(session, actor, project), directory.person_by_login(session, login)
        )
    )


@router.delete("/projects/{project}/members/{login}", status_code=204, responses=writing())
def remove_member(call: CurrentCall, project: Named, login: Named) -> None:
    """End a membership."""
    call.write(
        lambda session, actor: directory.remove_member(
            session, actor, queries.find_project(session, actor, project), login
        )
    )
