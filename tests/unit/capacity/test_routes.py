from pathlib import Path

import pytest

from jinyun.capacity.amounts import Amount
from jinyun.capacity.routes import router
from tests.api import APPLICANT, AUDITOR, FOREIGN_APPLICANT, OPERATOR, SECURITY_ADMINISTRATOR, Api, queries_of
from tests.unit.capacity.conftest import Site

HOST = Amount(16, 65536, 1000)
LIMIT = {"scope": "project", "code": "mobile-banking", "resource": "vcpus", "limit": 8}


@pytest.fixture
def api(site: Site, tmp_path: Path) -> Api:
    return Api(site.bank, [router], tmp_path)


def test_a_security_administrator_sets_limits_and_members_read_them(site: Site, api: Api) -> None:
    site.pool("p", HOST)
    site.hold(site.request())
    guard = api.as_(SECURITY_ADMINISTRATOR)
    assert guard.put("/v1/quotas", json=LIMIT).json()["held"] == 2
    guard.put("/v1/quotas", json=LIMIT | {"scope": "department", "code": "head-office", "limit": 1000})
    guard.put("/v1/quotas", json=LIMIT | {"scope": "department", "code": "corporate", "limit": 500})
    seen = api.as_(APPLICANT).get("/v1/quotas?project=mobile-banking").json()["items"]
    assert [(each["code"], each["limit"], each["available"]) for each in seen] == [
        ("mobile-banking", 8, 6),
        ("head-office", 1000, 998),
    ]
    assert api.as_(FOREIGN_APPLICANT).get("/v1/quotas?project=mobile-banking").status_code == 404
    own = api.as_(APPLICANT).get("/v1/quotas").json()["items"]
    assert [each["code"] for each in own] == ["mobile-banking"]
    assert api.as_(AUDITOR).get("/v1/quotas").status_code == 403
    assert len(guard.get("/v1/quotas").json()["items"]) == 3
    assert guard.put("/v1/quotas", json=LIMIT | {"limit": None}).json() is None
    assert len(guard.get("/v1/quotas").json()["items"]) == 2


def test_limits_that_make_no_sense_are_refused(api: Api) -> None:
    guard = api.as_(SECURITY_ADMINISTRATOR)
    assert guard.put("/v1/quotas", json=LIMIT | {"resource": "cats"}).status_code == 422
    assert guard.put("/v1/quotas", json=LIMIT | {"limit": -1}).status_code == 422
    assert guard.put("/v1/quotas", json=LIMIT | {"code": "none"}).status_code == 404
    assert guard.put("/v1/quotas", json=LIMIT | {"resource": "storage_gib:high"}).status_code == 200
    assert api.as_(APPLICANT).put("/v1/quotas", json=LIMIT).status_code == 403
    assert api.as_(OPERATOR).put("/v1/quotas", json=LIMIT).status_code == 403


def test_capacity_shows_each_pool_in_numbers(site: Site, api: Api) -> None:
    pool_id = site.pool("p", HOST, HOST, cpu_ratio=2.0)
    site.read_by_region(pool_id, Amount(4, 8192, 50))
    site.hold(site.request())
    (shown,) = api.as_(OPERATOR).get("/v1/capacity").json()["items"]
    assert shown["physical"] == {"vcpus": 32, "memory_mib": 131072, "disk_gib": 2000}
    assert (shown["size"]["vcpus"], shown["used"]["vcpus"], shown["held"]["vcpus"]) == (64, 4, 2)
    assert shown["free"] == {"vcpus": 58, "memory_mib": 131072 - 8192 - 4096, "disk_gib": 1940}
    assert shown["survives_a_host"] is True
    assert api.as_(APPLICANT).get("/v1/capacity").status_code == 403
    assert api.as_(AUDITOR).get("/v1/capacity").status_code == 403


def test_a_page_of_capacity_costs_a_fixed_number_of_queries(site: Site, api: Api) -> None:
    operator = api.as_(OPERATOR)
    site.pool("p", HOST)
    few = queries_of(site.database, operator, "/v1/capacity")
    for number in range(5):
        site.pool(f"p{number}", HOST, HOST)
    assert queries_of(site.database, operator, "/v1/capacity") == few


def test_what_if_says_where_and_holds_nothing(site: Site, api: Api) -> None:
    pool_id = site.pool("p", HOST, zone="z1")
    site.pool("closed", HOST, orderable=False)
    site.limit("project", "mobile-banking", "vcpus", 8)
    operator = api.as_(OPERATOR)
    wanted = {"project": "mobile-banking", "vcpus": 4, "memory_mib": 8192, "region": "r1", "criticality": "general"}
    answer = operator.post("/v1/placement/what-if", json=wanted).json()
    assert (answer["fits"], answer["quota"], answer["placement"]["chosen"]["pool"]) == (True, None, "r1/p")
    why = "The system administrator has not opened it"
    assert answer["placement"]["filters"][1]["pools"] == [{"pool": "r1/closed", "why": why}]
    answer = operator.post("/v1/placement/what-if", json=wanted | {"vcpus": 9}).json()
    assert (answer["fits"], answer["quota"]["resource"]) == (False, "vcpus")
    chinese = api.as_(OPERATOR, language="zh")
    answer = chinese.post("/v1/placement/what-if", json=wanted | {"zone": "nowhere"}).json()
    assert answer["placement"]["summary"].startswith("2 个资源池均无法满足")
    assert operator.post("/v1/placement/what-if", json=wanted | {"region": "none"}).status_code == 404
    assert operator.post("/v1/placement/what-if", json=wanted | {"network": "none"}).status_code == 404
    assert api.as_(APPLICANT).post("/v1/placement/what-if", json=wanted).status_code == 403
    assert site.room(pool_id).free == HOST
