"""What the region refuses: the order fails in plain words, and nothing of it is left anywhere."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.api import APPLICANT, MANAGER, OPERATOR
from tests.stories.stage import NETWORK, REGION, Stage, a_server, a_volume, decide, new_order, texts

GIB = 1024**3
CHINESE = re.compile("[\u4e00-\u9fff]")


@contextmanager
def image_replaced_by_a_larger_one(stage: Stage) -> Iterator[None]:
    """Let the region's image need 8 GiB, which Jinyun does not know yet."""
    for size in (8 * GIB, GIB):
        with stage.world.changing() as transaction:
            transaction.run("UPDATE image SET virtual_size_bytes = ? WHERE name = 'jinyun-linux-1'", size)
        if size > GIB:
            yield


@pytest.fixture(scope="module")
def failed(stage: Stage) -> dict[str, str]:
    """The order of a server whose image is larger than its disk, after it has ended."""
    with image_replaced_by_a_larger_one(stage):
        order = stage.approved(APPLICANT, a_server("too-large-1", {"tier": "general", "size_gib": 3}))
        stage.as_(APPLICANT).becomes(f"/v1/orders/{order['id']}", "state", "failed")
    return {"order": order["id"], "operation": order["items"][0]["operation_id"]}


def test_the_order_says_why_in_both_languages(stage: Stage, failed: dict[str, str]) -> None:
    path = f"/v1/orders/{failed['order']}"
    english = stage.as_(APPLICANT).get(path)["items"][0]
    chinese = stage.as_(APPLICANT, language="zh").get(path)["items"][0]
    assert english["state"] == "failed"
    assert english["problem"]["code"] == "image-too-large"
    assert english["problem"]["text"].startswith("The image needs a larger disk")
    assert chinese["problem"]["text"].startswith("镜像所需磁盘大于规格的磁盘")


def test_the_operation_shows_what_was_undone(stage: Stage, failed: dict[str, str]) -> None:
    operation = stage.as_(APPLICANT, language="zh").get(f"/v1/operations/{failed['operation']}")
    states = {step["name"].partition(":")[0]: step["state"] for step in operation["steps"]}
    assert operation["state"] == "failed"
    assert states["hold"] == states["port"] == states["volume"] == states["server"] == "undone"
    assert states["attach"] == states["hand-over"] == "pending"
    assert all(CHINESE.search(step["title"]) for step in operation["steps"])


def test_nothing_is_left_in_the_region(stage: Stage, failed: dict[str, str]) -> None:
    assert stage.nothing_left_of("too-large-1")


def test_nothing_is_left_held(stage: Stage, failed: dict[str, str]) -> None:
    operator = stage.as_(OPERATOR)
    assert operator.all_of(f"/v1/networks/{NETWORK}/addresses") == []
    assert stage.nothing_is_held()
    for pool in operator.get("/v1/capacity")["items"]:
        assert not any(pool["held"].values()), pool
        assert not any(pool["delivered"].values()), pool
    assert stage.as_(APPLICANT).all_of("/v1/servers") == []
    assert stage.as_(APPLICANT).all_of("/v1/volumes") == []


def test_the_hostname_can_be_ordered_again(stage: Stage, failed: dict[str, str]) -> None:
    stage.deliver(APPLICANT, a_server("too-large-1"))
    assert len(stage.as_(APPLICANT).all_of("/v1/servers", hostname="too-large-1")) == 1


def test_what_did_not_fail_of_an_order_is_delivered(stage: Stage) -> None:
    with image_replaced_by_a_larger_one(stage):
        order = stage.approved(APPLICANT, a_server("too-large-2"), a_volume("beside-it"))
        ended = stage.as_(APPLICANT).becomes(f"/v1/orders/{order['id']}", "state", "partly_delivered")
    assert [item["state"] for item in ended["items"]] == ["failed", "delivered"]
    volumes = stage.as_(APPLICANT).all_of("/v1/volumes")
    assert [(volume["name"], volume["region"], volume["state"]) for volume in volumes] == [
        ("beside-it", REGION, "available")
    ]


def test_an_address_that_somebody_took_in_the_region_is_left_to_him(stage: Stage) -> None:
    order = stage.as_(APPLICANT).post("/v1/orders", new_order(a_server("robbed-1", address="10.20.0.99")), 201)
    with stage.world.changing() as transaction:
        (network,) = transaction.all("SELECT id FROM network WHERE name = ?", NETWORK)
        foreign = ("foreign-port", "legacy", "somebody's", network["id"], "10.20.0.99", "fa:16:3e:00:00:01", "[]")
        transaction.run(
            "INSERT INTO port (id, project_id, name, network_id, address, mac, security_group_ids)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *foreign,
        )
    decide(stage.as_(MANAGER), order, "approve")
    ended = stage.as_(APPLICANT, language="zh").becomes(f"/v1/orders/{order['id']}", "state", "failed")
    assert ended["items"][0]["problem"]["code"] == "address-in-use"
    assert ended["items"][0]["problem"]["text"].startswith("该地址在区域中已被占用")
    assert [port["id"] for port in stage.in_world("port", "address = '10.20.0.99'")] == ["foreign-port"]
    assert stage.nothing_left_of("robbed-1")
    assert "robbed-1" not in texts(stage.as_(OPERATOR).all_of(f"/v1/networks/{NETWORK}/addresses"), "hostname")
