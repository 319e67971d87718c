"""Departments, people and application systems: made by those who may, with an audit record each."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise, authorise_anywhere
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import AlreadyExists, Problem
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique
from jinyun.organisation.models import PATH_LENGTH, Department, Person, Project, ProjectMember
from jinyun.organisation.people import find_person


class UnknownDepartment(Problem):
    """No department has this code."""

    status = 422
    detail = Text("There is no department {code}.", "部门 {code} 不存在。")
    hint = Text("See `GET /v1/departments` for the codes.", "部门代码见 `GET /v1/departments`。")


class UnknownPerson(Problem):
    """Nobody who works here has this login."""

    status = 422
    detail = Text("Nobody who works here has the login {login}.", "在职人员中没有登录名为 {login} 的人。")
    hint = Text("See `GET /v1/people` for the logins.", "登录名见 `GET /v1/people`。")


class DepartmentTooDeep(Problem):
    """The codes from the top down are longer than a path may be."""

    status = 422
    detail = Text("The department {code} would lie too deep.", "部门 {code} 的层级过深。")
    hint = Text("Use shorter codes, or fewer levels.", "请使用更短的代码或减少层级。")


def create_department(session: Session, actor: Actor, code: str, name: str, parent: Department | None) -> Department:
    """Make a department below `parent`, or at the top.

    Raises:
        AlreadyExists: the code is taken.
        DepartmentTooDeep: its path would be too long.
    """
    authorise(session, actor, "person.manage")
    path = f"{parent.path if parent else '/'}{code}/"
    if len(path) > PATH_LENGTH:
        raise DepartmentTooDeep(field="code", code=code)
    department = Department(code=code, name=name, path=path, parent_id=parent.id if parent else None)
    add_unique(session, department, AlreadyExists(field="code", kind="department", name=code))
    audit.record(
        session, actor, "department.create", ("department", department.id, code), after={"name": name, "path": path}
    )
    return department


def appoint_manager(session: Session, actor: Actor, department: Department, person: Person) -> None:
    """Make a person the head of a department; he decides what his department orders."""
    authorise(session, actor, "person.manage")
    if department.manager_id == person.id:
        return
    before, department.manager_id = department.manager_id, person.id
    audit.record(
        session,
        actor,
        "department.appoint-manager",
        ("department", department.id, department.code),
        before={"manager_id": before},
        after={"manager_id": person.id, "manager": person.login},
    )


def create_person(
    session: Session, actor: Actor, login: str, name: str, *, mail: str, department: Department
) -> Person:
    """Enter somebody who works in a department; he can sign in once he has an account.

    Raises:
        AlreadyExists: the login is taken.
    """
    authorise(session, actor, "person.manage")
    person = Person(login=login, name=name, mail=mail, department=department)
    add_unique(session, person, AlreadyExists(field="login", kind="person", name=login))
    after = {"name": name, "mail": mail, "department": department.code}
    audit.record(session, actor, "person.create", ("person", person.id, login), after=after)
    return person


def create_project(
    session: Session,
    actor: Actor,
    code: str,
    name: str,
    *,
    department_code: str,
    owner_login: str,
    criticality: str,
    environment: str,
    member_logins: Sequence[str] = (),
) -> Project:
    """Register an application system with its owner and members.

    Raises:
        Forbidden: the actor makes none, or none in this department.
        UnknownDepartment: no department has this code.
        UnknownPerson: the owner or a member does not work here.
        AlreadyExists: the code is taken.
    """
    authorise_anywhere(actor, "project.manage")
    department = department_by_code(session, department_code, field="department")
    authorise(session, actor, "project.manage", department_path=department.path)
    owner = person_by_login(session, owner_login, field="owner")
    project = Project(
        code=code,
        name=name,
        department=department,
        owner=owner,
        criticality=criticality,
        environment=environment,
    )
    add_unique(session, project, AlreadyExists(field="code", kind="application system", name=code))
    after = {
        "name": name,
        "department": department_code,
        "owner": owner_login,
        "criticality": criticality,
        "environment": environment,
    }
    audit.record(session, actor, "project.create", ("project", project.id, code), project_id=project.id, after=after)
    for login in member_logins:
        add_member(session, actor, project, person_by_login(session, login, field="members"))
    return project


def add_member(session: Session, actor: Actor, project: Project, person: Person) -> None:
    """Let a person order and operate for an application system; a second time changes nothing."""
    authorise(session, actor, "member.manage", project.id)
    known = select(ProjectMember.id).filter_by(project_id=project.id, person_id=person.id)
    if session.scalar(known) is not None:
        return
    taken = AlreadyExists(field="login", kind="member", name=person.login)
    add_unique(session, ProjectMember(project_id=project.id, person_id=person.id), taken)
    _record_member(session, actor, "project.add-member", project, person.login)


def remove_member(session: Session, actor: Actor, project: Project, login: str) -> None:
    """End a membership, also of somebody who left the bank; where there is none, nothing happens."""
    authorise(session, actor, "member.manage", project.id)
    of_person = select(ProjectMember).join(Person, Person.id == ProjectMember.person_id).where(Person.login == login)
    member = session.scalar(of_person.where(ProjectMember.project_id == project.id))
    if member is not None:
        session.delete(member)
        _record_member(session, actor, "project.remove-member", project, login)


def department_by_code(session: Session, code: str, *, field: str = "department") -> Department:
    """Return a department. Raises UnknownDepartment."""
    department = session.scalar(select(Department).where(Department.code == code))
    if department is None:
        raise UnknownDepartment(field=field, code=code)
    return department


def person_by_login(session: Session, login: str, *, field: str = "login") -> Person:
    """Return somebody who works here. Raises UnknownPerson."""
    person = find_person(session, login)
    if person is None:
        raise UnknownPerson(field=field, login=login)
    return person


def _record_member(session: Session, actor: Actor, action: str, project: Project, login: str) -> None:
    subject = ("project", project.id, project.code)
    audit.record(session, actor, action, subject, project_id=project.id, after={"login": login})
