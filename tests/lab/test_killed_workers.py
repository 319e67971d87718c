"""A worker killed in every step of a delivery: one server each time, one port, one volume, attached once."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from jinyun.cli.client import Document
from jinyun.kit.database import Database
from lab.catalogue import jinyun as services
from lab.layout import CHECKOUT
from tests.contract.waiting import wait_until
from tests.lab.cloud import Cloud, what_is_amiss
from tests.lab.desk import PATIENCE_SECONDS, Desk, a_server, at_work
from tests.lab.guest import Guest
from tests.lab.installation import LAYOUT, WORKERS, forget_binding, supervisor

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scale_pool")]

IN_DATABASE = ("before", "after")
IN_CLOUD = ("before", "call", "after")
MOMENTS = {
    "hold": IN_DATABASE,
    "bind": IN_CLOUD,
    "port": IN_CLOUD,
    "volume": IN_CLOUD,
    "server": IN_CLOUD,
    "attach": IN_CLOUD,
    "ready": IN_DATABASE,
    "hand-over": IN_DATABASE,
}
REAL = (("server", "call"), ("attach", "call"))
"""The moments at which a server that really boots is tried, too."""
WRITE_AND_READ = "mkfs.ext4 -q -F /dev/vdb && mount /dev/vdb /mnt && echo mine > /mnt/it && cat /mnt/it && umount /mnt"
QUICK = {"JINYUN_LEASE_SECONDS": "6", "JINYUN_CALL_TIMEOUT_SECONDS": "5", "JINYUN_WORKER_THREADS": "1"}
"""A dead worker's delivery is taken over after lease and call time-out."""


@dataclass(frozen=True)
class Doomed:
    """A delivery whose worker dies."""

    desk: Desk
    order: Document
    step: str
    moment: str
    zone: str

    @property
    def allocation(self) -> Document:
        """What is held for its server."""
        allocation: Document = self.order["items"][0]["allocation"]
        return allocation


@pytest.fixture(scope="module")
def newcomers(installed: Database) -> Iterator[Desk]:
    """People of an application system that has no project in the cloud yet, as far as Jinyun knows."""
    with at_work("credit-card", "li.wei", "wang.fang") as desk:
        forget_binding(installed, desk.project)
        yield desk


@pytest.fixture(scope="module")
def doomed(desk: Desk, newcomers: Desk, keypair: str) -> list[Doomed]:
    """One order for each moment of each step."""
    moments = [(step, moment, "az-scale") for step, each in MOMENTS.items() for moment in each]
    moments += [(step, moment, "az-general") for step, moment in REAL]
    ordered = []
    for step, moment, zone in moments:
        orderer = newcomers if step == "bind" else desk
        real = {"keypair": keypair} if zone == "az-general" else {}
        wish = a_server(orderer.hostname(f"{step}-{moment}-{zone[3:]}"), zone=zone, volumes=1, **real)
        ordered.append(Doomed(orderer, orderer.order(wish), step, moment, zone))
    return ordered


@pytest.fixture(scope="module")
def marks(doomed: list[Doomed], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the nursery notes whose worker was killed; it is the only one at work while this lasts."""
    folder = tmp_path_factory.mktemp("nursery")
    marks = folder / "marks"
    marks.mkdir()
    plan = {each.allocation["server_id"]: (each.step, each.moment) for each in doomed}
    (folder / "plan.json").write_text(json.dumps(plan))
    with _supervised_workers_resting(), _nursery(folder / "plan.json", marks):
        yield marks


@pytest.fixture(scope="module")
def delivered(doomed: list[Doomed], marks: Path, installed: Database) -> list[Doomed]:
    """All of them approved, and delivered in spite of it. The newcomers' come one by one: each finds no project."""
    assert marks.is_dir()
    for each in doomed:
        if each.step != "bind":
            each.desk.approve(each.order)
    for each in doomed:
        if each.step == "bind":
            forget_binding(installed, each.desk.project)
            assert each.desk.ended(each.desk.approve(each.order))["state"] == "delivered"
    ended = {each.order["number"]: each.desk.ended(each.order, within=2 * PATIENCE_SECONDS) for each in doomed}
    assert {number: order["state"] for number, order in ended.items() if order["state"] != "delivered"} == {}
    return doomed


def test_every_worker_was_killed_as_planned(delivered: list[Doomed], marks: Path) -> None:
    killed = {mark.name for mark in marks.iterdir()}
    spared = [(each.step, each.moment) for each in delivered if each.allocation["server_id"] not in killed]
    assert spared == []


def test_each_order_has_one_server_with_one_port_and_one_volume_attached_once(
    cloud: Cloud, delivered: list[Doomed]
) -> None:
    servers = {(each.step, each.moment, each.zone): each.desk.server(each.order["items"][0]) for each in delivered}
    amiss = {moment: what_is_amiss(cloud, server) for moment, server in servers.items()}
    assert {moment: words for moment, words in amiss.items() if words} == {}


def test_a_project_is_made_once(cloud: Cloud, delivered: list[Doomed], newcomers: Desk) -> None:
    assert "bind" in {each.step for each in delivered}
    assert len(cloud.projects(f"jinyun-{newcomers.project}")) == 1


def test_the_real_ones_can_be_worked_with(delivered: list[Doomed], key: Path) -> None:
    for each in delivered:
        if each.zone == "az-general":
            guest = Guest(each.allocation["address"], key)
            guest.await_ssh()
            guest.await_line("test -b /dev/vdb && echo there", "there")
            assert guest.run(WRITE_AND_READ) == "mine"


@contextmanager
def _supervised_workers_resting() -> Iterator[None]:
    for name in WORKERS:
        supervisor().stop_process(name)
    try:
        yield
    finally:
        for name in WORKERS:
            supervisor().start_process(name)


@contextmanager
def _nursery(plan: Path, marks: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.lab.nursery", str(plan), str(marks)]
    variables = {**os.environ, **services.environment(LAYOUT), **QUICK}
    with (LAYOUT.logs / "nursery.log").open("w") as log:
        nursery = subprocess.Popen(command, cwd=CHECKOUT, env=variables, stdout=log, stderr=log, start_new_session=True)
        try:
            at_work = plan.with_name("at-work").exists
            wait_until(lambda: at_work() or nursery.poll() is not None, bool, within=60)
            assert nursery.poll() is None, f"the nursery ended: see {log.name}"
            yield
        finally:
            nursery.send_signal(signal.SIGTERM)
            try:
                nursery.wait(timeout=30)
            finally:
                _end_group(nursery.pid)


def _end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
