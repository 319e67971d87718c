"""A server is given back by an order: also where somebody is at it when the approval comes."""

import pytest

from jinyun.orders import references
from tests.api import APPLICANT, FOREIGN_APPLICANT, MANAGER
from tests.stories.stage import Stage, a_server, await_that, decide, new_order

ALL = {"name": "all", "stages": [{"approvers": [{"by": "department-head"}]}]}


@pytest.fixture(scope="module", autouse=True)
def _all_is_approved(stage: Stage) -> None:
    stage.adopt_rules({"name": "power", "when": {"kinds": ["server-reboot"]}, "approval": "none"}, ALL)


def delivered(stage: Stage, hostname: str) -> str:
    """Deliver a server, and return its address in the API."""
    order = stage.deliver(APPLICANT, a_server(hostname))
    return f"/v1/servers/{order['items'][0]['allocation']['server_id']}"


def test_what_is_released_goes_to_the_recycle_bin(stage: Stage) -> None:
    applicant, server = stage.as_(APPLICANT), delivered(stage, "release-1")
    released = new_order({"kind": "release", "hostname": "release-1"})
    order = applicant.post("/v1/orders", released, 201)
    assert order["monthly_cost"] == "0.00"
    assert applicant.get(server)["state"] == "active"
    decide(stage.as_(MANAGER), order, "approve")
    applicant.becomes(f"/v1/orders/{order['id']}", "state", "delivered")
    assert applicant.get(server)["state"] == "recycled"
    refused = applicant.post("/v1/orders", released, 409)
    assert (refused["code"], refused["field"]) == ("wrong-server-state", "items.0")
    assert applicant.post("/v1/orders", new_order({"kind": "release", "hostname": "nowhere"}), 404)
    foreign = stage.as_(FOREIGN_APPLICANT)
    project = foreign.get("/v1/projects")["items"][0]["code"]
    assert foreign.post("/v1/orders", released | {"project": project}, 404)["field"] == "items.0.hostname"


def test_an_approval_waits_for_who_is_at_the_server(stage: Stage) -> None:
    applicant, server = stage.as_(APPLICANT), delivered(stage, "release-2")
    order = applicant.post("/v1/orders", new_order({"kind": "release", "hostname": "release-2"}), 201)
    reboot = applicant.post(f"{server}/reboot", {"hard": True}, 202)
    decide(stage.as_(MANAGER), order, "approve")
    applicant.done(reboot)

    def is_recycled() -> bool:
        references.go_on_due(stage.database)
        return bool(applicant.get(server)["state"] == "recycled")

    await_that(is_recycled, "the server goes to the recycle bin")
    applicant.becomes(f"/v1/orders/{order['id']}", "state", "delivered")
