"""Somebody switches a managed server off past Jinyun: it is found within five seconds, and reverted."""

import time
from collections.abc import Iterator

import pytest

from jinyun.cli.client import Client, Document
from jinyun.kit.ids import new_id
from lab.facts import ZONES
from tests.contract.waiting import wait_until
from tests.lab.cloud import Cloud
from tests.lab.desk import Desk
from tests.lab.installation import OPERATOR, REGION, client

pytestmark = pytest.mark.lab
SEEN_SECONDS = 5.0


@pytest.fixture
def managed(cloud: Cloud, desk: Desk) -> Iterator[Document]:
    """A server that was made past Jinyun, adopted, and managed."""
    name = f"outside-{new_id()[-12:]}"
    external_id = cloud.make_server(name, ZONES[1].name)
    operator = client(OPERATOR)
    seen = {"region": REGION, "name": name, "power": "on"}
    wait_until(lambda: list(operator.items("/v1/observed", **seen)), bool, within=60, every=0.3)
    adopted = adopt(operator, desk, name)
    yield operator.post(f"/v1/servers/{adopted}/promote", {})
    desk.succeeded(operator.post(f"/v1/servers/{adopted}/unadopt", {}))
    cloud.delete_server(external_id)


def adopt(operator: Client, desk: Desk, name: str) -> str:
    machines = [{"machine": name, "region": REGION}]
    batch = operator.post("/v1/adoptions", {"project": desk.project, "machines": machines})
    chains = {part["chain_id"] for part in batch["parts"]}
    todo = next(todo for todo in desk.manager.items("/v1/todos") if todo["chain_id"] in chains)
    decision = {"digest": todo["digest"], "comment": "a test"}
    desk.manager.post(f"/v1/assignments/{todo['assignment_id']}/approve", decision)
    path = f"/v1/adoptions/{batch['id']}"
    wait_until(lambda: operator.get(path), lambda seen: seen["state"] == "ended", within=60, every=0.3)
    (line,) = operator.items(f"{path}/lines")
    assert line["state"] == "adopted", line
    return str(line["server_id"])


def test_power_is_found_within_five_seconds_and_reverted(cloud: Cloud, desk: Desk, managed: Document) -> None:
    def power() -> list[Document]:
        return [each for each in desk.applicant.items("/v1/drifts", server=managed["id"]) if each["field"] == "power"]

    cloud.stop_server(managed["external_id"])
    began = time.monotonic()
    (drift,) = wait_until(power, bool, within=30, every=0.1)
    assert time.monotonic() - began < SEEN_SECONDS
    assert (drift["expected"], drift["found"]) == ("on", "off")
    desk.succeeded(desk.applicant.post(f"/v1/drifts/{drift['id']}/revert", {}))
    path = f"/v1/drifts/{drift['id']}"
    wait_until(lambda: desk.applicant.get(path), lambda seen: seen["state"] == "reverted", within=60, every=0.3)
