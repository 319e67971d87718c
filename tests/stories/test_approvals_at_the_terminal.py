"""Everything that can be done on an approval, with the command line, as people do."""

from pathlib import Path

import pytest
import yaml

from jinyun.access.grants import Place, enter
from jinyun.kit.actor import PLATFORM
from jinyun.organisation.models import Person
from tests.api import APPLICANT, MANAGER, OPERATOR, SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR
from tests.stories.conftest import HEAD, SECOND, Jinyun
from tests.stories.stage import Stage, a_server, a_volume, new_order

Number = str


@pytest.fixture
def number(stage: Stage, request: pytest.FixtureRequest) -> Number:
    """The number of an order that the manager is asked to decide."""
    name = f"todo-{request.node.name.replace('_', '-')[:40]}"
    return str(stage.as_(APPLICANT).post("/v1/orders", new_order(a_volume(name)), 201)["number"])


def test_a_word_a_signer_and_a_transfer(jinyun: Jinyun, number: Number) -> None:
    manager = ("-p", MANAGER, "approval")
    assert OPERATOR not in jinyun("approval", "eligible", number, MANAGER)
    jinyun(*manager, "delegate", number, OPERATOR, "--comment", "is there room?")
    assert "is there room?" in jinyun("-p", OPERATOR, "notice", "list", "--unread")
    assert "there is" in jinyun("-p", OPERATOR, "approval", "answer", number, "--comment", "there is")
    assert "by friday" in jinyun("approval", "comment", number, "by friday")
    assert "Added by" in jinyun(*manager, "add-signer", number, OPERATOR, "--comment", "both of us")
    assert HEAD in jinyun(*manager, "transfer", number, HEAD, "--comment", "his since Monday")
    jinyun("-p", HEAD, "approve", number, "--yes")
    shown = jinyun("-p", OPERATOR, "approve", number, "--comment", "go on", "--yes")
    assert "approved" in shown
    log = jinyun("-p", MANAGER, "approval", "show", number)
    for verb in ("delegate", "answer", "comment", "add-signers", "transfer", "approve"):
        assert verb in log, verb


def test_back_to_the_applicant_who_has_another_one_asked(jinyun: Jinyun, number: Number) -> None:
    assert "returned" in jinyun("-p", MANAGER, "approval", "return", number, "--comment", "why?")
    jinyun("order", "resubmit", number)
    assert HEAD in jinyun("approval", "eligible", number, MANAGER)
    assert "she is ill" in jinyun("approval", "replace", number, MANAGER, HEAD, "--comment", "she is ill")
    assert number in jinyun("-p", HEAD, "todo")
    assert number not in jinyun("-p", MANAGER, "todo")
    assert "rejected" in jinyun("-p", HEAD, "reject", number, "--comment", "next year", "--yes")
    assert "next year" in jinyun("notice", "list")
    jinyun("notice", "read")
    assert "next year" not in jinyun("notice", "list", "--unread")


def test_a_deputy_is_appointed_decides_and_is_ended(stage: Stage, jinyun: Jinyun, number: Number) -> None:
    span = ("2020-01-01T08:00+0800", "2999-01-01T08:00+0800", "--reason", "leave")
    assert "leave" in jinyun("-p", MANAGER, "deputy", "appoint", SECOND, *span)
    assert number in jinyun("-p", SECOND, "todo")
    jinyun("-p", SECOND, "reject", number, "--comment", "not now", "--yes")
    name = stage.as_(MANAGER).get("/v1/deputies")["items"][0]["person_name"]
    assert name in jinyun("-p", SECOND, "deputy", "list")
    jinyun("-p", MANAGER, "deputy", "end", stage.as_(MANAGER).get("/v1/deputies")["items"][0]["id"])
    assert name not in jinyun("-p", SECOND, "deputy", "list")


def test_an_administrator_in_the_chain_places_and_a_queue_asks_once_for_each_yes(stage: Stage, jinyun: Jinyun) -> None:
    stage.adopt({"approvers": [{"by": "person", "login": OPERATOR}], "needs": 5})
    number = stage.as_(APPLICANT).post("/v1/orders", new_order(a_server("term-placed")), 201)["number"]
    there = ("--address", "10.20.0.123", "--comment", "kept for it")
    assert "10.20.0.123" in jinyun("-p", OPERATOR, "order", "place", number, "term-placed", *there)
    assert "survives the loss of a host" in jinyun("-p", OPERATOR, "approve", number, "--yes")
    assert jinyun("-o", "json", "-p", SECURITY_ADMINISTRATOR, "todo").count(f'"number": "{number}"') == 2
    jinyun("-p", SECURITY_ADMINISTRATOR, "approve", number, "--yes")
    assert "reallocate" in jinyun("approval", "show", number)
    assert "withdrawn" in jinyun("order", "withdraw", number)


def test_a_pool_gets_an_owner(jinyun: Jinyun) -> None:
    owner = ("-o", "json", "-p", SYSTEM_ADMINISTRATOR, "pool", "set", "kvm-key", "--owner")
    assert f'"person:{OPERATOR}"' in jinyun(*owner, f"person:{OPERATOR}")
    assert OPERATOR not in jinyun(*owner, "nobody")


def test_the_calendar_and_the_policy_are_kept_by_security_administrators(
    stage: Stage, jinyun: Jinyun, tmp_path: Path
) -> None:
    keeper = ("-p", SECURITY_ADMINISTRATOR)
    days, policy = tmp_path / "days.csv", tmp_path / "policy.yaml"
    days.write_text("day,kind,note\n2027-10-01,holiday,National Day\n2027-10-09,worked,for it\n")
    assert "2" in jinyun(*keeper, "calendar", "import", str(days))
    assert "National Day" in jinyun(*keeper, "calendar", "list")
    assert "rules:\n- name: " in jinyun(*keeper, "policy", "show")
    stages = [{"approvers": [{"by": "pool-owner"}, {"by": "person", "login": HEAD}], "needs": 2}]
    policy.write_text(yaml.safe_dump({"note": "two of us", "rules": [{"name": "two", "stages": stages}]}))
    sample = ("--project", "mobile-banking-test", "--applicant", APPLICANT, "--file", str(policy))
    simulated = jinyun(*keeper, "policy", "simulate", *sample, "--pool", "sim/kvm-general")
    assert "needs 2 people and finds 1" in simulated

    second = stage.person_id(SECOND)
    stage.database.write(
        lambda session: enter(
            session, PLATFORM, session.get_one(Person, second), "security_administrator", Place("system")
        )
    )
    jinyun(*keeper, "policy", "propose", str(policy))
    change = stage.as_(SECOND).get("/v1/access-changes")["items"][0]["id"]
    jinyun("-p", SECOND, "role", "confirm", change)
    assert "two of us" in jinyun(*keeper, "policy", "versions")
