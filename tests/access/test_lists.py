"""A list shows exactly what can be read one by one: nothing more, nothing less."""

from typing import Any

import pytest
from sqlalchemy import select

from jinyun.networks.models import Network
from jinyun.operations.models import OperationRow
from jinyun.orders.models import Order
from jinyun.organisation.models import Project
from jinyun.servers.models import Server
from jinyun.volumes.models import Volume
from tests.access.world import MIXED, PEOPLE, World

LISTS: dict[str, Any] = {
    "/v1/servers": Server.id,
    "/v1/volumes": Volume.id,
    "/v1/orders": Order.id,
    "/v1/operations": OperationRow.id,
    "/v1/projects": Project.id,
    "/v1/networks": Network.code,
}


@pytest.mark.parametrize("login", sorted({*PEOPLE.values(), *MIXED}))
@pytest.mark.parametrize("path", sorted(LISTS))
def test_a_list_shows_what_single_reads_allow(world: World, path: str, login: str) -> None:
    client, key = world.clients[login], LISTS[path]
    everything = world.database.read(lambda session: list(session.scalars(select(key))))
    assert everything
    one_by_one = {each for each in everything if client.get(f"{path}/{each}").status_code == 200}
    listed = client.get(path, params={"limit": 500})
    if listed.status_code == 403:
        assert not one_by_one
        return
    assert listed.status_code == 200, listed.text
    assert {item[key.key] for item in listed.json()["items"]} == one_by_one


def test_one_is_told_what_he_may_do_where(world: World) -> None:
    told = world.clients["t.user"].get("/v1/self").json()["grants"]
    assert [(grant["role"], grant["scope"]) for grant in told] == [("user", "project")]
    assert told[0]["scope_id"] == world.things["own"].project_id
    assert "server.operate" in told[0]["actions"]
    assert world.clients["t.employee"].get("/v1/self").json()["grants"] == []
    (auditor,) = world.clients["qian.min"].get("/v1/self").json()["grants"]
    assert auditor["actions"] == ["audit.read"]
