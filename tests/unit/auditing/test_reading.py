"""The audit log as the auditor reads it."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jinyun.audit.models import AuditRecord
from jinyun.audit.sealer import seal_pending
from jinyun.audit.service import record
from jinyun.auditing.routes import router
from jinyun.kit.actor import PLATFORM, Actor, platform_for
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.ids import first_id_at, new_id
from jinyun.kit.vault import create_keys
from jinyun.organisation.models import Project
from tests.api import (
    APPLICANT,
    AUDITOR,
    MANAGER,
    OPERATOR,
    SECURITY_ADMINISTRATOR,
    SYSTEM_ADMINISTRATOR,
    Api,
    SampleBank,
    queries_of,
)

LI = Actor("01a203b5-60dd-77e7-98b3-2def9f7f51f2", "li", "李", source_address="10.0.0.1", request_id="r-1")
PROJECT = "01a203b5-60dd-77e7-98b3-2def9f7f51f3"


@pytest.fixture
def api(database: Database, tmp_path: Path) -> Api:
    made = Api(SampleBank(database), [router], tmp_path)
    create_keys(tmp_path)
    deeds = [
        (LI, "server.stop", ("server", "s-1", "web-1"), PROJECT),
        (LI.for_order("20270101-0001"), "order.submit", ("order", "o-1", "20270101-0001"), PROJECT),
        (platform_for("li", order_number="20270101-0001"), "order.end", ("order", "o-1", "20270101-0001"), None),
        (PLATFORM, "order_x.end", ("order", "o-2", "20270101-0002"), None),
    ]
    for actor, action, subject, project_id in deeds:
        database.write(
            lambda s, a=actor, b=action, c=subject, d=project_id: record(s, a, b, c, project_id=d, after={"x": 1})  # type: ignore[misc]
        )
    seal_pending(database, tmp_path)
    return made


def listed(api: Api, query: str) -> list[str]:
    answer = api.as_(AUDITOR).get(f"/v1/audit/records?{query}")
    assert answer.status_code == 200, answer.json()
    return [each["action"] for each in answer.json()["items"]]


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ("person=li", ["order.submit", "server.stop"]),
        ("on_behalf_of=li", ["order.end"]),
        ("action=order.", ["order.end", "order.submit"]),
        ("action=server.stop", ["server.stop"]),
        ("subject_kind=order&subject_id=o-1", ["order.end", "order.submit"]),
        (f"project={PROJECT}", ["order.submit", "server.stop"]),
        ("request_id=r-1", ["order.submit", "server.stop"]),
        ("order_number=20270101-0001", ["order.end", "order.submit"]),
        ("person=li&action=order.", ["order.submit"]),
        ("person=nobody", []),
    ],
)
def test_records_are_found_by_what_is_asked(api: Api, query: str, actions: list[str]) -> None:
    assert listed(api, query) == actions


def test_an_application_system_is_named_by_its_code_as_well(api: Api, database: Database) -> None:
    project_id = database.read(lambda s: s.scalars(select(Project.id).filter_by(code="mobile-banking")).one())
    database.write(lambda s: record(s, LI, "volume.delete", ("volume", "v-1", "data"), project_id=project_id))
    for query in ("project=mobile-banking&action=volume.", f"project={project_id}&action=volume."):
        assert listed(api, query) == ["volume.delete"]
    assert listed(api, "project=no-such-system") == []


def test_records_are_found_by_time(api: Api, database: Database) -> None:
    with_ids = database.read(lambda s: list(s.scalars(select(AuditRecord).filter_by(actor_login="li"))))
    assert {each.action for each in with_ids} == {"server.stop", "order.submit"}

    def move(session: Session) -> None:
        old = first_id_at(utc_now() - timedelta(days=2)) + new_id()[13:]
        session.execute(update(AuditRecord).where(AuditRecord.action == "server.stop").values(id=old))

    database.write(move)
    yesterday = (utc_now() - timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert listed(api, f"person=li&until={yesterday}") == ["server.stop"]
    assert listed(api, f"person=li&since={yesterday}") == ["order.submit"]


def test_no_id_lies_before_the_moment_at_which_it_was_made() -> None:
    before = utc_now()
    made = new_id()
    assert first_id_at(before) <= made < first_id_at(utc_now() + timedelta(milliseconds=2))


def test_a_page_follows_the_other_without_a_gap(api: Api) -> None:
    auditor, seen, query = api.as_(AUDITOR), [], "limit=3"
    while True:
        page = auditor.get(f"/v1/audit/records?{query}").json()
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        query = f"limit=3&after={page['next']}"
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) >= 10


def test_a_page_costs_one_query_besides_finding_out_who_asks(api: Api, database: Database) -> None:
    auditor = api.as_(AUDITOR)
    few = queries_of(database, auditor, "/v1/audit/records?limit=1")
    assert queries_of(database, auditor, "/v1/audit/records?limit=500&action=o") == few


def test_a_record_is_shown_whole(api: Api) -> None:
    auditor = api.as_(AUDITOR)
    (listed_one,) = auditor.get("/v1/audit/records?action=order.submit").json()["items"]
    shown = auditor.get(f"/v1/audit/records/{listed_one['id']}").json()
    assert listed_one.items() <= shown.items()
    assert (shown["after"], shown["before"], shown["order_number"]) == ({"x": 1}, None, "20270101-0001")
    assert len(shown["chain"]) == len(shown["digest"]) == 64
    assert auditor.get(f"/v1/audit/records/{new_id()}").status_code == 404


@pytest.mark.parametrize("login", [APPLICANT, MANAGER, OPERATOR, SYSTEM_ADMINISTRATOR, SECURITY_ADMINISTRATOR])
def test_nobody_else_reads_it(api: Api, login: str) -> None:
    assert api.as_(login).get("/v1/audit/records").status_code == 403
    assert api.as_(login).get(f"/v1/audit/records/{new_id()}").status_code == 403


@pytest.mark.parametrize("query", ["since=2027-01-01", "since=nonsense", "project=%00", "limit=0"])
def test_a_filter_that_makes_no_sense_is_refused(api: Api, query: str) -> None:
    assert api.as_(AUDITOR).get(f"/v1/audit/records?{query}").status_code == 422
