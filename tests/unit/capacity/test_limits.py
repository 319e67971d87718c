"""Limits are bounded by those above them, and tell where they come from."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.models import RoleGrant
from jinyun.access.roles import DEPARTMENT_ADMINISTRATOR
from jinyun.audit.models import AuditRecord
from jinyun.capacity import service as capacity
from jinyun.capacity.amounts import Amount
from jinyun.capacity.errors import QuotaAboveParent, QuotaBelowOthers, QuotaExceeded
from jinyun.capacity.limits import level_of, recount_all
from jinyun.capacity.models import Quota
from jinyun.capacity.routes import router
from jinyun.organisation.models import Department, Person, Project
from tests.api import APPLICANT, FOREIGN_APPLICANT, SECURITY_ADMINISTRATOR, Api, queries_of
from tests.together import at_once
from tests.unit.capacity.conftest import Site

HOST = Amount(16, 65536, 1000)
OWN = ("project", "mobile-banking")
DEPARTMENT = ("department", "retail")
TOP = ("department", "head-office")


def limits(site: Site, resource: str = "vcpus") -> dict[str, int]:
    def read(session: Session) -> dict[str, int]:
        rows = session.scalars(select(Quota).filter_by(resource=resource).order_by(Quota.id))
        return {level_of(session, row).code: row.limit for row in rows}

    return site.database.read(read)


@pytest.mark.parametrize("above", [DEPARTMENT, TOP])
def test_a_limit_is_bounded_by_the_nearest_above(site: Site, above: tuple[str, str]) -> None:
    site.limit(*above, "vcpus", 100)
    site.limit(*OWN, "vcpus", 100)
    with pytest.raises(QuotaAboveParent) as caught:
        site.limit(*OWN, "vcpus", 101)
    assert "100, set by jinyun" in str(caught.value)
    assert limits(site)["mobile-banking"] == 100
    site.limit(*OWN, "servers", 101)


def test_the_nearest_above_counts_not_the_one_beyond(site: Site) -> None:
    site.limit(*TOP, "vcpus", 50)
    site.limit(*DEPARTMENT, "vcpus", 40)
    with pytest.raises(QuotaAboveParent, match="40"):
        site.limit(*OWN, "vcpus", 45)
    site.limit(*DEPARTMENT, "vcpus", None)
    site.limit(*OWN, "vcpus", 45)


def test_a_department_is_bounded_by_the_one_above(site: Site) -> None:
    site.limit(*TOP, "vcpus", 100)
    with pytest.raises(QuotaAboveParent):
        site.limit(*DEPARTMENT, "vcpus", 101)


def test_limits_below_may_promise_more_in_sum_and_the_one_above_decides(site: Site) -> None:
    site.pool("p", *[HOST] * 4)
    site.limit(*DEPARTMENT, "vcpus", 4)
    site.limit(*OWN, "vcpus", 4)
    site.limit("project", "credit-card", "vcpus", 4)
    site.hold(site.request(), "1")
    site.hold(site.request("credit-card"), "2")
    with pytest.raises(QuotaExceeded):
        site.hold(site.request("credit-card"), "3")


def test_a_limit_is_not_lowered_under_those_below_unless_they_go_with_it(site: Site) -> None:
    site.limit(*OWN, "vcpus", 30)
    site.limit("project", "credit-card", "vcpus", 10)
    site.limit(*DEPARTMENT, "vcpus", 40)
    with pytest.raises(QuotaBelowOthers, match="1 below"):
        site.limit(*DEPARTMENT, "vcpus", 20)
    site.limit(*DEPARTMENT, "vcpus", 20, lower_below=True)
    assert limits(site) == {"mobile-banking": 20, "credit-card": 10, "retail": 20}
    noted = site.database.read(lambda s: list(s.scalars(select(AuditRecord).filter_by(action="quota.set"))))
    assert (noted[-2].before, noted[-2].after) == ({"limit": 30}, {"limit": 20})
    assert noted[-2].subject_name == "project mobile-banking vcpus"


def test_a_limit_may_lie_below_what_is_taken_and_then_nothing_more_is_granted(site: Site) -> None:
    site.pool("p", *[HOST] * 4)
    hold = site.hold(site.request(), "1")
    site.limit(*OWN, "vcpus", 1)
    with pytest.raises(QuotaExceeded):
        site.hold(site.request(), "2")
    site.do(capacity.release, hold.id)
    assert site.counters("vcpus") == {"project": (0, 0)}


def test_two_who_set_limits_of_one_tree_do_not_pass_each_other(site: Site) -> None:
    site.limit(*DEPARTMENT, "vcpus", 100)
    site.limit(*OWN, "vcpus", 10)

    def act(number: int) -> None:
        site.limit(*(OWN if number % 2 else DEPARTMENT), "vcpus", 90 if number % 2 else 20)

    for _ in range(5):
        at_once(4, act)
        seen = limits(site)
        assert seen["mobile-banking"] <= seen["retail"]
        site.limit(*OWN, "vcpus", 10)
        site.limit(*DEPARTMENT, "vcpus", 100)


def test_what_moved_is_counted_anew(site: Site) -> None:
    site.pool("p", *[HOST] * 4)
    site.limit(*DEPARTMENT, "vcpus", 100)
    site.limit("department", "corporate", "vcpus", 100)
    site.hold(site.request())

    def move(session: Session) -> None:
        project = session.scalars(select(Project).filter_by(code="mobile-banking")).one()
        project.department = session.scalars(select(Department).filter_by(code="corporate")).one()

    site.alter(move)
    assert recount_all(site.database) == 2
    held = site.database.read(lambda s: [row.held for row in s.scalars(select(Quota).order_by(Quota.id))])
    assert held == [0, 2]
    assert recount_all(site.database) == 0
    noted = site.database.read(lambda s: s.scalars(select(AuditRecord.after).filter_by(action="quota.recount")).all())
    assert noted == [{"held": 0, "used": 0}, {"held": 2, "used": 0}]


@pytest.fixture
def api(site: Site, tmp_path: Path) -> Api:
    return Api(site.bank, [router], tmp_path)


def test_a_user_sees_every_limit_that_he_is_under(site: Site, api: Api) -> None:
    site.pool("p", *[HOST] * 4)
    guard = api.as_(SECURITY_ADMINISTRATOR)
    for scope, code, limit in (("department", "head-office", 1000), ("department", "retail", 8), (*OWN, 6)):
        body = {"scope": scope, "code": code, "resource": "vcpus", "limit": limit}
        assert guard.put("/v1/quotas", json=body).status_code == 200
    site.hold(site.request(), "1")
    site.hold(site.request("credit-card", vcpus=4), "2")
    shown = api.as_(APPLICANT).get("/v1/quotas/mobile-banking").json()
    by_name = {each["resource"]: each for each in shown["resources"]}
    vcpus = by_name["vcpus"]
    assert (vcpus["held"], vcpus["used"], vcpus["limit"], vcpus["free"]) == (2, 0, 8, 2)
    assert [(each["code"], each["limit"], each["held"], each["available"]) for each in vcpus["levels"]] == [
        ("mobile-banking", 6, 2, 4),
        ("retail", 8, 6, 2),
        ("head-office", 1000, 6, 994),
    ]
    assert {each["set_by"] for each in vcpus["levels"]} == {SECURITY_ADMINISTRATOR}
    assert (by_name["servers"]["held"], by_name["servers"]["limit"], by_name["servers"]["levels"]) == (1, None, [])
    assert api.as_(FOREIGN_APPLICANT).get("/v1/quotas/mobile-banking").status_code == 404


def test_showing_costs_a_fixed_number_of_queries(site: Site, api: Api) -> None:
    site.pool("p", *[HOST] * 4)
    guard = api.as_(SECURITY_ADMINISTRATOR)
    site.limit(*OWN, "vcpus", 10)
    few = queries_of(site.database, guard, "/v1/quotas/mobile-banking")
    site.limit(*TOP, "servers", 10)
    site.limit(*DEPARTMENT, "memory_mib", 10)
    site.hold(site.request(memory_mib=1))
    assert queries_of(site.database, guard, "/v1/quotas/mobile-banking") == few


def test_a_limit_that_cannot_be_says_why_in_units_that_people_know(site: Site, api: Api) -> None:
    guard = api.as_(SECURITY_ADMINISTRATOR, language="zh")
    body = {"scope": "department", "code": "retail", "resource": "memory_mib", "limit": 64 * 1024}
    assert guard.put("/v1/quotas", json=body).status_code == 200
    said = guard.put(
        "/v1/quotas", json=body | {"scope": "project", "code": "mobile-banking", "limit": 65 * 1024}
    ).json()
    assert (said["status"], said["code"], said["field"]) == (409, "quota-above-parent", "limit")
    assert "65 GiB" in said["detail"]
    assert "64 GiB" in said["detail"]
    assert SECURITY_ADMINISTRATOR in said["detail"]


def test_bare_metal_servers_have_a_limit_of_their_own(api: Api) -> None:
    body = {"scope": "department", "code": "retail", "resource": "bare_metal_servers", "limit": 3}
    assert api.as_(SECURITY_ADMINISTRATOR).put("/v1/quotas", json=body).json()["limit"] == 3


def test_a_department_administrator_sets_limits_below_his_department_alone(site: Site, api: Api) -> None:
    def appoint(session: Session) -> None:
        person = session.scalars(select(Person).filter_by(login=FOREIGN_APPLICANT)).one()
        department = session.scalars(select(Department).filter_by(code="retail")).one()
        given = {"role": DEPARTMENT_ADMINISTRATOR, "scope": "department", "scope_id": department.id}
        session.add(RoleGrant(person_id=person.id, **given))
        below = Department(code="cards", name="Cards", path=f"{department.path}cards/", parent_id=department.id)
        session.add(below)

    site.alter(appoint)
    admin, limit = api.as_(FOREIGN_APPLICANT), {"resource": "vcpus", "limit": 4}
    assert admin.put("/v1/quotas", json=limit | {"scope": "department", "code": "cards"}).status_code == 200
    assert admin.put("/v1/quotas", json=limit | {"scope": "project", "code": "mobile-banking"}).status_code == 200
    for code in ("retail", "head-office", "corporate"):
        assert admin.put("/v1/quotas", json=limit | {"scope": "department", "code": code}).status_code == 403
    assert admin.put("/v1/quotas", json=limit | {"scope": "project", "code": "risk-reporting"}).status_code == 403
    site.limit("department", "corporate", "vcpus", 4)
    site.limit("department", "retail", "vcpus", 8)
    assert [each["code"] for each in admin.get("/v1/quotas").json()["items"]] == ["cards", "mobile-banking", "retail"]
