"""A small vCenter of our own (vcsim, built from Debian's Go packages), and an installation that watches it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from jinyun.inventory import watcher
from jinyun.inventory.watcher import EstateWatchers
from tests.api import OPERATOR, SYSTEM_ADMINISTRATOR
from tests.server import server_url
from tests.stories.conftest import jinyun  # noqa: F401 - a fixture
from tests.stories.stage import Caller, Stage, await_that
from tests.vcenter.simulator import PASSWORD, Simulator, running

REGION = "vmware"


@pytest.fixture(scope="module")
def vcenter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with running(tmp_path_factory.mktemp("vcenter")) as simulator:
        yield simulator


class Watched:
    """An installation with a vCenter as region, and workers that watch it."""

    def __init__(self, stage: Stage, vcenter: Simulator) -> None:
        self.stage, self.vcenter = stage, vcenter
        self.administrator = stage.as_(SYSTEM_ADMINISTRATOR)
        self.operator: Caller = stage.as_(OPERATOR)

    def register(self) -> None:
        body = {"code": REGION, "name": "VMware", "provider": "vsphere", "public": self.vcenter.public}
        self.administrator.done(self.administrator.post("/v1/regions", {**body, "secret": PASSWORD}, 202))
        self.until(lambda: self.estate().get("read_at") is not None, "everything was read")

    def estate(self) -> dict[str, Any]:
        """Return how it stands with the region."""
        found = (each for each in self.operator.all_of("/v1/estates") if each["region"] == REGION)
        return next(found, {})

    def problem(self) -> str | None:
        """Return the code of what is wrong."""
        found = self.estate()["problem"]
        return found["code"] if found else None

    def things(self, **wanted: Any) -> dict[str, dict[str, Any]]:
        """Return what is observed, by name."""
        return {each["name"]: each for each in self.operator.all_of("/v1/observed", **wanted)}

    def thing(self, name: str, **wanted: Any) -> dict[str, Any]:
        """Return one thing with all that is known of it; nothing where there is none."""
        found = self.things(name=name, **wanted).get(name)
        return self.operator.get(f"/v1/observed/{found['id']}") if found else {}

    def until(self, true: Any, what: str, patience: float = 15.0) -> None:
        """Wait until something is true: 15 s are what a change by somebody else may take to show."""
        await_that(true, what, lambda: str(self.estate()), patience)

    def read_anew(self) -> None:
        """Have everything read anew."""
        self.operator.post(f"/v1/regions/{REGION}/read-estate", {}, 202)
        self.until(lambda: self.estate()["requested_at"] is None, "everything was read anew")

    @contextmanager
    def worker(self, holder: str) -> Iterator[EstateWatchers]:
        """Run what watches the regions in a worker."""
        watchers = EstateWatchers(self.stage.database, self.stage.settings, holder)
        thread = threading.Thread(target=watchers.run)
        thread.start()
        try:
            yield watchers
        finally:
            watchers.stop()
            thread.join()


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, vcenter: Simulator) -> Iterator[Watched]:
    installation = Stage(tmp_path_factory.mktemp("stage"), server_url())
    with pytest.MonkeyPatch.context() as patch, installation.playing() as stage:
        patch.setattr(watcher, "LOOK_SECONDS", 1.0)
        patch.setattr(watcher, "PAUSE_SECONDS", 0.1)
        watched = Watched(stage, vcenter)
        with watched.worker("one"):
            watched.register()
            yield watched


@pytest.fixture(scope="module")
def stage(watched: Watched) -> Stage:
    """The installation, for the command line."""
    return watched.stage
