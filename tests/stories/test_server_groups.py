"""Servers of a group stay apart from one another, or together, whatever is done with them."""

from typing import Any

import pytest
from sqlalchemy import select

from jinyun.regions.models import Host
from tests.api import APPLICANT, MANAGER, OPERATOR
from tests.stories.stage import Caller, Stage, a_server, a_volume, decide, new_order

PROJECT = "mobile-banking-test"
GENERAL_HOSTS = 4


@pytest.fixture(scope="module")
def applicant(stage: Stage) -> Caller:
    return stage.as_(APPLICANT)


def a_group(applicant: Caller, name: str, affinity: str) -> dict[str, Any]:
    body = {"project": PROJECT, "name": name, "affinity": affinity}
    made: dict[str, Any] = applicant.post("/v1/server-groups", body, 201)
    assert (made["servers"], made["places"], made["kept"]) == ([], 0, True)
    return made


def hosts_of(stage: Stage, *hostnames: str) -> list[str]:
    """Return where servers really are."""
    return [stage.in_world("server", "name = ? AND status != 'deleted'", each)[0]["host"] for each in hostnames]


def members(group: str, *hostnames: str) -> list[dict[str, Any]]:
    return [a_server(each, server_group=group) for each in hostnames]


def rid_of(stage: Stage, applicant: Caller, *hostnames: str) -> None:
    for hostname in hostnames:
        server = applicant.get("/v1/servers", hostname=hostname)["items"][0]
        applicant.done(applicant.send("DELETE", f"/v1/servers/{server['id']}", None, 202))
        applicant.done(applicant.post(f"/v1/servers/{server['id']}/purge", {"with_volumes": True}, 202))


def test_servers_of_a_hard_group_never_share_a_host(stage: Stage, applicant: Caller) -> None:
    group = a_group(applicant, "db", "anti-affinity")
    names = [f"apart-{number}" for number in range(GENERAL_HOSTS)]
    stage.deliver(APPLICANT, *members("db", *names))
    assert len(set(hosts_of(stage, *names))) == GENERAL_HOSTS
    seen = applicant.get(f"/v1/server-groups/{group['id']}")
    assert ([each["hostname"] for each in seen["servers"]], seen["places"], seen["kept"]) == (names, 4, True)
    assert applicant.get("/v1/server-groups", project=PROJECT)["items"][0] == seen

    problem = applicant.post("/v1/orders", new_order(*members("db", "one-too-many")), 409)
    assert problem["code"] == "no-capacity"
    assert "server group" in problem["detail"]
    assert applicant.send("DELETE", f"/v1/server-groups/{group['id']}", None, 409)["code"] == "group-in-use"

    # a host cannot be emptied where the rule leaves no other, and it says so
    operator = stage.as_(OPERATOR)
    (name,) = hosts_of(stage, names[0])
    host = stage.database.read(lambda session: session.scalars(select(Host.id).filter_by(name=name)).one())
    operator.done(operator.post(f"/v1/hosts/{host}/maintain", {"reason": "a new fan", "force": True}, 202))
    (staying,) = operator.get(f"/v1/hosts/{host}")["maintenance"]["staying"]
    assert "server group" in staying["why"]
    operator.done(operator.post(f"/v1/hosts/{host}/end-maintenance", None, 202))

    rid_of(stage, applicant, names[1])
    operator.done(operator.post(f"/v1/hosts/{host}/maintain", {"reason": "a new fan", "force": True}, 202))
    assert operator.get(f"/v1/hosts/{host}")["maintenance"]["staying"] == []
    assert applicant.get(f"/v1/server-groups/{group['id']}")["kept"]
    operator.done(operator.post(f"/v1/hosts/{host}/end-maintenance", None, 202))

    rid_of(stage, applicant, names[0], *names[2:])
    applicant.send("DELETE", f"/v1/server-groups/{group['id']}", None, 204)
    applicant.get(f"/v1/server-groups/{group['id']}", 404)
    assert stage.nothing_is_held()


def test_a_host_is_held_with_the_order_and_given_back_with_it(stage: Stage, applicant: Caller) -> None:
    group = a_group(applicant, "queue", "anti-affinity")
    order = applicant.post("/v1/orders", new_order(*members("queue", "q-1", "q-2")), 201)
    held = [item["allocation"]["placement"]["chosen"]["host"] for item in order["items"]]
    assert len(set(held)) == 2
    todo = stage.as_(MANAGER).get("/v1/todos")["items"][0]
    assert todo["facts"]["items"][0]["server_group"] == "queue"
    assert applicant.get(f"/v1/server-groups/{group['id']}")["places"] == 2
    decide(stage.as_(MANAGER), order, "reject")
    assert applicant.get(f"/v1/server-groups/{group['id']}")["places"] == 0


def test_servers_that_belong_together_share_a_host(stage: Stage, applicant: Caller) -> None:
    a_group(applicant, "pair", "affinity")
    stage.deliver(APPLICANT, *members("pair", "pair-1", "pair-2", "pair-3"))
    assert len(set(hosts_of(stage, "pair-1", "pair-2", "pair-3"))) == 1
    rid_of(stage, applicant, "pair-1", "pair-2", "pair-3")


def test_a_soft_group_keeps_apart_while_it_can(stage: Stage, applicant: Caller) -> None:
    group = a_group(applicant, "web", "soft-anti-affinity")
    names = [f"soft-{number}" for number in range(GENERAL_HOSTS + 1)]
    stage.deliver(APPLICANT, *members("web", *names))
    assert len(set(hosts_of(stage, *names))) == GENERAL_HOSTS
    assert applicant.get(f"/v1/server-groups/{group['id']}")["kept"] is False
    rid_of(stage, applicant, *names)


def test_a_soft_group_keeps_together_while_it_can(stage: Stage, applicant: Caller) -> None:
    a_group(applicant, "near", "soft-affinity")
    stage.deliver(APPLICANT, *members("near", "near-1", "near-2"))
    assert len(set(hosts_of(stage, "near-1", "near-2"))) == 1
    rid_of(stage, applicant, "near-1", "near-2")


def test_a_group_of_nobody_or_of_others_is_refused(stage: Stage, applicant: Caller) -> None:
    problem = applicant.post("/v1/orders", new_order(*members("nowhere", "lost")), 404)
    assert (problem["code"], problem["field"]) == ("not-found", "items.0.server_group")
    a_group(applicant, "twice", "affinity")
    body = {"project": PROJECT, "name": "twice", "affinity": "affinity"}
    assert applicant.post("/v1/server-groups", body, 409)["code"] == "already-exists"
    stranger = stage.as_("chen.yu")
    assert stranger.post("/v1/server-groups", body, 404)["code"] == "not-found"
    assert stranger.get("/v1/server-groups")["items"] == []


def test_wishes_about_the_pool_are_kept_and_shown(stage: Stage, applicant: Caller) -> None:
    for wish, said in (
        ({"tags": ["gpu"]}, "without a wanted tag"),
        ({"licences": ["oracle"]}, "without the licence"),
        ({"hypervisor": "vmware"}, "of another kind"),
    ):
        problem = applicant.post("/v1/orders", new_order(a_server("wishful", **wish)), 409)
        assert said in problem["detail"]
    administrator = stage.as_("sun.hao")
    pool = next(each for each in administrator.get("/v1/pools")["items"] if each["name"] == "kvm-general")
    change: dict[str, Any] = {"tags": ["gpu", "old"], "licences": ["oracle"], "tiers": ["general", "low"]}
    stamp = {"If-Match": f'"{pool["version"]}"'}
    pool = administrator.send("PATCH", f"/v1/pools/{pool['id']}", change, 200, stamp)
    wishful = a_server("wishful", tags=["gpu"], licences=["oracle"])
    order = applicant.post("/v1/orders", new_order(wishful), 201)
    facts = stage.as_(MANAGER).get("/v1/todos")["items"][0]["facts"]["items"][0]
    assert (facts["tags"], facts["licences"]) == (["gpu"], ["oracle"])
    decide(stage.as_(MANAGER), order, "reject")
    problem = applicant.post("/v1/orders", new_order(a_server("wishful", without_tags=["old"])), 409)
    assert "with an unwanted tag" in problem["detail"]

    # a volume of the same order has to be reached from where its server is
    data = a_volume("far-data", tier="high") | {"attach_to": "wishful"}
    problem = applicant.post("/v1/orders", new_order(data, a_server("wishful")), 409)
    assert "out of the storage's reach" in problem["detail"]
    change = {"tags": [], "licences": [], "tiers": None}
    stamp = {"If-Match": f'"{pool["version"]}"'}
    administrator.send("PATCH", f"/v1/pools/{pool['id']}", change, 200, stamp)
    applicant.post("/v1/orders/estimate", new_order(data, a_server("wishful")), 200)
