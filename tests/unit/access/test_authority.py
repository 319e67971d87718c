"""One rule, asked in two ways: what `visible` leaves of a list is what `allowed` lets pass one by one."""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import (
    allowed,
    authorise,
    authorise_anywhere,
    authorise_found,
    grants_of,
    visible,
    visible_departments,
)
from jinyun.access.grants import Place, RolesExcludeEachOther, enter
from jinyun.access.roles import (
    ROLES,
    THREE_ADMINISTRATORS,
    USER,
)
from jinyun.kit.actor import PLATFORM, Actor, Grant
from jinyun.kit.database import Database
from jinyun.kit.errors import Forbidden, NotFound
from jinyun.organisation.models import Department, Person, Project, ProjectMember

CODES = ["a", "ab", "a_b", "a%", "A", "axb", "é", "b"]
"""Departments side by side whose codes begin alike, or hold what LIKE means something else by."""
ACTIONS = sorted(set().union(*ROLES.values()))


@dataclass
class House:
    """Departments of two levels, with a project in each."""

    database: Database
    paths: dict[str, str]
    projects: dict[str, str]


@pytest.fixture
def house(database: Database) -> House:
    def found(session: Session) -> House:
        paths, projects = {}, {}
        owner: Person | None = None
        for upper in CODES:
            for code, path in ((upper, f"/{upper}/"), (f"{upper}.sub", f"/{upper}/{upper}.sub/")):
                department = Department(code=code, name=code, path=path)
                session.add(department)
                session.flush()
                owner = owner or _person(session, department.id)
                project = Project(code=f"p-{code}", name=code, department_id=department.id, owner_id=owner.id)
                session.add(project)
                session.flush()
                paths[department.id], projects[project.id] = path, path
        return House(database, paths, projects)

    return database.write(found)


def _person(session: Session, department_id: str, login: str = "owner") -> Person:
    person = Person(login=login, name=login, mail="", department_id=department_id)
    session.add(person)
    session.flush()
    return person


def seen_by(house: House, actor: Actor, action: str = "server.read") -> set[str]:
    """Return the projects that a list would show."""
    statement = select(Project.id).where(visible(actor, action, Project.id))
    return house.database.read(lambda session: set(session.scalars(statement)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(data=st.data())
def test_visible_and_allowed_agree(house: House, data: st.DataObject) -> None:
    departments = [Grant("", "department", identifier, path) for identifier, path in house.paths.items()]
    projects = [Grant("", "project", identifier) for identifier in house.projects]
    scope = st.sampled_from([*departments, *projects, Grant("", "system")])
    roles = st.sampled_from(sorted(ROLES))
    drawn = data.draw(st.lists(st.tuples(roles, scope), max_size=5))
    grants = tuple(Grant(role, each.scope, each.scope_id, each.department_path) for role, each in drawn)
    actor = Actor("somebody", "somebody", "", grants)
    action = data.draw(st.sampled_from(ACTIONS))

    let_through = house.database.read(lambda s: {each for each in house.projects if allowed(s, actor, action, each)})
    assert seen_by(house, actor, action) == let_through

    seen = select(Department.path).where(visible_departments(actor, action))
    shown = house.database.read(lambda s: set(s.scalars(seen)))
    paths = set(house.paths.values())
    assert shown == house.database.read(lambda s: {p for p in paths if allowed(s, actor, action, department_path=p)})


def test_a_department_covers_what_is_below_it_and_nothing_that_is_called_alike(house: House) -> None:
    for identifier, path in house.paths.items():
        actor = Actor("x", "x", "", (Grant(USER, "department", identifier, path),))
        below = {each for each in house.paths.values() if each.startswith(path)}
        assert {house.projects[each] for each in seen_by(house, actor)} == below


def test_who_holds_nothing_sees_nothing(house: House) -> None:
    nobody = Actor("x", "x", "")
    with pytest.raises(Forbidden):
        authorise_anywhere(nobody, "catalog.read")
    assert not seen_by(house, nobody)
    project = next(iter(house.projects))
    allowances = house.database.read(lambda s: [allowed(s, nobody, action, project) for action in ACTIONS])
    assert not any(allowances)
    with pytest.raises(Forbidden):
        house.database.read(lambda s: authorise(s, nobody, "server.read", project))


def test_the_platform_may_do_everything(house: House) -> None:
    assert house.database.read(lambda s: allowed(s, PLATFORM, "server.operate", next(iter(house.projects))))
    assert seen_by(house, PLATFORM) == set(house.projects)


def test_who_may_not_read_learns_nothing_and_who_may_learns_why(house: House) -> None:
    project = next(iter(house.projects))
    actions = ("server.read", "server.operate")
    reader = Actor("x", "x", "", (Grant("approver", "project", project),))
    stranger = Actor("x", "x", "", (Grant("approver", "project", "another"),))
    with pytest.raises(Forbidden):
        house.database.read(lambda s: authorise_found(s, reader, actions, project, "server", "1"))
    with pytest.raises(NotFound):
        house.database.read(lambda s: authorise_found(s, stranger, actions, project, "server", "1"))


def test_membership_ownership_and_leading_a_department_are_grants(house: House) -> None:
    project_id, path = next((each, path) for each, path in house.projects.items() if path.endswith("/a.sub/"))

    def prepare(session: Session) -> tuple[str, str]:
        department = session.scalars(select(Department).where(Department.path == "/a/")).one()
        member, head = (_person(session, department.id, login) for login in ("member", "head"))
        session.add(ProjectMember(project_id=project_id, person_id=member.id))
        department.manager_id = head.id
        return member.id, head.id

    member, head = house.database.write(prepare)
    assert house.database.read(lambda s: grants_of(s, member)) == (Grant(USER, "project", project_id),)
    (leads,) = house.database.read(lambda s: grants_of(s, head))
    assert (leads.role, leads.department_path) == ("approver", "/a/")
    assert path.startswith("/a/")


@pytest.mark.parametrize("second", sorted(THREE_ADMINISTRATORS))
@pytest.mark.parametrize("first", sorted(THREE_ADMINISTRATORS))
def test_nobody_is_two_of_the_three_administrators(house: House, first: str, second: str) -> None:
    def give(session: Session, role: str) -> None:
        person = session.scalars(select(Person).filter_by(login="owner")).one()
        enter(session, PLATFORM, person, role, Place("system"))

    house.database.write(lambda s: give(s, first))
    if first == second:
        house.database.write(lambda s: give(s, second))
        return
    with pytest.raises(RolesExcludeEachOther):
        house.database.write(lambda s: give(s, second))


def test_the_three_administrators_share_no_power_to_change() -> None:
    changing = {role: {a for a in ROLES[role] if a.endswith((".manage", ".operate", ".write"))} for role in ROLES}
    system, security, audit = (
        changing[role] for role in ("system_administrator", "security_administrator", "audit_administrator")
    )
    assert not system & security
    assert not audit
