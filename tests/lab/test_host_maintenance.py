"""A hypervisor of the real cloud is emptied by live migration, and a server group keeps its servers apart meanwhile."""

from collections.abc import Iterator

import pytest

from jinyun.cli.client import Document
from tests.contract.waiting import wait_until
from tests.lab.cloud import Cloud
from tests.lab.desk import ENDED, Desk, a_server
from tests.lab.installation import OPERATOR, REGION, client

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("moving_pool")]


@pytest.fixture(scope="module")
def apart(desk: Desk) -> Iterator[list[Document]]:
    """Two servers that must not share a host."""
    body = {"project": desk.project, "name": desk.series, "affinity": "anti-affinity"}
    group = desk.applicant.post("/v1/server-groups", body)
    wishes = [a_server(desk.hostname(f"apart-{number}"), zone="az-moving") for number in range(2)]
    yield desk.delivered(*[wish | {"server_group": desk.series} for wish in wishes])
    desk.clear()
    desk.applicant.delete(f"/v1/server-groups/{group['id']}")


def host_named(name: str) -> Document:
    operator = client(OPERATOR)
    host: Document = next(host for host in operator.items("/v1/hosts", region=REGION) if host["name"] == name)
    return host


def test_servers_of_a_group_are_on_different_hosts_of_the_cloud(cloud: Cloud, apart: list[Document]) -> None:
    hosts = [cloud.host_of(server["external_id"]) for server in apart]
    assert len(set(hosts)) == len(apart)
    assert [server["host"] for server in apart] == hosts


def done(operation: Document) -> None:
    """Wait until an operation that is the operators' alone has succeeded."""
    path = f"/v1/operations/{operation['id']}"
    ended = wait_until(lambda: client(OPERATOR).get(path), lambda seen: seen["state"] in ENDED, within=120, every=0.3)
    assert ended["state"] == "succeeded", ended


def maintained(host: Document) -> list[Document]:
    """Put a host into maintenance, and return what stays on it."""
    operator = client(OPERATOR)
    body = {"reason": "a new power supply", "force": True}
    done(operator.post(f"/v1/hosts/{host['id']}/maintain", body))
    staying: list[Document] = operator.get(f"/v1/hosts/{host['id']}")["maintenance"]["staying"]
    return staying


def test_a_host_is_emptied_by_live_migration_as_far_as_its_group_allows(
    cloud: Cloud, desk: Desk, apart: list[Document]
) -> None:
    staying_one, free = apart
    host, other = host_named(staying_one["host"]), free["host"]
    (moving,) = desk.delivered(a_server(desk.hostname("moving"), zone="az-moving"))
    while moving["host"] != host["name"]:
        (moving,) = desk.delivered(a_server(desk.hostname(f"moving-{len(desk.orders)}"), zone="az-moving"))
    try:
        (staying,) = maintained(host)
        assert staying["server_id"] == staying_one["id"]
        assert "server group" in staying["why"]
        assert cloud.host_of(moving["external_id"]) == other == desk.server_by_id(moving["id"])["host"]
        assert cloud.server(moving["external_id"]).status == "ACTIVE"
        assert cloud.closed_hosts() == [host["name"]]
        desk.recycle(free)
        desk.succeeded(desk.applicant.post(f"/v1/servers/{free['id']}/purge", {"with_volumes": True}))
        assert maintained(host) == []
        assert cloud.host_of(staying_one["external_id"]) == other
    finally:
        done(client(OPERATOR).post(f"/v1/hosts/{host['id']}/end-maintenance", {}))
    assert cloud.closed_hosts() == []
