"""The sample bank from its file and from its directory, in either order: nobody is there twice, nothing is lost."""

from collections.abc import Callable
from functools import partial

import pytest
import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.access.models import RoleGrant
from jinyun.bank import SAMPLE_BANK, load_bank
from jinyun.connectors.directory import DirectoryDepartment, DirectoryPerson, Snapshot
from jinyun.directory.plan import Plan
from jinyun.directory.sync import Terms, synchronise, take_lease
from jinyun.kit.database import Database
from jinyun.organisation.models import Department, Person, Project
from lab.sample_directory import DEPARTMENTS, PEOPLE, sample, sample_logins

Step = Callable[[Database], object]


def of_the_directory() -> Snapshot:
    units, people = sample()
    return Snapshot(
        tuple(DirectoryDepartment(f"d-{u.code}", u.code, u.name, u.parent and f"d-{u.parent}", u.head) for u in units),
        tuple(
            DirectoryPerson(p.login, p.login, p.name, f"{p.login}@bank.example", f"d-{p.department}", p.manager)
            for p in people
        ),
    )


def sync(database: Database) -> Plan:
    database.write(lambda session: take_lease(session, "ldap", "w"))
    return database.write(
        partial(synchronise, seen=of_the_directory(), source="ldap", terms=Terms("w", cap_percent=5.0, automatic=True))
    )


def load(database: Database) -> None:
    database.write(load_bank)


@pytest.mark.parametrize("steps", [(load, sync), (sync, load), (load, sync, load, sync)])
def test_the_file_and_the_directory_are_one_bank(database: Database, steps: tuple[Step, ...]) -> None:
    for step in steps:
        step(database)
    database.read(whole)
    database.read(as_in_the_file)
    assert not sync(database).changes


def whole(session: Session) -> None:
    tables = (Department, Person)
    assert [session.scalar(select(func.count()).select_from(table)) for table in tables] == [DEPARTMENTS, PEOPLE]
    assert session.scalar(select(func.count()).where(Person.login.in_(sample_logins()), Person.source == "ldap")) == 11


def as_in_the_file(session: Session) -> None:
    bank = yaml.safe_load(SAMPLE_BANK.read_text(encoding="utf-8"))
    granted = select(Person.login, RoleGrant.role).join(RoleGrant, RoleGrant.person_id == Person.id)
    wanted = {(each["login"], role) for each in bank["people"] for role in each.get("roles", ())}
    assert set(session.execute(granted)) == wanted
    led = select(Department.code, Person.login).outerjoin(Person, Person.id == Department.manager_id)
    heads = dict(session.execute(led).all())
    assert {each["code"]: heads[each["code"]] for each in bank["departments"]} == {
        each["code"]: each.get("manager") for each in bank["departments"]
    }
    owned = select(Project.code, Person.login).join(Person, Person.id == Project.owner_id)
    assert dict(session.execute(owned).all()) == {each["code"]: each["owner"] for each in bank["projects"]}
