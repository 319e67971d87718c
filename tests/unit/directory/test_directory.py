"""Departments, people and application systems through the API: who may see and make what."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.audit.models import AuditRecord
from jinyun.directory import service as directory
from jinyun.directory.routes import router
from jinyun.kit.actor import PLATFORM
from jinyun.kit.database import Database
from jinyun.kit.errors import AlreadyExists, Forbidden
from jinyun.organisation.models import Department, Person
from tests.api import (
    APPLICANT,
    AUDITOR,
    FOREIGN_APPLICANT,
    MANAGER,
    OPERATOR,
    SECURITY_ADMINISTRATOR,
    Api,
    SampleBank,
    queries_of,
)

NEW = {"code": "payments", "name": "支付 Payments", "department": "retail", "owner": "li.wei", "members": ["chen.yu"]}


@pytest.fixture
def api(database: Database, tmp_path: Path) -> Api:
    return Api(SampleBank(database), [router], tmp_path)


def codes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["code"] for item in answer.json()["items"]]


def test_each_sees_the_application_systems_that_concern_him(api: Api) -> None:
    assert codes(api.as_(APPLICANT).get("/v1/projects")) == ["credit-card", "mobile-banking", "mobile-banking-test"]
    assert codes(api.as_(MANAGER).get("/v1/projects")) == ["credit-card", "mobile-banking", "mobile-banking-test"]
    assert codes(api.as_(FOREIGN_APPLICANT).get("/v1/projects")) == ["trade-finance"]
    assert len(codes(api.as_(OPERATOR).get("/v1/projects"))) == 5
    assert codes(api.as_(AUDITOR).get("/v1/projects")) == []


def test_a_project_is_found_by_code_and_by_id_with_its_members(api: Api) -> None:
    shown = api.as_(APPLICANT).get("/v1/projects/mobile-banking").json()
    assert shown["owner"] == "wang.fang"
    assert shown["department"] == "retail-channels"
    assert shown["members"] == [{"login": "li.wei", "name": "李伟 Li Wei"}]
    assert api.as_(APPLICANT).get(f"/v1/projects/{shown['id']}").json() == shown


def test_systems_whose_department_is_gone_or_whose_owner_left_are_adrift(api: Api, database: Database) -> None:
    def lose(session: Session) -> None:
        session.scalars(select(Department).where(Department.code == "retail-channels")).one().active = False
        session.scalars(select(Person).where(Person.login == FOREIGN_APPLICANT)).one().active = False

    def those(adrift: bool) -> list[str]:
        answer = api.as_(OPERATOR).get("/v1/projects", params={"adrift": adrift})
        assert all(item["adrift"] is adrift for item in answer.json()["items"])
        return codes(answer)

    assert those(True) == []
    database.write(lose)
    assert those(True) == ["mobile-banking", "mobile-banking-test", "trade-finance"]
    assert those(False) == ["credit-card", "risk-reporting"]


def test_a_foreign_project_does_not_exist(api: Api) -> None:
    answer = api.as_(FOREIGN_APPLICANT, language="zh").get("/v1/projects/mobile-banking")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert "无权查看" in answer.json()["detail"]


def test_departments_and_people_are_for_the_security_administrator(api: Api) -> None:
    administrator = api.as_(SECURITY_ADMINISTRATOR)
    departments = administrator.get("/v1/departments").json()["items"]
    assert departments[0]["path"] == "/head-office/"
    assert departments == sorted(departments, key=lambda department: department["path"])
    people = administrator.get("/v1/people", params={"limit": 3}).json()
    assert [person["login"] for person in people["items"]] == ["chen.yu", "gao.yuan", "he.min"]
    following = administrator.get("/v1/people", params={"limit": 500, "after": people["next"]}).json()
    assert following["items"][0]["login"] == "li.wei"
    assert following["next"] is None
    for path in ("/v1/departments", "/v1/people"):
        assert api.as_(APPLICANT).get(path).status_code == 403


def test_pages_cost_the_same_number_of_queries_whatever_their_length(api: Api, database: Database) -> None:
    operator = api.as_(OPERATOR)
    assert queries_of(database, operator, "/v1/projects?limit=1") == queries_of(database, operator, "/v1/projects")


def test_a_project_is_registered_with_its_audit_record(api: Api, database: Database) -> None:
    made = api.as_(SECURITY_ADMINISTRATOR).post("/v1/projects", json=NEW)
    assert made.status_code == 201
    assert [member["login"] for member in made.json()["members"]] == ["chen.yu"]
    assert "payments" in codes(api.as_(FOREIGN_APPLICANT).get("/v1/projects"))
    noted = select(AuditRecord).where(AuditRecord.subject_id == made.json()["id"]).order_by(AuditRecord.id)
    records = database.read(lambda session: list(session.scalars(noted)))
    assert [record.action for record in records] == ["project.create", "project.add-member"]
    assert records[0].actor_login == SECURITY_ADMINISTRATOR
    assert records[0].after is not None and records[0].after["owner"] == "li.wei"


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"code": "credit-card"}, 409, "already-exists", "code"),
        ({"code": "No Spaces"}, 422, "invalid-field", "code"),
        ({"department": "nowhere"}, 422, "unknown-department", "department"),
        ({"owner": "nobody"}, 422, "unknown-person", "owner"),
        ({"members": ["li.wei", "nobody"]}, 422, "unknown-person", "members"),
        ({"criticality": "huge"}, 422, "invalid-field", "criticality"),
        ({"environment": "moon"}, 422, "invalid-field", "environment"),
    ],
)
def test_what_cannot_be_registered_is_refused_whole(
    api: Api, change: dict[str, Any], status: int, code: str, field: str
) -> None:
    answer = api.as_(SECURITY_ADMINISTRATOR).post("/v1/projects", json=NEW | change)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (status, code, field)
    assert len(codes(api.as_(SECURITY_ADMINISTRATOR).get("/v1/projects"))) == 5


def test_others_register_nothing(api: Api) -> None:
    for login in (APPLICANT, MANAGER, OPERATOR, AUDITOR):
        assert api.as_(login).post("/v1/projects", json=NEW).status_code == 403


def test_membership_comes_and_goes(api: Api) -> None:
    administrator = api.as_(SECURITY_ADMINISTRATOR)
    for _ in range(2):
        assert administrator.put("/v1/projects/credit-card/members/chen.yu").status_code == 204
    assert "credit-card" in codes(api.as_(FOREIGN_APPLICANT).get("/v1/projects"))
    assert administrator.put("/v1/projects/credit-card/members/nobody").json()["code"] == "unknown-person"
    for _ in range(2):
        assert administrator.delete("/v1/projects/credit-card/members/chen.yu").status_code == 204
    assert codes(api.as_(FOREIGN_APPLICANT).get("/v1/projects")) == ["trade-finance"]
    assert api.as_(APPLICANT).put("/v1/projects/mobile-banking/members/chen.yu").status_code == 403
    assert api.as_(APPLICANT).put("/v1/projects/credit-card/members/chen.yu").status_code == 204  # he owns it
    assert api.as_(FOREIGN_APPLICANT).put("/v1/projects/mobile-banking/members/chen.yu").status_code == 404


def test_of_two_at_once_one_gets_the_code(database: Database) -> None:
    bank = SampleBank(database)
    administrator = bank.actor(SECURITY_ADMINISTRATOR)

    def register(_: int) -> str:
        try:
            database.write(
                lambda session: directory.create_project(
                    session,
                    administrator,
                    "payments",
                    "Payments",
                    department_code="retail",
                    owner_login="li.wei",
                    criticality="general",
                    environment="test",
                )
            )
        except AlreadyExists:
            return "taken"
        return "made"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(register, range(4))) == ["made", "taken", "taken", "taken"]


def test_departments_and_people_are_made_by_those_who_may(database: Database) -> None:
    bank = SampleBank(database)
    retail = database.read(lambda session: directory.department_by_code(session, "retail"))
    applicant = bank.actor(APPLICANT)
    with pytest.raises(Forbidden):
        database.write(lambda session: directory.create_department(session, applicant, "new", "New", retail))
    with pytest.raises(AlreadyExists):
        database.write(lambda session: directory.create_department(session, PLATFORM, "retail", "Again", None))
    with pytest.raises(AlreadyExists):
        database.write(
            lambda session: directory.create_person(session, PLATFORM, "li.wei", "Li", mail="a@b", department=retail)
        )


def test_a_department_cannot_lie_deeper_than_a_path_is_long(database: Database) -> None:
    def dig(session: Any) -> None:
        parent: Department | None = None
        for level in range(20):
            parent = directory.create_department(session, PLATFORM, f"{level:0>60}", "deep", parent)

    with pytest.raises(directory.DepartmentTooDeep):
        database.write(dig)
