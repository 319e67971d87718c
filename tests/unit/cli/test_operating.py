"""What operators do at the terminal: look at what is stuck and decide, set lanes, have orphans removed."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from jinyun.audit.models import AuditRecord
from jinyun.catalog.models import StorageTier
from jinyun.inventory.models import Orphan
from jinyun.inventory.steps import FindOrphans
from jinyun.kit.actor import PLATFORM
from jinyun.kit.clock import utc_now
from jinyun.operations import service as operations
from jinyun.operations.models import Alarm, Breaker, Lane, OperationRow, OperationStep
from jinyun.regions.models import Region
from jinyun.volumes.models import Volume
from tests.api import APPLICANT, OPERATOR
from tests.unit.cli.conftest import Jinyun, Said, Served, paths

SignIn = Callable[..., None]


@pytest.fixture
def region_id(served: Served, sign_in: SignIn) -> str:
    """The id of a region; the operator is signed in, and so is an applicant."""
    sign_in(OPERATOR, APPLICANT)

    def make(session: Any) -> str:
        region = Region(code="sim", name="Sim", provider="simulated", public={}, simulated=True, state="ready")
        session.add(region)
        session.flush()
        return region.id

    return served.database.write(make)


@pytest.fixture
def stuck(served: Served, region_id: str) -> str:
    """The id of an operation that needs an operator."""

    def make(session: Any) -> str:
        row = operations.start(session, PLATFORM, FindOrphans, parameters={"region_id": region_id}, subjects=[])
        row.state = "needs_operator"
        operations.start(session, PLATFORM, FindOrphans, parameters={"region_id": region_id}, subjects=[])
        return row.id

    return served.database.write(make)


def items(said: Said) -> list[dict[str, Any]]:
    assert said.code == 0, said.err
    listed: list[dict[str, Any]] = json.loads(said.out)["items"]
    return listed


def audited(served: Served, action: str) -> list[AuditRecord]:
    noted = select(AuditRecord).where(AuditRecord.action == action)
    return served.database.read(lambda session: list(session.scalars(noted)))


def put(served: Served, *rows: object) -> None:
    served.database.write(lambda session: session.add_all(rows))


def volume(served: Served, region_id: str, **more: Any) -> str:
    def make(session: Any) -> str:
        tier = StorageTier(code="general", name="General")
        session.add(tier)
        session.flush()
        owner = {"project_id": served.bank.project_id("mobile-banking"), "region_id": region_id}
        row = Volume(name="data", size_gib=1, tier_id=tier.id, **owner, **more)
        session.add(row)
        session.flush()
        return row.id

    return served.database.write(make)


def test_what_is_stuck_is_listed(jinyun: Jinyun, stuck: str) -> None:
    assert [each["id"] for each in items(jinyun("operation", "list", "--stuck", "-o", "json"))] == [stuck]
    assert len(items(jinyun("operation", "list", "-o", "json"))) == 2


@pytest.mark.parametrize(("verb", "state"), [("skip", "running"), ("undo", "undoing")])
def test_an_operator_decides_and_says_why(served: Served, jinyun: Jinyun, stuck: str, verb: str, state: str) -> None:
    assert jinyun("operation", verb, stuck).code == 2
    said = jinyun("operation", verb, stuck, "--reason", "seen to it", "-o", "json")
    assert json.loads(said.out)["state"] == state
    (record,) = audited(served, f"operation.{verb}")
    assert (record.after or {})["reason"] == "seen to it"
    assert jinyun("operation", verb, stuck, "--reason", "again").code == 1


def test_a_lane_is_shown_and_set(served: Served, jinyun: Jinyun, region_id: str) -> None:
    put(served, Lane(name="array/sim/general", ceiling=2, allowance=1.0, shares={}))
    assert "array/sim/general" in jinyun("lane", "list").out
    said = jinyun("lane", "set", "array/sim/general", "--ceiling", "6", "--floor", "2", "-o", "json")
    assert (json.loads(said.out)["ceiling"], json.loads(said.out)["floor"]) == (6, 2)
    assert jinyun("lane", "set", "array/sim/none", "--ceiling", "6").code == 1


def test_backends_and_alarms_are_shown(served: Served, jinyun: Jinyun, region_id: str) -> None:
    put(served, Breaker(backend="sim", failures=4, opened_at=utc_now(), problem={"en": "no route", "zh": "不通"}))
    text = {"en": "sim is down", "zh": "sim 不可用"}
    past = {"raised_at": utc_now(), "cleared_at": utc_now()}
    put(served, Alarm(kind="backend-down", subject="sim", text=text, raised_at=utc_now()))
    put(served, Alarm(kind="backend-down", subject="old", text=text, **past))
    assert "no route" in jinyun("backend", "list").out
    assert [each["subject"] for each in items(jinyun("alarm", "list", "-o", "json"))] == ["sim"]
    assert len(items(jinyun("alarm", "list", "--all", "-o", "json"))) == 2


def test_an_orphan_is_listed_and_its_removal_asked_for(
    served: Served, jinyun: Jinyun, region_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"region_id": region_id, "kind": "volume", "external_project_id": "p", "token": "jy-x", "evidence": "free"}
    seen = {"first_seen_at": utc_now(), "last_seen_at": utc_now()}
    for external_id, state in (("a", "confirmed"), ("b", "gone")):
        put(served, Orphan(external_id=external_id, name=external_id, state=state, **found, **seen))
    (orphan,) = items(jinyun("orphan", "list", "--region", "sim", "-o", "json"))
    assert orphan["external_id"] == "a"
    assert [each["name"] for each in items(jinyun("orphan", "list", "--state", "gone", "-o", "json"))] == ["b"]
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert jinyun("orphan", "clean", orphan["id"]).code == 1
    assert audited(served, "orphan.clean") == [], "he did not say yes"
    assert jinyun("orphan", "clean", orphan["id"], "-y", "--no-wait").code == 0
    assert len(audited(served, "orphan.clean")) == 1
    assert jinyun("-p", APPLICANT, "orphan", "list").code == 1


def test_a_region_is_looked_at_once_at_a_time(jinyun: Jinyun, region_id: str) -> None:
    assert jinyun("region", "find-orphans", "sim", "--no-wait").code == 0
    said = jinyun("region", "find-orphans", "sim", "--no-wait")
    assert said.code == 1
    assert "busy" in said.err


def test_a_volume_is_detached_from_wherever_it_is(served: Served, jinyun: Jinyun, region_id: str) -> None:
    volume_id = volume(served, region_id, state="attached", server_hostname="app-01")
    assert jinyun("volume", "detach", "data").code == 1
    asked = paths(served.trouble.seen, "GET")[-2:]
    assert asked == ["/v1/volumes", "/v1/servers"], "the volume by its name, then the server that it is on"
    assert json.loads(jinyun("volume", "show", volume_id, "-o", "json").out)["server"] == "app-01"


def test_a_free_volume_cannot_be_detached(served: Served, jinyun: Jinyun, region_id: str) -> None:
    volume(served, region_id, state="available")
    said = jinyun("volume", "detach", "data")
    assert (said.code, paths(served.trouble.seen, "DELETE")) == (1, [])
    assert "on no server" in said.err


def test_a_queued_step_shows_its_place(served: Served, jinyun: Jinyun, stuck: str) -> None:
    def done(session: Any) -> None:
        session.query(OperationStep).filter_by(operation_id=stuck).one().state = "queued"
        session.get_one(OperationRow, stuck).state = "running"

    served.database.write(done)
    said = jinyun("operation", "show", stuck)
    assert "may begin" in said.out
    assert json.loads(jinyun("operation", "show", stuck, "-o", "json").out)["steps"][0]["expected_start"] is None
