"""A small bank to test with: three levels of departments, their managers, two application systems."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from jinyun.access import roles
from jinyun.access.authority import grants_of
from jinyun.access.models import RoleGrant
from jinyun.kit.actor import Actor, WayIn
from jinyun.kit.ids import new_id
from jinyun.organisation.models import Department, Person, Project, ProjectMember


@dataclass(frozen=True, slots=True)
class Bank:
    """The ids of who and what there is."""

    departments: dict[str, str]
    people: dict[str, str]
    projects: dict[str, str]


def found_bank(session: Session) -> Bank:
    """Make head office (led by `chief`) > retail (`rita`) > cards (`carl`); `alice` owns `PAY` in cards, `HR` is above.

    `sec`, `sys` and `aud` are the three administrators, `otto` operates.
    """
    departments = {}
    path = "/"
    parent: str | None = None
    for code in ("head", "retail", "cards"):
        path = f"{path}{code}/"
        department = Department(code=code, name=code.title(), path=path, parent_id=parent)
        session.add(department)
        session.flush()
        departments[code] = parent = department.id
    logins = ("chief", "rita", "carl", "alice", "bob", "sec", "sys", "aud", "otto")
    people = {login: _person(session, login, departments["cards"]) for login in logins}
    for code, manager in (("head", "chief"), ("retail", "rita"), ("cards", "carl")):
        session.get_one(Department, departments[code]).manager_id = people[manager]
    projects = {
        "PAY": _project(session, "PAY", departments["cards"], people["alice"]),
        "HR": _project(session, "HR", departments["head"], people["bob"]),
    }
    session.add(ProjectMember(project_id=projects["PAY"], person_id=people["alice"]))
    for login, role in (
        ("sec", roles.SECURITY_ADMINISTRATOR),
        ("sys", roles.SYSTEM_ADMINISTRATOR),
        ("aud", roles.AUDIT_ADMINISTRATOR),
        ("otto", roles.OPERATOR),
    ):
        session.add(RoleGrant(person_id=people[login], role=role, scope="system"))
    session.flush()
    return Bank(departments, people, projects)


def acting(session: Session, bank: Bank, login: str) -> Actor:
    """Return somebody as he acts, with the grants that he has now."""
    person = session.get_one(Person, bank.people[login])
    held = grants_of(session, person.id)
    return Actor(person.id, person.login, person.name, held, way_in=WayIn("session", new_id()))


def _person(session: Session, login: str, department_id: str) -> str:
    person = Person(login=login, name=login.title(), mail=f"{login}@bank.example", department_id=department_id)
    session.add(person)
    session.flush()
    return person.id


def _project(session: Session, code: str, department_id: str, owner_id: str) -> str:
    project = Project(code=code, name=f"{code} system", department_id=department_id, owner_id=owner_id)
    session.add(project)
    session.flush()
    return project.id
