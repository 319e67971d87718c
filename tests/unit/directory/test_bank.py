"""The loader of a bank: all of it once, nothing twice, and passwords that only their owner reads."""

import stat
from pathlib import Path

import pytest
import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.access.bootstrap import FIRST_THREE, BootstrapClosed, bootstrap, host_actor
from jinyun.access.errors import WrongCredentials
from jinyun.access.grants import RolesExcludeEachOther
from jinyun.access.models import RoleGrant
from jinyun.access.sessions import PROGRAM
from jinyun.access.signing_in import Door, sign_in
from jinyun.audit.models import AuditRecord
from jinyun.bank import SAMPLE_BANK, BankFileError, give_passwords, keep_passwords, load_bank
from jinyun.directory.service import UnknownDepartment, UnknownPerson
from jinyun.kit.actor import PLATFORM
from jinyun.kit.database import Database
from jinyun.kit.settings import Settings
from jinyun.organisation.models import Department, Person, Project, ProjectMember
from tests.api import SampleBank

TABLES = (Department, Person, Project, ProjectMember, RoleGrant, AuditRecord)


def counts(database: Database) -> list[int]:
    def count(session: Session) -> list[int]:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]

    return database.read(count)


def altered(tmp_path: Path, **changes: object) -> Path:
    bank = yaml.safe_load(SAMPLE_BANK.read_text(encoding="utf-8")) | changes
    path = tmp_path / "bank.yaml"
    path.write_text(yaml.safe_dump(bank, allow_unicode=True), encoding="utf-8")
    return path


def test_loading_twice_changes_nothing(database: Database) -> None:
    accounts = database.write(load_bank)
    before = counts(database)
    assert database.write(load_bank) == accounts
    assert counts(database) == before
    assert {"li.wei", "wang.fang", "zhao.yun", "qian.min"} <= {account.login for account in accounts}


def test_loading_again_takes_back_no_decision_made_since(database: Database) -> None:
    bank = SampleBank(database)

    def appoint(session: Session) -> str:
        retail = session.scalars(select(Department).where(Department.code == "retail")).one()
        retail.manager_id = session.scalars(select(Person.id).where(Person.login == "li.wei")).one()
        return retail.manager_id

    appointed = database.write(appoint)
    database.write(load_bank)
    assert bank.actor("li.wei").person_id == appointed
    assert any(grant.role == "approver" for grant in bank.actor("li.wei").grants)


def test_paths_make_subtrees_and_heads_approve_for_them(database: Database) -> None:
    bank = SampleBank(database)
    paths = {grant.department_path for grant in bank.actor("liu.jian").grants}
    assert paths == {"/head-office/"}
    assert "/head-office/retail/" in {grant.department_path for grant in bank.actor("wang.fang").grants}
    assert [grant.scope for grant in bank.actor("zhao.yun").grants] == ["system"]


def test_the_three_administrators_are_three_people(database: Database, tmp_path: Path) -> None:
    people = yaml.safe_load(SAMPLE_BANK.read_text(encoding="utf-8"))["people"]
    people[-1]["roles"] = ["system_administrator", "audit_administrator"]
    with pytest.raises(RolesExcludeEachOther):
        database.write(lambda session: load_bank(session, altered(tmp_path, people=people)))
    assert counts(database)[0] == 0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"departments": [{"code": "retail", "name": "Retail", "parent": "nowhere"}]}, UnknownDepartment),
        ({"departments": [{"code": "head-office", "name": "Head", "manager": "nobody"}], "people": []}, UnknownPerson),
        ({"people": [{"login": "a", "name": "A", "department": "nowhere"}]}, UnknownDepartment),
        ({"people": [{"login": "a", "name": "A", "department": "retail", "roles": ["king"]}]}, BankFileError),
        ({"projects": [{"code": "x", "name": "X", "department": "retail", "owner": "nobody"}]}, UnknownPerson),
        ({"projects": [{"code": "x", "name": "X", "department": "nowhere", "owner": "li.wei"}]}, UnknownDepartment),
        ({"projects": [{"code": "x", "colour": "red"}]}, BankFileError),
    ],
)
def test_a_file_that_does_not_fit_together_loads_nothing(
    database: Database, tmp_path: Path, changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        database.write(lambda session: load_bank(session, altered(tmp_path, **changes)))
    assert counts(database) == [0] * len(TABLES)


def test_a_missing_file_is_said(database: Database, tmp_path: Path) -> None:
    with pytest.raises(BankFileError, match=r"nowhere\.yaml"):
        database.write(lambda session: load_bank(session, tmp_path / "nowhere.yaml"))


def test_passwords_are_kept_for_their_owner_alone_and_stay(database: Database, tmp_path: Path) -> None:
    accounts = database.write(load_bank)
    assert not any(account.has_password for account in accounts)
    path = tmp_path / "secret" / "passwords.yaml"
    passwords = keep_passwords(path, [account.login for account in accounts])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keep_passwords(path, ["li.wei", "new.one"])["li.wei"] == passwords["li.wei"]
    assert set(yaml.safe_load(path.read_text())) == {*passwords, "new.one"}

    database.write(lambda session: give_passwords(session, {"li.wei": passwords["li.wei"]}))
    door = Door(database, None, Settings())
    sign_in(door, PLATFORM, "li.wei", passwords["li.wei"], PROGRAM)
    with pytest.raises(WrongCredentials):
        sign_in(door, PLATFORM, "li.wei", "another", PROGRAM)
    assert {account.login for account in database.write(load_bank) if account.has_password} == {"li.wei"}


def test_a_password_for_nobody_is_refused(database: Database) -> None:
    with pytest.raises(UnknownPerson):
        database.write(lambda session: give_passwords(session, {"nobody": "x"}))


def test_a_bank_file_that_names_administrators_closes_the_bootstrap(database: Database) -> None:
    passwords = {person.login: "a password" for person in FIRST_THREE}
    database.write(load_bank)
    with pytest.raises(BootstrapClosed):
        database.write(lambda session: bootstrap(session, host_actor("root"), passwords))
    database.write(load_bank)


def test_after_a_bootstrap_no_file_gives_roles(database: Database, tmp_path: Path) -> None:
    passwords = {person.login: "a password" for person in FIRST_THREE}
    database.write(lambda session: bootstrap(session, host_actor("root"), passwords))
    before = counts(database)
    with pytest.raises(BankFileError, match="gives roles"):
        database.write(load_bank)
    assert counts(database) == before
    people = yaml.safe_load(SAMPLE_BANK.read_text(encoding="utf-8"))["people"]
    without = [{name: value for name, value in person.items() if name != "roles"} for person in people]
    assert len(database.write(lambda session: load_bank(session, altered(tmp_path, people=without)))) == len(people)
