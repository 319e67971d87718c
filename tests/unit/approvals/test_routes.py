from pathlib import Path

import pytest
from sqlalchemy import select

from jinyun.approvals import service as approvals
from jinyun.approvals.routes import router
from jinyun.kit.database import Database
from jinyun.kit.texts import Text
from jinyun.organisation.models import Project
from tests.api import APPLICANT, AUDITOR, FOREIGN_APPLICANT, MANAGER, Api, SampleBank, queries_of

DIGEST = "d" * 64


@pytest.fixture
def bank(database: Database) -> SampleBank:
    return SampleBank(database)


@pytest.fixture
def api(bank: SampleBank, tmp_path: Path) -> Api:
    return Api(bank, [router], tmp_path)


def ask(database: Database, bank: SampleBank, subject_id: str = "order-1") -> str:
    actor = bank.actor(APPLICANT)

    def work(session):  # type: ignore[no-untyped-def]
        project = session.scalars(select(Project).filter_by(code="mobile-banking")).one()
        title = Text("Two servers", "两台服务器")
        request = approvals.ChainRequest("order", subject_id, DIGEST, project, {"vcpus": 4}, title)
        return approvals.open_chain(session, actor, request).id

    chain_id: str = database.write(work)
    return chain_id


def test_the_manager_reads_decides_and_is_done(database: Database, bank: SampleBank, api: Api) -> None:
    chain_id = ask(database, bank)
    manager = api.as_(MANAGER, language="zh")
    (todo,) = manager.get("/v1/todos").json()["items"]
    assert (todo["title"], todo["facts"], todo["digest"]) == ("两台服务器", {"vcpus": 4}, DIGEST)
    assert (todo["project_code"], todo["chain_id"]) == ("mobile-banking", chain_id)
    assert "负责人" in todo["reason"]
    url = f"/v1/assignments/{todo['assignment_id']}"
    stale = manager.post(f"{url}/approve", json={"digest": "e" * 64})
    assert (stale.status_code, stale.json()["code"], stale.json()["field"]) == (409, "content-changed", "digest")
    view = manager.post(f"{url}/approve", json={"digest": DIGEST, "comment": "同意"}).json()
    assert (view["state"], view["stages"][0]["state"], view["decisions"][-1]["comment"]) == (
        "approved",
        "approved",
        "同意",
    )
    again = manager.post(f"{url}/reject", json={"digest": DIGEST, "comment": "no"})
    assert (again.status_code, again.json()["code"]) == (409, "already-decided")
    assert manager.get("/v1/todos").json() == {"items": [], "next": None}


def test_a_no_needs_its_reason(database: Database, bank: SampleBank, api: Api) -> None:
    ask(database, bank)
    manager = api.as_(MANAGER)
    url = f"/v1/assignments/{manager.get('/v1/todos').json()['items'][0]['assignment_id']}/reject"
    assert manager.post(url, json={"digest": DIGEST}).status_code == 422
    assert manager.post(url, json={"digest": DIGEST, "comment": "too large"}).json()["state"] == "rejected"


def test_who_is_not_concerned_learns_nothing(database: Database, bank: SampleBank, api: Api) -> None:
    chain_id = ask(database, bank)
    shown = api.as_(APPLICANT).get(f"/v1/chains/{chain_id}").json()
    assignment = shown["stages"][0]["assignments"][0]
    assert assignment["person_name"] == "王芳 Wang Fang"
    url = f"/v1/assignments/{assignment['id']}/approve"
    assert api.as_(APPLICANT).post(url, json={"digest": DIGEST}).json()["code"] == "not-your-decision"
    for stranger in (FOREIGN_APPLICANT, AUDITOR):
        assert api.as_(stranger).get(f"/v1/chains/{chain_id}").status_code == 404
        assert api.as_(stranger).post(url, json={"digest": DIGEST}).status_code == 404
        assert api.as_(stranger).get("/v1/todos").json()["items"] == []


def test_a_page_of_todos_costs_a_fixed_number_of_queries(database: Database, bank: SampleBank, api: Api) -> None:
    manager = api.as_(MANAGER)
    ask(database, bank)
    few = queries_of(database, manager, "/v1/todos")
    for number in range(4):
        ask(database, bank, f"other-{number}")
    assert queries_of(database, manager, "/v1/todos") == few
    page = manager.get("/v1/todos?limit=2").json()
    rest = manager.get(f"/v1/todos?limit=10&after={page['next']}").json()
    assert [each["subject_id"] for each in (*page["items"], *rest["items"])] == [
        "order-1",
        *(f"other-{number}" for number in range(4)),
    ]
