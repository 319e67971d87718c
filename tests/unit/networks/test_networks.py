from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import AlreadyExists, Forbidden, NotFound
from jinyun.networks import group_steps, groups, proposals, steps
from jinyun.networks import service as networks
from jinyun.networks.models import Network, NetworkProposal, SecurityGroup, SecurityGroupBinding
from jinyun.networks.routes import router
from jinyun.networks.schemas import Rule
from jinyun.operations.models import OperationRow
from jinyun.providers.registry import open_region
from tests.api import APPLICANT, AUDITOR, FOREIGN_APPLICANT, OPERATOR, Api, queries_of
from tests.unit.networks.conftest import Plan
from tests.working import run_operations

NEW = {
    "code": "mb-app",
    "name": "手机银行应用网段",
    "region": "sim-1",
    "project": "mobile-banking",
    "cidr": "10.50.0.0/24",
}


@pytest.fixture
def api(plan: Plan, tmp_path: Path) -> Api:
    return Api(plan.bank, [router], tmp_path)


@pytest.fixture
def operator(api: Api) -> TestClient:
    return api.as_(OPERATOR)


def observe(plan: Plan) -> None:
    plan.database.write(lambda session: proposals.on_region_observed(session, plan.observe()))


def proposal_of(client: TestClient, name: str) -> str:
    shown = client.get("/v1/network-proposals").json()["items"]
    return next(str(each["id"]) for each in shown if each["name"] == name)


def test_observed_networks_are_proposed_once_and_forgotten_when_gone(plan: Plan, operator: TestClient) -> None:
    observe(plan)
    observe(plan)
    shown = operator.get("/v1/network-proposals").json()["items"]
    assert [each["name"] for each in shown] == ["office-vlan-200", "prod-vlan-100"]
    assert shown[1]["subnets"] == [
        {"cidr": "10.20.0.0/20", "gateway": "10.20.0.1", "backend_pools": [["10.20.15.1", "10.20.15.254"]]}
    ]
    nothing = plan.observe().__class__(plan.region_id, (), (), (), ())
    plan.database.write(lambda session: proposals.on_region_observed(session, nothing))
    assert operator.get("/v1/network-proposals").json()["items"] == []


def test_an_accepted_network_hands_out_what_the_region_does_not(plan: Plan, operator: TestClient) -> None:
    observe(plan)
    body = {"code": "prod-100", "name": "生产网段"}
    answer = operator.post(f"/v1/network-proposals/{proposal_of(operator, 'prod-vlan-100')}/accept", json=body)
    assert answer.status_code == 201
    view = answer.json()
    assert (view["kind"], view["state"], view["vlan"], view["project"]) == ("provider", "ready", 100, None)
    assert view["subnets"][0]["ranges"] == [{"first": "10.20.0.2", "last": "10.20.15.0"}]
    assert view["subnets"][0]["free"] == 4094 - 1 - 254
    observe(plan)
    assert [each["name"] for each in operator.get("/v1/network-proposals").json()["items"]] == ["office-vlan-200"]


def test_an_operator_may_narrow_the_range_or_dismiss_the_network(plan: Plan, operator: TestClient) -> None:
    observe(plan)
    proposal_id = proposal_of(operator, "office-vlan-200")
    assert operator.post(f"/v1/network-proposals/{proposal_id}/dismiss").json()["state"] == "dismissed"
    observe(plan)
    assert operator.post(f"/v1/network-proposals/{proposal_id}/dismiss").json()["state"] == "dismissed"
    body = {"code": "office", "name": "Office", "range": {"first": "10.21.15.1", "last": "10.21.15.9"}}
    refused = operator.post(f"/v1/network-proposals/{proposal_id}/accept", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing-to-hand-out")
    body["range"] = {"first": "10.21.1.0", "last": "10.21.1.255"}
    view = operator.post(f"/v1/network-proposals/{proposal_id}/accept", json=body).json()
    assert view["subnets"][0]["ranges"] == [{"first": "10.21.1.0", "last": "10.21.1.255"}]


def test_one_plan_has_no_overlaps_and_no_code_twice(plan: Plan, operator: TestClient) -> None:
    plan.network("mine", "10.20.4.0/24", "10.20.4.2", "10.20.4.9")
    observe(plan)
    accept = f"/v1/network-proposals/{proposal_of(operator, 'prod-vlan-100')}/accept"
    answer = operator.post(accept, json={"code": "prod-100", "name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "subnet-overlaps")
    answer = operator.post("/v1/networks", json=NEW | {"code": "mine"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already-exists")


def test_a_network_is_made_in_the_region_and_then_hands_out(plan: Plan, operator: TestClient) -> None:
    answer = operator.post("/v1/networks", json=NEW)
    assert (answer.status_code, answer.json()["kind"]) == (202, "create-network")
    assert operator.get("/v1/networks/mb-app").json()["state"] == "creating"
    early = operator.post("/v1/networks/mb-app/addresses", json={"note": "too early"})
    assert (early.status_code, early.json()["code"]) == (409, "network-not-ready")
    run_operations(plan.database, steps.CreateNetwork)
    view = operator.get("/v1/networks/mb-app").json()
    assert (view["state"], view["kind"], view["project"]) == ("ready", "tenant", "mobile-banking")
    assert view["subnets"][0]["ranges"] == [{"first": "10.50.0.2", "last": "10.50.0.239"}]
    row = plan.database.read(lambda session: session.scalars(select(Network).filter_by(code="mb-app")).one())
    made = next(each for each in open_region(plan.world).inventory.networks() if each.id == row.external_id)
    assert (made.name, made.subnets[0].gateway) == ("mb-app", "10.50.0.1")
    observe(plan)
    assert "mb-app" not in operator.get("/v1/network-proposals").text


def test_a_network_that_the_region_refuses_leaves_no_trace(plan: Plan, operator: TestClient) -> None:
    taken = NEW | {"vlan": 100, "physical_network": "physnet1"}
    operation_id = operator.post("/v1/networks", json=taken).json()["id"]
    run_operations(plan.database, steps.CreateNetwork)
    operation = plan.database.read(lambda session: session.get_one(OperationRow, operation_id))
    assert operation.state == "failed"
    assert operator.get("/v1/networks/mb-app").status_code == 404
    assert len(open_region(plan.world).inventory.networks()) == 2
    assert operator.post("/v1/networks", json=NEW).status_code == 202


def test_a_network_that_cannot_be_is_refused_at_once(operator: TestClient) -> None:
    impossible: list[dict[str, object]] = [
        {"cidr": "10.50.0.0/29"},
        {"cidr": "10.50.0.1/24"},
        {"gateway": "10.51.0.1"},
        {"vlan": 7},
    ]
    for change in impossible:
        assert operator.post("/v1/networks", json=NEW | change).status_code == 422, change
    assert operator.post("/v1/networks", json=NEW | {"region": "none"}).status_code == 404
    everything = {"backend_pool": {"first": "10.50.0.2", "last": "10.50.0.254"}}
    assert operator.post("/v1/networks", json=NEW | everything).json()["code"] == "nothing-to-hand-out"


def test_people_see_the_networks_that_they_may_use(plan: Plan, api: Api) -> None:
    plan.network("all", "10.1.0.0/24", "10.1.0.2", "10.1.0.9")
    plan.network("own", "10.2.0.0/24", "10.2.0.2", "10.2.0.9", project_id=plan.bank.project_id("mobile-banking"))
    for login, codes in ((APPLICANT, ["all", "own"]), (FOREIGN_APPLICANT, ["all"]), (OPERATOR, ["all", "own"])):
        assert [each["code"] for each in api.as_(login).get("/v1/networks").json()["items"]] == codes
    assert api.as_(FOREIGN_APPLICANT).get("/v1/networks/own").status_code == 404
    assert api.as_(AUDITOR).get("/v1/networks").status_code == 403
    usable = api.as_(APPLICANT).get("/v1/networks?project=credit-card").json()["items"]
    assert [network["code"] for network in usable] == ["all"]
    assert api.as_(APPLICANT).get("/v1/networks/all/addresses").status_code == 403
    assert api.as_(APPLICANT).post("/v1/networks", json=NEW).status_code == 403


def test_a_page_of_networks_costs_a_fixed_number_of_queries(plan: Plan, operator: TestClient) -> None:
    plan.network("n1", "10.1.0.0/24", "10.1.0.2", "10.1.0.9")
    few = queries_of(plan.database, operator, "/v1/networks")
    for number in range(2, 6):
        plan.network(f"n{number}", f"10.{number}.0.0/24", f"10.{number}.0.2", f"10.{number}.0.9")
    assert queries_of(plan.database, operator, "/v1/networks") == few


def test_addresses_are_reserved_listed_and_given_back(plan: Plan, operator: TestClient) -> None:
    plan.network("all", "10.1.0.0/24", "10.1.0.2", "10.1.0.9")
    url = "/v1/networks/all/addresses"
    assert operator.post(url, json={"note": "F5", "address": "10.1.0.7"}).status_code == 201
    assert operator.post(url, json={"note": "VIP"}).json()["address"] == "10.1.0.2"
    taken = operator.post(url, json={"note": "again", "address": "10.1.0.7"})
    assert (taken.status_code, taken.json()["code"], taken.json()["field"]) == (409, "address-taken", "address")
    page = operator.get(url, params={"limit": 1}).json()
    rest = operator.get(url, params={"limit": 1, "after": page["next"]}).json()
    assert [each["address"] for each in (*page["items"], *rest["items"])] == ["10.1.0.2", "10.1.0.7"]
    assert operator.delete(f"{url}/10.1.0.7").status_code == 204
    assert operator.delete(f"{url}/10.1.0.7").status_code == 404


def test_only_reservations_are_given_back_by_hand(plan: Plan, operator: TestClient) -> None:
    network_id = plan.network("all", "10.1.0.0/24", "10.1.0.2", "10.1.0.9")
    plan.database.write(lambda session: networks.allocate(session, network_id, ("order_item", "x")))
    answer = operator.delete("/v1/networks/all/addresses/10.1.0.2")
    assert (answer.status_code, answer.json()["code"]) == (409, "address-not-reserved")


def test_the_standard_groups_are_there_once(plan: Plan, api: Api) -> None:
    for _ in range(2):
        plan.database.write(groups.ensure_standard_groups)
    shown = api.as_(APPLICANT).get("/v1/security-groups").json()["items"]
    assert [group["code"] for group in shown] == ["default-ssh", "web"]
    assert {rule["port_min"] for rule in shown[1]["rules"]} == {22, 80, 443, None}


def test_a_projects_own_group_comes_before_everyones(plan: Plan, operator: TestClient) -> None:
    plan.database.write(groups.ensure_standard_groups)
    rules = [
        {"direction": "ingress", "protocol": "tcp", "port_min": 8443, "port_max": 8443, "remote_cidr": "10.0.0.0/8"}
    ]
    body = {"code": "web", "name": "Own web", "project": "mobile-banking", "rules": rules}
    assert operator.post("/v1/security-groups", json=body).json()["project"] == "mobile-banking"
    again = operator.post("/v1/security-groups", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "already-exists")
    project_id, other_id = (plan.bank.project_id(code) for code in ("mobile-banking", "credit-card"))

    def names(session: Session, project: str) -> list[str]:
        return [group.name for group in groups.usable_groups(session, project, ["web", "default-ssh", "web"])]

    assert plan.database.read(lambda session: names(session, project_id))[0] == "Own web"
    assert plan.database.read(lambda session: names(session, other_id))[0] != "Own web"
    with pytest.raises(NotFound):
        plan.database.read(lambda session: groups.usable_groups(session, project_id, ["none"]))


@pytest.mark.parametrize(
    "rule",
    [
        {"direction": "ingress", "protocol": "icmp", "port_min": 1, "port_max": 2},
        {"direction": "ingress", "protocol": "tcp", "port_min": 9, "port_max": 2},
        {"direction": "ingress", "protocol": "tcp", "port_min": 9},
        {"direction": "sideways"},
        {"direction": "egress", "remote_cidr": "everywhere"},
    ],
)
def test_a_rule_that_means_nothing_is_refused(operator: TestClient, rule: dict[str, object]) -> None:
    body = {"code": "odd", "name": "Odd", "rules": [rule]}
    assert operator.post("/v1/security-groups", json=body).status_code == 422


def test_who_may_not_manage_networks_makes_no_group(plan: Plan) -> None:
    applicant, operator = plan.bank.actor(APPLICANT), plan.bank.actor(OPERATOR)
    rules = [Rule(direction="egress")]
    with pytest.raises(Forbidden):
        plan.database.write(lambda session: groups.create_group(session, applicant, "g", "G", rules))
    plan.database.write(lambda session: groups.create_group(session, operator, "g", "G", rules))
    with pytest.raises(AlreadyExists):
        plan.database.write(lambda session: groups.create_group(session, operator, "g", "G", rules))


@dataclass
class Delivery:
    """As much of a step as making a group needs."""

    database: Database
    token: str
    now: datetime = field(default_factory=utc_now)

    def read(self, work: Callable[[Session], Any]) -> Any:
        return self.database.read(work)

    def write(self, work: Callable[[Session], Any]) -> Any:
        return self.database.write(work)


@pytest.fixture
def give_group(plan: Plan) -> Callable[[Delivery], str | None]:
    """Have a delivery give an application system its group in the region."""
    plan.database.write(groups.ensure_standard_groups)
    project_id = plan.bank.project_id("mobile-banking")
    backend_project = open_region(plan.world).tenancy.ensure_project("jinyun-mobile-banking", "")
    scope = open_region(plan.world).project(backend_project)

    def give(delivery: Delivery) -> str | None:
        group_id = plan.database.read(
            lambda session: session.scalars(select(SecurityGroup.id).filter_by(code="web")).one()
        )
        return group_steps.ensure_security_group(
            delivery,  # type: ignore[arg-type]
            scope,
            plan.region_id,
            group_id,
            project_id,
        )

    return give


def test_a_group_is_given_to_a_project_in_the_region_once(
    plan: Plan, give_group: Callable[[Delivery], str | None]
) -> None:
    given = [give_group(Delivery(plan.database, token)) for token in ("jy-first", "jy-second")]
    assert given[0] == given[1]
    bindings = plan.database.read(lambda session: list(session.scalars(select(SecurityGroupBinding))))
    assert [binding.external_id for binding in bindings] == given[:1]


def test_one_delivery_makes_the_group_and_the_others_wait(
    plan: Plan, give_group: Callable[[Delivery], str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Delivery(plan.database, "jy-first"), Delivery(plan.database, "jy-second")
    with monkeypatch.context() as patch:
        patch.setattr(group_steps, "_note_group", lambda *_: pytest.fail("cut short"))
        with pytest.raises(pytest.fail.Exception):
            give_group(first)
    assert give_group(second) is None
    again = give_group(first)
    assert again is not None
    assert give_group(second) == again


def test_who_gave_up_does_not_keep_others_from_making_the_group(
    plan: Plan, give_group: Callable[[Delivery], str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(group_steps, "_note_group", lambda *_: pytest.fail("cut short"))
        with pytest.raises(pytest.fail.Exception):
            give_group(Delivery(plan.database, "jy-first"))
    later = utc_now() + group_steps.MAKING_LIMIT + timedelta(seconds=1)
    assert give_group(Delivery(plan.database, "jy-second", later)) is not None


def test_proposals_are_for_who_manages_networks(plan: Plan, api: Api) -> None:
    observe(plan)
    proposal_id = plan.database.read(lambda session: session.scalars(select(NetworkProposal.id)).first())
    applicant = api.as_(APPLICANT)
    assert applicant.get("/v1/network-proposals").status_code == 403
    assert applicant.post(f"/v1/network-proposals/{proposal_id}/dismiss").status_code == 403
    assert api.as_(OPERATOR).post(f"/v1/network-proposals/{plan.region_id}/dismiss").status_code == 404
