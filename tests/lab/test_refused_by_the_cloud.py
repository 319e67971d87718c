"""An order that the cloud refuses after it was approved: told in plain words, and nothing of it is left."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.catalog.models import ImageVersion
from jinyun.cli.failures import Refused
from jinyun.kit.database import Database
from tests.lab.accounts import books_of, counted, hold_states
from tests.lab.cloud import Cloud
from tests.lab.desk import Desk, a_server
from tests.lab.installation import NETWORK, OPERATOR, client

pytestmark = pytest.mark.lab


@pytest.fixture
def catalogue_that_knows_no_sizes(installed: Database) -> Iterator[None]:
    """Images of which nobody wrote down how large they are: then only the cloud can tell that one does not fit."""
    known = select(ImageVersion.id, ImageVersion.minimum_disk_gib)
    sizes = dict(installed.read(lambda session: [(row[0], row[1]) for row in session.execute(known)]))
    _write_sizes(installed, dict.fromkeys(sizes, 0))
    yield
    _write_sizes(installed, sizes)


def _write_sizes(installed: Database, sizes: dict[str, int]) -> None:
    def work(session: Session) -> None:
        for version_id, gib in sizes.items():
            session.get_one(ImageVersion, version_id).minimum_disk_gib = gib

    installed.write(work)


def test_an_image_that_the_catalogue_knows_to_be_too_large_cannot_be_ordered(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        desk.order(a_server(desk.hostname("known"), zone="az-general", image="jinyun-linux-large"))
    assert (refused.value.code, refused.value.field) == ("image-does-not-fit", "items.0.flavor")


@pytest.mark.usefixtures("catalogue_that_knows_no_sizes")
def test_an_image_too_large_fails_the_order_and_leaves_nothing(cloud: Cloud, desk: Desk, installed: Database) -> None:
    hostname = desk.hostname("large")
    with counted(desk.project):
        before = books_of(desk.project)
        ordered = desk.order(a_server(hostname, zone="az-general", volumes=1, image="jinyun-linux-large"))
        assert books_of(desk.project) != before
        order = desk.ended(desk.approve(ordered))
        assert books_of(desk.project) == before
    allocation = order["items"][0]["allocation"]
    assert (order["state"], order["items"][0]["problem"]["code"]) == ("failed", "image-too-large")
    assert cloud.anything_left_of(allocation["server_id"], hostname, allocation["address"]) == []
    holds = [allocation["hold_id"], *(volume["hold_id"] for volume in allocation["volumes"])]
    assert hold_states(installed, holds) == {"released"}
    taken = {each["address"] for each in client(OPERATOR).items(f"/v1/networks/{NETWORK}/addresses")}
    assert allocation["address"] not in taken
    states = {step["name"].partition(":")[0]: step["state"] for step in _steps(desk, order)}
    assert states == dict.fromkeys(("hold", "bind", "port", "volume", "server"), "undone") | dict.fromkeys(
        ("volume-ready", "attach", "ready", "hand-over"), "pending"
    )
    _told_in_both_languages(desk, order["id"])


def _steps(desk: Desk, order: dict[str, list[dict[str, str]]]) -> list[dict[str, str]]:
    steps: list[dict[str, str]] = desk.operation(order["items"][0]["operation_id"])["steps"]
    return steps


def _told_in_both_languages(desk: Desk, order_id: str) -> None:
    english = desk.applicant.get(f"/v1/orders/{order_id}")["items"][0]["problem"]
    chinese = client(desk.login, "zh").get(f"/v1/orders/{order_id}")["items"][0]["problem"]
    assert english["text"].startswith("The image needs a larger disk than the flavor has")
    assert chinese["text"].startswith("镜像所需磁盘大于规格的磁盘")
    assert english["words"] == chinese["words"] != ""
    assert english["step"] == "server"
