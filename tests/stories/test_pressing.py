"""Verbs with or without approval: the policy in force says which, and the answer says what became of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete

from jinyun.approvals.models import PolicyVersion
from tests.api import APPLICANT, MANAGER, OPERATOR, SECURITY_ADMINISTRATOR
from tests.stories.stage import Caller, Stage, a_server, a_volume, decide, new_order

ALL = {"name": "all", "stages": [{"approvers": [{"by": "department-head"}]}]}
SLOWLY = {"name": "not in production", "when": {"kinds": ["server-stop"], "environment": ["test"]}, "approval": "none"}


@pytest.fixture(scope="module")
def server(stage: Stage) -> str:
    """Return the address of a server of the application system."""
    order = stage.deliver(APPLICANT, a_server("press-1", {"tier": "general", "size_gib": 1}))
    return f"/v1/servers/{order['items'][0]['allocation']['server_id']}"


@pytest.fixture
def asked(stage: Stage) -> Iterator[None]:
    """Have everything approved."""
    stage.adopt_rules(ALL)
    yield
    stage.database.write(lambda session: session.execute(delete(PolicyVersion)))


def approved(stage: Stage, order: dict[str, Any]) -> None:
    decide(stage.as_(MANAGER), order, "approve")
    stage.as_(APPLICANT).becomes(order["link"], "state", "delivered")


@pytest.mark.usefixtures("asked")
def test_what_the_policy_wants_approved_becomes_an_order(stage: Stage, server: str) -> None:
    applicant = stage.as_(APPLICANT)
    order = applicant.post(f"{server}/stop", None, 202)
    assert (order["state"], order["applicant"], order["link"]) == (
        "pending_approval",
        APPLICANT,
        f"/v1/orders/{order['id']}",
    )
    assert order["purpose"] == "Shut press-1 down"
    assert applicant.get(server)["state"] == "active"
    approved(stage, order)
    assert applicant.get(server)["state"] == "stopped"
    volume = applicant.get(server)["volumes"][0]["volume_id"]
    approved(stage, applicant.send("DELETE", f"{server}/volumes/{volume}", None, 202))
    assert applicant.get(server)["volumes"] == []
    chinese = stage.as_(APPLICANT, language="zh").send("DELETE", server, None, 202)
    assert (chinese["purpose"], chinese["items"][0]["kind"]) == ("释放 press-1", "release")
    applicant.post(f"{chinese['link']}/withdraw", None, 200)


def test_what_needs_nobody_is_done_at_once_and_said_so_by_a_rule(stage: Stage, server: str) -> None:
    applicant = stage.as_(APPLICANT)
    order = applicant.post("/v1/orders", new_order({"kind": "server-start", "hostname": "press-1"}), 201)
    assert order["state"] == "delivering"
    applicant.becomes(f"/v1/orders/{order['id']}", "state", "delivered")
    chain = applicant.get(f"/v1/chains/{order['chain_id']}")
    assert (chain["state"], chain["rule"], chain["stages"]) == ("approved", "daily work", [])
    assert applicant.get(server)["state"] == "active"


@pytest.mark.usefixtures("asked")
def test_whoever_may_do_it_but_not_order_asks_as_well(stage: Stage, server: str) -> None:
    operator = stage.as_(OPERATOR)
    order = operator.post(f"{server}/stop", None, 202)
    assert (order["state"], order["applicant"]) == ("pending_approval", OPERATOR)
    operator.post(f"{order['link']}/withdraw", None, 200)


def test_a_word_for_one_kind_lets_nothing_else_pass(stage: Stage, server: str) -> None:
    applicant = stage.as_(APPLICANT)
    mixed = new_order({"kind": "server-stop", "hostname": "press-1"}, a_server("press-2"))
    order = applicant.post("/v1/orders", mixed, 201)
    assert order["state"] == "pending_approval"
    applicant.post(f"/v1/orders/{order['id']}/withdraw", None, 200)


def test_what_cannot_be_is_said_of_what_was_pressed(stage: Stage, server: str) -> None:
    applicant = stage.as_(APPLICANT)
    refused = applicant.post(f"{server}/resize", {"flavor": "m9.giant"}, 422)
    assert (refused["code"], refused["field"]) == ("unknown-flavor", "flavor")
    reboot = applicant.post(f"{server}/reboot", {"hard": True}, 202)
    busy = applicant.post(f"{server}/resize", {"flavor": "m1.medium"}, 409)
    assert (busy["code"], busy.get("field")) == ("subject-busy", None)
    applicant.done(reboot)


def test_a_volume_grows_and_is_kept_as_it_was(stage: Stage) -> None:
    applicant = stage.as_(APPLICANT)
    volume = f"/v1/volumes/{stage.deliver(APPLICANT, a_volume('press-data'))['items'][0]['allocation']['volume_id']}"
    order = applicant.post(f"{volume}/extend", {"size_gib": 2}, 202)
    assert (order["items"][0]["kind"], order["purpose"]) == ("extend", "Extend volume press-data to 2 GiB")
    approved(stage, order)
    assert applicant.get(volume)["size_gib"] == 2
    refused = applicant.post(f"{volume}/extend", {"size_gib": 2}, 422)
    assert (refused["code"], refused["field"]) == ("not-larger", "size_gib")
    approved(stage, applicant.post(f"{volume}/snapshots", {"name": "press-kept", "until": "2900-01-01"}, 202))
    (kept,) = applicant.get("/v1/snapshots", volume=volume.rpartition("/")[2])["items"]
    assert (kept["state"], kept["size_gib"], kept["expires_at"][:10]) == ("available", 2, "2900-01-01")
    assert applicant.send("DELETE", volume, None, 409)["code"] == "volume-has-snapshots"
    assert stage.as_("chen.yu").get(f"/v1/snapshots/{kept['id']}", 404)["code"] == "not-found"
    applicant.done(applicant.send("DELETE", f"/v1/snapshots/{kept['id']}", None, 202))
    applicant.done(applicant.send("DELETE", volume, None, 202))


def test_the_policy_s_word_is_simulated(stage: Stage) -> None:
    security: Caller = stage.as_(SECURITY_ADMINISTRATOR)
    sample = {"project": "mobile-banking-test", "applicant": APPLICANT, "kinds": ["server-stop"]}
    seen = security.post("/v1/approval-policy/simulate", sample, 200)
    assert (seen["rule"], seen["approval"], seen["stages"]) == ("daily work", "none", [])
    seen = security.post("/v1/approval-policy/simulate", sample | {"kinds": ["server-stop", "resize"]}, 200)
    assert (seen["rule"], seen["approval"]) == ("department manager", None)
    tried = sample | {"draft": {"rules": [SLOWLY, ALL]}, "project": "mobile-banking"}
    assert security.post("/v1/approval-policy/simulate", tried, 200)["rule"] == "all"
