"""Stories without anything that YAML cannot tell; each begins where nothing is ordered yet."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from jinyun.access import passwords
from jinyun.access.models import PersonSession
from jinyun.kit.clock import utc_now
from jinyun.organisation.models import Person
from tests.api import APPLICANT
from tests.stories.stage import Stage, a_server
from tests.stories.telling import tell

HERE = Path(__file__).parent
PASSWORD = "a password for one story"


STORIES = (
    "decisions",
    "chain_verbs",
    "bad_orders",
    "quotas",
    "bad_requests",
    "prices",
    "references",
    "changes",
    "security_groups",
)


@pytest.mark.parametrize("story", STORIES)
def test_told_in_yaml(stage: Stage, story: str) -> None:
    tell(stage, HERE / f"{story}.yaml")


def test_ways_in(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def prepare(session: Session) -> None:
        passwords.set_password(session, stage.person_id(APPLICANT), PASSWORD)
        session.execute(update(Person).where(Person.login == "gao.yuan").values(active=False))
        late = update(PersonSession).where(PersonSession.person_id == stage.person_id("he.min"))
        session.execute(late.values(expires_at=utc_now() - timedelta(seconds=1)))

    monkeypatch.setenv("EXPIRED_TOKEN", stage.token("he.min"))
    monkeypatch.setenv("TOKEN_OF_ONE_WHO_LEFT", stage.token("gao.yuan"))
    monkeypatch.setenv("LONG_PASSWORD", "x" * 1025)
    monkeypatch.setenv("PASSWORD", PASSWORD)
    stage.database.write(prepare)
    tell(stage, HERE / "ways_in.yaml")


def test_visibility(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    order = stage.deliver(APPLICANT, a_server("visible-1", {"tier": "general", "size_gib": 1}))
    server = stage.as_(APPLICANT).get("/v1/servers", hostname="visible-1")["items"][0]["id"]
    detail = stage.as_(APPLICANT).get(f"/v1/servers/{server}")
    for name, value in {
        "SERVER": server,
        "VOLUME": detail["volumes"][0]["volume_id"],
        "ORDER": order["id"],
        "CHAIN": order["chain_id"],
        "OPERATION": order["items"][0]["operation_id"],
    }.items():
        monkeypatch.setenv(name, value)
    tell(stage, HERE / "visibility.yaml")
