from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from jinyun.access import second_person
from jinyun.access.grants import Place, enter
from jinyun.access.role_routes import router as roles_router
from jinyun.approvals.policy_routes import router
from jinyun.approvals.versions import NEW_VERSION
from jinyun.kit.actor import PLATFORM
from jinyun.kit.database import Database
from jinyun.organisation.models import Person
from tests.api import APPLICANT, MANAGER, SECURITY_ADMINISTRATOR, Api, SampleBank

SECOND = "he.min"
RULES = [{"name": "all", "stages": [{"approvers": [{"by": "person", "login": MANAGER}]}]}]


@pytest.fixture
def api(database: Database, tmp_path: Path) -> Api:
    second_person.register(NEW_VERSION)
    bank = SampleBank(database)
    second_id = bank.actor(SECOND).person_id

    def promote(session: Session) -> None:
        enter(session, PLATFORM, session.get_one(Person, second_id), "security_administrator", Place("system"))

    database.write(promote)
    return Api(bank, [router, roles_router], tmp_path)


def test_a_policy_is_tried_out_proposed_and_confirmed(api: Api) -> None:
    first, second = api.as_(SECURITY_ADMINISTRATOR, language="zh"), api.as_(SECOND)
    assert first.get("/v1/approval-policy").json()["number"] == 0
    sample = {"project": "mobile-banking", "applicant": APPLICANT, "draft": {"rules": RULES}}
    tried = first.post("/v1/approval-policy/simulate", json=sample).json()
    (approver,) = tried["stages"][0]["approvers"]
    assert (tried["policy_number"], tried["rule"], approver["login"]) == (None, "all", MANAGER)
    assert approver["reason"] == "规则“all”指定的人员"
    change = first.post("/v1/approval-policy/proposals", json={"note": "首版", "rules": RULES})
    assert (change.status_code, change.json()["title"]) == (201, "审批策略更新为第 1 版：首版")
    assert second.post(f"/v1/access-changes/{change.json()['id']}/confirm").json()["state"] == "confirmed"
    assert first.get("/v1/approval-policy").json()["note"] == "首版"
    assert [each["number"] for each in first.get("/v1/approval-policy/versions").json()["items"]] == [1]
    del sample["draft"]
    assert first.post("/v1/approval-policy/simulate", json=sample).json()["policy_number"] == 1


def test_a_wrong_policy_says_where(api: Api) -> None:
    wrong = api.as_(SECURITY_ADMINISTRATOR, language="zh").post(
        "/v1/approval-policy/proposals", json={"note": "x", "rules": [{**RULES[0], "when": {"vcpus_at_least": 1}}]}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "malformed-request")
    assert "最后一条规则（且仅最后一条）必须没有条件" in wrong.json()["detail"]


def test_others_may_neither_read_nor_change_it(api: Api) -> None:
    for login in (APPLICANT, MANAGER):
        client = api.as_(login)
        sample = {"project": "mobile-banking", "applicant": APPLICANT}
        assert client.get("/v1/approval-policy").status_code == 403
        assert client.post("/v1/approval-policy/simulate", json=sample).status_code == 403
        assert client.post("/v1/approval-policy/proposals", json={"note": "x", "rules": RULES}).status_code == 403
