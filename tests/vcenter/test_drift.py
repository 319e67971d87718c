"""Drift: what a colleague changes on a managed machine is found within seconds; somebody says what becomes of it."""

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from pyVmomi import vim

from jinyun.drift.service import reopen_due
from jinyun.kit.clock import utc_now
from tests.api import APPLICANT, AUDITOR, MANAGER, OPERATOR
from tests.stories.conftest import Jinyun
from tests.stories.stage import Caller
from tests.vcenter.conftest import Watched
from tests.vcenter.test_ladder import PROJECT, Asked

MACHINE = "risk-engine-08"
SEEN_SECONDS = 15.0


class Managed:
    """A managed server, its people, and a colleague who works at the vCenter itself."""

    def __init__(self, watched: Watched, server_id: str) -> None:
        self.watched, self.id = watched, server_id
        self.owner: Caller = watched.stage.as_(MANAGER)

    def drifts(self, **wanted: Any) -> dict[str, dict[str, Any]]:
        """Return what is different, by field."""
        found = self.owner.all_of("/v1/drifts", server=self.id, **wanted)
        return {each["field"]: each for each in found}

    def await_drift(self, field: str) -> dict[str, Any]:
        """Return a drift once it is found, which takes 15 seconds at most."""
        self.watched.until(lambda: field in self.drifts(), f"{field} drifts", SEEN_SECONDS)
        return self.drifts()[field]

    def await_end(self, drift: dict[str, Any], state: str) -> None:
        """Wait until a drift is over."""
        self.owner.becomes(f"/v1/drifts/{drift['id']}", "state", state)

    def decide(self, drift: dict[str, Any], verb: str, status: int = 200, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.owner.post(f"/v1/drifts/{drift['id']}/{verb}", body, status)
        return answer

    def changed(self, change: Any) -> None:
        """Have a colleague change the machine."""
        with self.watched.vcenter.as_colleague() as colleague:
            machine = colleague.machine(MACHINE)
            colleague.do(lambda: change(machine))


@pytest.fixture(scope="module")
def managed(watched: Watched) -> Managed:
    head = watched.stage.as_(MANAGER)
    body = {"project": PROJECT, "machines": [{"machine": MACHINE}]}
    line = Asked(watched, watched.operator.post("/v1/adoptions", body, 201)).decided(head, "approve")[MACHINE]
    watched.operator.post(f"/v1/servers/{line['server_id']}/promote", {}, 200)
    return Managed(watched, line["server_id"])


def test_what_is_as_expected_is_no_drift(managed: Managed) -> None:
    managed.watched.read_anew()
    assert managed.drifts(history=True) == {}


def test_power_drifts_is_told_and_reverted_by_an_operation(managed: Managed) -> None:
    managed.changed(lambda machine: machine.PowerOff())
    began = time.monotonic()
    drift = managed.await_drift("power")
    assert time.monotonic() - began < SEEN_SECONDS
    assert (drift["expected"], drift["found"], drift["state"]) == ("on", "off", "open")
    notices = managed.owner.all_of("/v1/notices")
    assert any("risk-engine-08" in each["subject"] for each in notices), "its owner or members hear of it"
    operation = managed.decide(drift, "revert", 202, comment="production")
    managed.decide(drift, "accept", 409)
    managed.owner.done(operation)
    managed.await_end(drift, "reverted")
    managed.watched.until(lambda: managed.watched.thing(MACHINE)["power"] == "on", "it runs again")
    over = managed.drifts(history=True)["power"]
    assert (over["decided_by"], over["comment"], over["operation_id"]) == (MANAGER, "production", operation["id"])


def test_a_move_to_another_host_is_reverted(managed: Managed) -> None:
    home = managed.watched.thing(MACHINE)["host"]

    def move(machine: Any) -> Any:
        hosts = machine.runtime.host.parent.host
        other = next(host for host in hosts if host._moId != machine.runtime.host._moId)
        return machine.RelocateVM_Task(vim.vm.RelocateSpec(host=other, pool=machine.runtime.host.parent.resourcePool))

    managed.changed(move)
    drift = managed.await_drift("host")
    assert drift["expected"] == home
    managed.owner.done(managed.decide(drift, "revert", 202))
    managed.await_end(drift, "reverted")
    assert managed.watched.operator.get(f"/v1/servers/{managed.id}")["host"] == home


def test_what_jinyun_does_itself_is_no_drift(managed: Managed) -> None:
    known = len(managed.owner.all_of("/v1/drifts", server=managed.id, history=True))
    for verb, power in (("stop", "off"), ("start", "on")):
        managed.owner.done(managed.owner.post(f"/v1/servers/{managed.id}/{verb}", {}, 202))
        managed.watched.until(lambda power=power: managed.watched.thing(MACHINE)["power"] == power, f"it is {power}")
    managed.watched.read_anew()
    assert len(managed.owner.all_of("/v1/drifts", server=managed.id, history=True)) == known


def test_cpus_are_accepted_and_count_from_then_on(managed: Managed) -> None:
    used = vcpus_of(managed)
    managed.changed(lambda machine: machine.Reconfigure(vim.vm.ConfigSpec(numCPUs=12)))
    drift = managed.await_drift("vcpus")
    assert managed.decide(drift, "accept", comment="agreed")["state"] == "accepted"
    assert managed.owner.get(f"/v1/servers/{managed.id}")["vcpus"] == 12
    assert vcpus_of(managed) == used + 12 - drift["expected"]
    managed.watched.read_anew()
    assert managed.drifts() == {}


def vcpus_of(managed: Managed) -> int:
    resources = managed.owner.get(f"/v1/quotas/{PROJECT}")["resources"]
    return int({each["resource"]: each for each in resources}["vcpus"]["used"])


def test_a_name_is_ignored_until_a_moment_and_settles_by_itself(managed: Managed) -> None:
    managed.changed(lambda machine: machine.Rename_Task("risk-engine-8b"))
    drift = managed.await_drift("name")
    assert managed.decide(drift, "revert", 409)["code"] == "not-revertible"
    managed.decide(drift, "ignore", 422, until="2026-01-01T00:00:00Z")
    later = (utc_now() + timedelta(milliseconds=300)).astimezone(UTC).isoformat()
    assert managed.decide(drift, "ignore", until=later)["state"] == "ignored"
    managed.watched.until(lambda: datetime.fromisoformat(later) < utc_now(), "the moment has come")
    assert reopen_due(managed.watched.stage.database) <= 1
    managed.await_end(drift, "open")
    with managed.watched.vcenter.as_colleague() as colleague:
        machine = colleague.machine("risk-engine-8b")
        colleague.do(lambda: machine.Rename_Task(MACHINE))
    managed.await_end(drift, "settled")


def test_only_who_may_decides(managed: Managed) -> None:
    managed.changed(lambda machine: machine.Reconfigure(vim.vm.ConfigSpec(memoryMB=20480)))
    drift = managed.await_drift("memory_mib")
    for login, status in ((AUDITOR, 404), ("he.min", 404)):
        caller = managed.watched.stage.as_(login)
        caller.post(f"/v1/drifts/{drift['id']}/accept", {}, status)
        caller.get(f"/v1/drifts/{drift['id']}", status)
    assert managed.watched.stage.as_(APPLICANT).get(f"/v1/drifts/{drift['id']}")["state"] == "open"


def test_the_inbox_at_the_terminal(managed: Managed, jinyun: Jinyun) -> None:
    as_operator = partial(jinyun, "-p", OPERATOR)
    assert "20480" in as_operator("drift", "list", "--server", MACHINE)
    drift = managed.drifts()["memory_mib"]["id"]
    assert "memory" in as_operator("drift", "show", drift)
    assert "ignored" in as_operator("drift", "ignore", drift, "--until", "2036-01-01T00:00:00+08:00")
    assert "accepted" in as_operator("drift", "accept", drift, "--comment", "ordered by phone")
    assert "on" in as_operator("drift", "list", "--history", "--state", "reverted")


def test_what_is_given_back_drifts_no_more(managed: Managed) -> None:
    managed.changed(lambda machine: machine.Reconfigure(vim.vm.ConfigSpec(numCPUs=4)))
    drift = managed.await_drift("vcpus")
    managed.watched.operator.done(managed.watched.operator.post(f"/v1/servers/{managed.id}/unadopt", {}, 202))
    managed.await_end(drift, "dropped")
