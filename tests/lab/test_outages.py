"""The cloud away, and a cloud that lets Jinyun in no more: said in words, waited for, and gone on from."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import yaml
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from jinyun.cli.client import Document
from jinyun.kit.database import Base, Database
from jinyun.regions.models import Region
from lab import catalogue
from tests.contract.waiting import wait_until
from tests.lab.cloud import Cloud, what_is_amiss
from tests.lab.desk import Desk, a_server, at_work
from tests.lab.installation import LAYOUT, SYSTEM_ADMINISTRATOR, client, forget_binding, supervisor

pytestmark = pytest.mark.lab

IDENTITY = "keystone"
WRONG = "lab-wrong"


@contextmanager
def stopped(name: str) -> Iterator[None]:
    """Have a service of the cloud stopped."""
    supervisor().stop_process(name)
    try:
        yield
    finally:
        supervisor().start_process(name)
        service = catalogue.services(LAYOUT)[name]
        wait_until(lambda: service.ready(supervisor().process(name).pid), bool, within=60, every=0.2)


@pytest.fixture
def newcomers(installed: Database) -> Iterator[Desk]:
    """People whose application system Jinyun has to find a project for: nothing can be done without the identity."""
    with at_work("credit-card", "li.wei", "wang.fang") as desk:
        forget_binding(installed, desk.project)
        yield desk


@pytest.mark.usefixtures("scale_pool")
def test_a_delivery_waits_for_the_cloud_and_is_finished(cloud: Cloud, newcomers: Desk) -> None:
    order = newcomers.order(a_server(newcomers.hostname("patient"), zone="az-scale", volumes=1))
    with stopped(IDENTITY):
        operation_id = newcomers.approve(order)["items"][0]["operation_id"]
        waiting = wait_until(
            lambda: newcomers.operation(operation_id), lambda seen: seen["problem"], within=60, every=0.2
        )
        assert (waiting["state"], waiting["problem"]["code"]) == ("running", "backend-down")
        assert waiting["problem"]["text"].startswith("The region cannot be reached")
        chinese = client(newcomers.login, "zh").get(f"/v1/operations/{operation_id}")
        assert chinese["problem"]["text"].startswith("无法连接区域")
    done = newcomers.ended(order)
    assert done["state"] == "delivered"
    assert what_is_amiss(cloud, newcomers.server(done["items"][0])) == []


@pytest.fixture
def no_wrong_region(installed: Database) -> Iterator[None]:
    """Take the second registration of the cloud out again; nothing was ever ordered in it."""
    _take_out(installed)
    yield
    _take_out(installed)


@pytest.mark.usefixtures("no_wrong_region")
def test_a_wrong_password_is_told_and_healed() -> None:
    administrator = client(SYSTEM_ADMINISTRATOR)
    settings = yaml.safe_load(LAYOUT.clouds.read_text())["clouds"]["lab"]
    public = {key: value for key, value in settings["auth"].items() if key != "password"}
    body = {"code": WRONG, "name": "The same, wrongly", "provider": "openstack", "public": public, "secret": "wrong"}
    reading = administrator.post("/v1/regions", body)
    seen = _region_that(lambda region: region["state"] == "unreachable")
    assert seen["problem"]["code"] == "credentials-rejected"
    assert "wrong" not in seen["problem"]["words"]
    assert (
        client(SYSTEM_ADMINISTRATOR, "zh").get(f"/v1/regions/{WRONG}")["problem"]["text"].startswith("区域拒绝了金云")
    )
    administrator.put(f"/v1/regions/{WRONG}/secret", {"secret": settings["auth"]["password"]})
    assert _region_that(lambda region: region["state"] == "ready")["problem"] is None
    wait_until(
        lambda: administrator.get(f"/v1/operations/{reading['id']}")["state"], lambda s: s == "succeeded", within=60
    )


def _region_that(holds: Callable[[Document], bool]) -> Document:
    """Wait until the second registration is as it should be."""
    administrator = client(SYSTEM_ADMINISTRATOR)
    return wait_until(lambda: administrator.get(f"/v1/regions/{WRONG}"), holds, within=60, every=0.3)


def _take_out(installed: Database) -> None:
    """Delete the registration and all that was read from it: a region cannot be given up yet."""

    def work(session: Session) -> None:
        doomed = {"region": list(session.scalars(select(Region.id).where(Region.code == WRONG)))}
        deletions = [delete(Region).where(Region.code == WRONG)]
        for table in Base.metadata.sorted_tables:
            for key in table.foreign_keys:
                parents = doomed.get(key.column.table.name, [])
                if not parents:
                    continue
                of_parents = key.parent.in_(parents)
                deletions.append(delete(table).where(of_parents))
                if "id" in table.c:
                    doomed.setdefault(table.name, []).extend(session.scalars(select(table.c.id).where(of_parents)))
        for deletion in reversed(deletions):
            session.execute(deletion)

    installed.write(work)
