"""Brings a bank into an empty installation from a file: departments, people, application systems, roles, accounts."""

import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access import passwords as local_passwords
from jinyun.access.bootstrap import BANK_FILE, HOST, close, origin_of_administrators
from jinyun.access.grants import Place, enter
from jinyun.access.models import LocalAccount
from jinyun.access.roles import ROLES
from jinyun.directory import service as directory
from jinyun.directory.schemas import Criticality, Environment
from jinyun.directory.sync import hold_still
from jinyun.kit.actor import PLATFORM
from jinyun.organisation.models import Department, Person, Project

SAMPLE_BANK = Path(__file__).parent / "organisation" / "sample_bank.yaml"
_PASSWORDS = TypeAdapter(dict[str, str])


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in once he has a password."""

    person_id: str
    login: str
    name: str
    roles: tuple[str, ...]
    has_password: bool


class BankFileError(Exception):
    """The file does not describe a bank; the message says where."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Department(_Entry):
    code: str
    name: str
    parent: str | None = None
    manager: str | None = None


class _Person(_Entry):
    login: str
    name: str
    department: str
    roles: list[str] = Field(default_factory=list)


class _Project(_Entry):
    code: str
    name: str
    department: str
    owner: str
    members: list[str] = Field(default_factory=list)
    criticality: Criticality = "general"
    environment: Environment = "production"


class _Bank(_Entry):
    mail_domain: str
    departments: list[_Department]
    people: list[_Person]
    projects: list[_Project]


def load_bank(session: Session, path: Path = SAMPLE_BANK) -> list[Account]:
    """Bring in what the file names and the installation lacks; what is there already stays as it is.

    The first file that gives roles gives them also to people whom the company directory brought in before.

    Raises:
        BankFileError: the file cannot be read as a bank, names a role that there is not, or gives roles where the
            administrators were made otherwise.
        UnknownDepartment, UnknownPerson: the file refers to somebody or something it does not list.
    """
    bank = _read(path)
    hold_still(session)
    first = _close_bootstrap(session, bank, path)
    departments = _load_departments(session, bank.departments)
    people = _load_people(session, bank, departments, roles_for_all=first)
    for entry in bank.departments:
        department = departments[entry.code]
        if entry.manager is not None and department.manager_id is None:
            manager = directory.person_by_login(session, entry.manager, field="manager")
            directory.appoint_manager(session, PLATFORM, department, manager)
    _load_projects(session, bank.projects)
    return [_account(session, people[entry.login], entry.roles) for entry in bank.people]


def give_passwords(session: Session, passwords: Mapping[str, str]) -> None:
    """Give local accounts these passwords, by login.

    Raises:
        UnknownPerson: nobody has one of the logins.
    """
    for login, password in passwords.items():
        local_passwords.set_password(session, directory.person_by_login(session, login).id, password)


def keep_passwords(path: Path, logins: Iterable[str]) -> dict[str, str]:
    """Return a password for each login: those in the file, new ones for the rest; only its owner can read the file."""
    known = _PASSWORDS.validate_python(yaml.safe_load(path.read_text()) or {}) if path.exists() else {}
    passwords = {login: known.get(login) or secrets.token_urlsafe(12) for login in logins}
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        yaml.safe_dump(known | passwords, file)
    beside.replace(path)
    return passwords


def _read(path: Path) -> _Bank:
    try:
        bank = _Bank.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BankFileError(f"{path}: {error}") from error
    unknown = {role for person in bank.people for role in person.roles} - ROLES.keys()
    if unknown:
        raise BankFileError(f"{path}: there is no role {', '.join(sorted(unknown))}")
    return bank


def _close_bootstrap(session: Session, bank: _Bank, path: Path) -> bool:
    """Let a file name the first administrators, or none: once they were made on the host, they alone give roles.

    Returns whether this file is the first that does.
    """
    origin = origin_of_administrators(session)
    gives_roles = any(person.roles for person in bank.people)
    if gives_roles and origin == HOST:
        raise BankFileError(f"{path}: it gives roles, but this installation has administrators, who do")
    first = gives_roles and origin is None
    if first:
        close(session, PLATFORM, BANK_FILE)
    return first


def _load_departments(session: Session, entries: list[_Department]) -> dict[str, Department]:
    known = {department.code: department for department in session.scalars(select(Department))}
    for entry in entries:
        if entry.code in known:
            continue
        if entry.parent is not None and entry.parent not in known:
            raise directory.UnknownDepartment(field="parent", code=entry.parent)
        parent = known[entry.parent] if entry.parent is not None else None
        known[entry.code] = directory.create_department(session, PLATFORM, entry.code, entry.name, parent)
    return known


def _load_people(
    session: Session, bank: _Bank, departments: Mapping[str, Department], *, roles_for_all: bool
) -> dict[str, Person]:
    known = {person.login: person for person in session.scalars(select(Person))}
    for entry in bank.people:
        is_new = entry.login not in known
        if is_new:
            known[entry.login] = _load_person(session, entry, departments, bank.mail_domain)
        for role in entry.roles if is_new or roles_for_all else ():
            enter(session, PLATFORM, known[entry.login], role, Place("system"))
    return known


def _load_person(session: Session, entry: _Person, departments: Mapping[str, Department], mail_domain: str) -> Person:
    if entry.department not in departments:
        raise directory.UnknownDepartment(field="department", code=entry.department)
    return directory.create_person(
        session,
        PLATFORM,
        entry.login,
        entry.name,
        mail=f"{entry.login}@{mail_domain}",
        department=departments[entry.department],
    )


def _load_projects(session: Session, entries: list[_Project]) -> None:
    known = set(session.scalars(select(Project.code)))
    for entry in entries:
        if entry.code not in known:
            directory.create_project(
                session,
                PLATFORM,
                entry.code,
                entry.name,
                department_code=entry.department,
                owner_login=entry.owner,
                criticality=entry.criticality,
                environment=entry.environment,
                member_logins=entry.members,
            )


def _account(session: Session, person: Person, roles: list[str]) -> Account:
    has_password = session.get(LocalAccount, person.id) is not None
    return Account(person.id, person.login, person.name, tuple(roles), has_password)
