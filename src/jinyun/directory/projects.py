"""Changing application systems, and bringing many of them in from where the bank keeps them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from jinyun.access.authority import authorise, visible
from jinyun.audit import service as audit
from jinyun.connectors.cmdb import SystemEntry
from jinyun.directory.schemas import NewProject, ProjectChange
from jinyun.directory.service import add_member, create_project, department_by_code, person_by_login, remove_member
from jinyun.kit.actor import Actor
from jinyun.kit.bodies import fault
from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text
from jinyun.organisation.models import Person, Project, ProjectMember

MADE = "made"
CHANGED = "changed"
UNCHANGED = "unchanged"
REFUSED = "refused"
CODE_TWICE = Text("The code stands in an earlier line", "代码与前面的行重复")


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of one line."""

    line: int
    code: str
    outcome: str
    reason: Text | None = None
    """Why it was refused."""


def change_project(session: Session, actor: Actor, project: Project, change: ProjectChange) -> bool:
    """Change what is given and differs; tell whether anything did.

    Raises:
        UnknownDepartment: no department has this code.
        UnknownPerson: the owner or a new member does not work here.
        Forbidden.
    """
    authorise(session, actor, "project.manage", project.id)
    before = _shown(project)
    if change.department is not None:
        department = department_by_code(session, change.department, field="department")
        authorise(session, actor, "project.manage", department_path=department.path)
        project.department = department
    if change.owner is not None and change.owner != project.owner.login:
        project.owner = person_by_login(session, change.owner, field="owner")
    for field in ("name", "criticality", "environment"):
        if (value := getattr(change, field)) is not None:
            setattr(project, field, value)
    session.flush()
    after = _shown(project)
    changed = {field for field in after if after[field] != before[field]}
    if changed:
        audit.record(
            session,
            actor,
            "project.change",
            ("project", project.id, project.code),
            project_id=project.id,
            before={field: before[field] for field in sorted(changed)},
            after={field: after[field] for field in sorted(changed)},
        )
    members_changed = change.members is not None and _set_members(session, actor, project, set(change.members))
    return bool(changed) or members_changed


def import_systems(session: Session, actor: Actor, systems: Iterable[SystemEntry]) -> list[LineResult]:
    """Make and change application systems; a line that cannot be is refused, and the others go on.

    Raises:
        Forbidden: he may not manage application systems.
    """
    authorise(session, actor, "project.manage")
    results: list[LineResult] = []
    seen: set[str] = set()
    for system in systems:
        if system.code in seen:
            results.append(LineResult(system.line, system.code, REFUSED, CODE_TWICE))
            continue
        seen.add(system.code)
        try:
            with session.begin_nested():
                outcome = _import(session, actor, system)
            results.append(LineResult(system.line, system.code, outcome))
        except ValidationError as error:
            first = error.errors()[0]
            field, found = first["loc"][0], fault(first)
            reason = Text(f"{field}: {found.en}", f"{field}：{found.zh}")
            results.append(LineResult(system.line, system.code, REFUSED, reason))
        except Problem as problem:
            results.append(LineResult(system.line, system.code, REFUSED, problem.explanation()))
    return results


def export_systems(session: Session, actor: Actor) -> list[SystemEntry]:
    """Return the application systems that the caller may see, with their members, in two queries."""
    statement = select(Project).where(visible(actor, "project.read", Project.id)).order_by(Project.code)
    projects = session.scalars(statement.options(joinedload(Project.department), joinedload(Project.owner))).all()
    members: dict[str, list[str]] = {project.id: [] for project in projects}
    joined = select(ProjectMember.project_id, Person.login).join(Person, Person.id == ProjectMember.person_id)
    mine = joined.where(visible(actor, "project.read", ProjectMember.project_id)).order_by(Person.login)
    for project_id, login in session.execute(mine):
        members[project_id].append(login)
    return [
        SystemEntry(**_shown(project), code=project.code, members=tuple(members[project.id]), line=number)
        for number, project in enumerate(projects, start=2)
    ]


def _import(session: Session, actor: Actor, system: SystemEntry) -> str:
    wanted = NewProject(
        code=system.code,
        name=system.name,
        department=system.department,
        owner=system.owner,
        criticality=system.criticality or "general",
        environment=system.environment or "production",
        members=list(system.members),
    )
    known = select(Project).where(Project.code == wanted.code).with_for_update()
    project = session.scalar(known)
    if project is None:
        create_project(
            session,
            actor,
            wanted.code,
            wanted.name,
            department_code=wanted.department,
            owner_login=wanted.owner,
            criticality=wanted.criticality,
            environment=wanted.environment,
            member_logins=wanted.members,
        )
        return MADE
    change = ProjectChange(**wanted.model_dump(exclude={"code"}))
    return CHANGED if change_project(session, actor, project, change) else UNCHANGED


def _set_members(session: Session, actor: Actor, project: Project, wanted: set[str]) -> bool:
    joined = select(Person.login).join(ProjectMember, ProjectMember.person_id == Person.id)
    present = set(session.scalars(joined.where(ProjectMember.project_id == project.id)))
    for login in sorted(wanted - present):
        add_member(session, actor, project, person_by_login(session, login, field="members"))
    for login in sorted(present - wanted):
        remove_member(session, actor, project, login)
    return wanted != present


def _shown(project: Project) -> dict[str, Any]:
    return {
        "name": project.name,
        "department": project.department.code,
        "owner": project.owner.login,
        "criticality": project.criticality,
        "environment": project.environment,
    }
