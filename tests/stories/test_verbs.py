"""What an owner may do with a server, what not in which state, and how an operation is stopped."""

from typing import Any

import pytest

from jinyun.providers.simulated.faults import FaultKind, clear_faults, set_fault, set_pace
from jinyun.servers.states import DELIVERED, RUNGS, VERBS
from tests.api import APPLICANT, MANAGER, OPERATOR
from tests.stories.stage import Caller, Stage, a_server, a_volume, await_that, decide

PATHS: dict[str, tuple[str, str, dict[str, object] | None]] = {
    "start": ("POST", "/start", None),
    "stop": ("POST", "/stop", None),
    "reboot": ("POST", "/reboot", {"hard": True}),
    "resize": ("POST", "/resize", {"flavor": "m1.medium"}),
    "attach": ("POST", "/volumes", {"volume_id": "00000000-0000-7000-8000-000000000000"}),
    "detach": ("DELETE", "/volumes/00000000-0000-7000-8000-000000000000", None),
    "console": ("POST", "/console", None),
    "log": ("POST", "/console-output", {"lines": 10}),
    "delete": ("DELETE", "", None),
    "restore": ("POST", "/restore", None),
    "purge": ("POST", "/purge", {}),
}


class Owner:
    """Li Wei with one of his servers."""

    def __init__(self, stage: Stage, hostname: str, *volumes: dict[str, object]) -> None:
        stage.deliver(APPLICANT, a_server(hostname, *volumes))
        self.caller: Caller = stage.as_(APPLICANT)
        self.id: str = self.caller.get("/v1/servers", hostname=hostname)["items"][0]["id"]
        self.path = f"/v1/servers/{self.id}"

    def does(self, verb: str, status: int = 202, **body: Any) -> dict[str, object]:
        method, path, usual = PATHS[verb]
        answer: dict[str, object] = self.caller.send(method, self.path + path, body or usual, status)
        return answer

    def did(self, verb: str, **body: Any) -> dict[str, object]:
        self.caller.done(self.does(verb, **body))
        server: dict[str, object] = self.caller.get(self.path)
        return server


@pytest.fixture(scope="module")
def owner(stage: Stage) -> Owner:
    return Owner(stage, "verbs-1", {"tier": "general", "size_gib": 1, "name": "verbs-data"})


def test_every_verb_in_its_turn(stage: Stage, owner: Owner) -> None:
    assert owner.did("stop")["state"] == "stopped"
    assert owner.did("start")["state"] == "active"
    assert owner.did("reboot", hard=False)["state"] == "active"
    assert owner.did("reboot")["state"] == "active"
    order = owner.does("resize")
    decide(stage.as_(MANAGER), order, "approve")
    owner.caller.becomes(str(order["link"]), "state", "delivered")
    assert owner.caller.get(owner.path)["flavor"] == "m1.medium"
    volume = owner.caller.get(owner.path)["volumes"][0]["volume_id"]
    owner.caller.done(owner.caller.send("DELETE", f"{owner.path}/volumes/{volume}", None, 202))
    assert owner.caller.get(f"/v1/volumes/{volume}")["state"] == "available"
    assert owner.did("attach", volume_id=volume)["volumes"]
    reading = owner.caller.done(owner.does("log", lines=5))
    output = owner.caller.get(f"{owner.path}/console-output/{reading['id']}")
    assert 1 <= len(output["output"].splitlines()) <= 5
    ticket = owner.does("console", 201)
    assert str(ticket["websocket_url"]).startswith(stage.url.replace("http", "ws"))


@pytest.mark.parametrize("state", ["active", "stopped", "recycled"])
def test_a_verb_in_the_wrong_state_says_when_it_is_possible(stage: Stage, owner: Owner, state: str) -> None:
    into = {"stopped": "stop", "recycled": "delete"}
    if state in into:
        assert owner.did(into[state])["state"] == state
    for verb in (verb for verb in RUNGS[DELIVERED] if state not in VERBS[verb]):
        problem = owner.does(verb, 409)
        assert problem["code"] == "wrong-server-state", verb
        assert all(possible in str(problem["hint"]) for possible in VERBS[verb])
    if state == "recycled":
        assert owner.did("restore")["state"] == "active"


def test_what_a_verb_cannot_be_asked(owner: Owner) -> None:
    flavor = owner.caller.get(owner.path)["flavor"]
    assert owner.does("resize", 409, flavor=flavor)["code"] == "same-flavor"
    assert owner.does("resize", 422, flavor="m1.nano")["code"] == "smaller-disk"
    assert owner.does("resize", 422, flavor="m9.giant")["code"] == "unknown-flavor"
    assert owner.does("attach", 404)["code"] == "not-found"
    assert owner.does("detach", 404)["code"] == "not-found"
    assert owner.does("log", 422, lines=0)["field"] == "lines"
    assert owner.does("reboot", 422, hard="harder")["field"] == "hard"
    assert owner.caller.send("POST", f"{owner.path}/reboot", None, 422)["code"] == "malformed-request"


def test_a_volume_is_on_one_server_and_of_one_application_system(stage: Stage, owner: Owner) -> None:
    stage.deliver(APPLICANT, a_volume("elsewhere"), project="credit-card")
    volumes = {volume["name"]: volume["id"] for volume in owner.caller.all_of("/v1/volumes")}
    assert owner.does("attach", 409, volume_id=volumes["elsewhere"])["code"] == "volume-elsewhere"
    assert owner.does("attach", 409, volume_id=volumes["verbs-data"])["code"] == "volume-in-use"
    path = f"{owner.path}/volumes/{volumes['elsewhere']}"
    assert owner.caller.send("DELETE", path, None, 409)["code"] == "not-attached"
    attached = f"/v1/volumes/{volumes['verbs-data']}"
    assert owner.caller.send("DELETE", attached, None, 409)["code"] == "volume-in-use"


def test_a_busy_server_names_the_operation_that_has_it(stage: Stage, owner: Owner) -> None:
    set_fault(stage.world, "server.stop", FaultKind.DOWN)
    stopping = owner.does("stop")
    problem = owner.does("reboot", 409)
    assert problem["code"] == "subject-busy"
    assert str(stopping["id"]) in str(problem["detail"])
    assert owner.caller.get(owner.path)["operation_id"] == stopping["id"]
    clear_faults(stage.world)
    owner.caller.done(stopping)
    assert owner.did("start")["operation_id"] is None


def test_a_delivery_is_cancelled_in_its_middle(stage: Stage) -> None:
    set_pace(stage.world, "server.create", call_seconds=0, work_seconds=60)
    order = stage.approved(APPLICANT, a_server("cancelled-1", {"tier": "low", "size_gib": 1}))
    path = f"/v1/operations/{order['items'][0]['operation_id']}"
    await_that(lambda: bool(stage.in_world("server", "name = 'cancelled-1'")), "the region builds it")
    applicant = stage.as_(APPLICANT)
    assert applicant.post(f"{path}/cancel", None, 202)["cancel_requested"]
    applicant.becomes(path, "state", "cancelled")
    set_pace(stage.world, "server.create", call_seconds=0, work_seconds=0.04)

    assert applicant.get(f"/v1/orders/{order['id']}")["state"] == "failed"
    assert applicant.post(f"{path}/cancel", None, 409)["code"] == "operation-not-active"
    assert stage.nothing_left_of("cancelled-1")
    assert stage.nothing_is_held()


def test_a_delivery_is_cancelled_before_it_began(stage: Stage) -> None:
    set_fault(stage.world, "project.ensure", FaultKind.DOWN)
    server = a_server("cancelled-2", {"tier": "low", "size_gib": 1})
    order = stage.approved(APPLICANT, server, project="mobile-banking")
    applicant = stage.as_(APPLICANT)
    path = f"/v1/operations/{order['items'][0]['operation_id']}"
    applicant.post(f"{path}/cancel", None, 202)
    applicant.becomes(path, "state", "cancelled")
    clear_faults(stage.world)
    assert stage.nothing_is_held()
    assert applicant.all_of("/v1/volumes", project="mobile-banking") == []
    assert applicant.all_of("/v1/servers", project="mobile-banking") == []


def test_only_who_may_cancels_and_only_operators_retry(stage: Stage, owner: Owner) -> None:
    set_fault(stage.world, "server.stop", FaultKind.DOWN)
    path = f"/v1/operations/{owner.does('stop')['id']}"
    assert stage.as_(MANAGER).post(f"{path}/retry", None, 403)["code"] == "forbidden"
    assert stage.as_("chen.yu").post(f"{path}/cancel", None, 404)["code"] == "not-found"
    assert stage.as_(OPERATOR).post(f"{path}/retry", None, 409)["code"] == "nothing-to-decide"
    clear_faults(stage.world)
    owner.caller.becomes(path, "state", "succeeded")
    owner.did("start")


def test_what_nobody_foresaw_waits_for_an_operator_and_goes_on(
    stage: Stage, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("jinyun.providers.simulated.compute.SimulatedCompute.stop", None)
        operation = owner.does("stop")
        path = f"/v1/operations/{operation['id']}"
        stopped = owner.caller.becomes(path, "state", "needs_operator")
    assert stopped["problem"]["code"] == "unforeseen"
    chinese = stage.as_(APPLICANT, language="zh").get(path)
    assert chinese["problem"]["text"].startswith("发生了意外情况")
    assert owner.does("start", 409)["code"] in {"wrong-server-state", "subject-busy"}
    assert owner.caller.post(f"{path}/retry", None, 403)["code"] == "forbidden"
    stage.as_(OPERATOR).post(f"{path}/retry", None, 202)
    owner.caller.becomes(path, "state", "succeeded")
    assert owner.caller.get(owner.path)["state"] == "stopped"
