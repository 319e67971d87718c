"""The regions that the contract runs on: the simulated one always, OpenStack where the lab is up (`-m lab`)."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from jinyun.providers.base import Connection
from jinyun.providers.openstack.api import COMPUTE, Api
from jinyun.providers.openstack.region import sign_in
from jinyun.providers.registry import open_region
from jinyun.providers.simulated.build import WorldOptions, build_world
from jinyun.providers.simulated.tenancy import limit_project
from jinyun.providers.simulated.world import World
from lab import facts
from tests.contract.site import Site, Workshop, free_addresses

LAB = Path(__file__).parents[2] / ".lab"
PROJECT = "jinyun-contract"


@pytest.fixture(scope="session", params=["simulated", pytest.param("openstack", marks=pytest.mark.lab)])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A region under test."""
    return simulated_site(tmp_path_factory.mktemp("world")) if request.param == "simulated" else openstack_site()


@pytest.fixture(scope="session")
def project_id(site: Site) -> str:
    """The project that everything is made in."""
    return site.region.tenancy.ensure_project(PROJECT, "made by the contract tests")


@pytest.fixture(scope="session")
def addresses() -> Iterator[str]:
    """Addresses that the region does not hand out by itself; runs side by side start at different ones."""
    return free_addresses(f"10.20.{random.randint(8, 14)}.1")  # noqa: S311 - no secret


@pytest.fixture(scope="module")
def workshop(site: Site, project_id: str, addresses: Iterator[str]) -> Iterator[Workshop]:
    """Makes things for one module of tests and removes them after it."""
    made = Workshop(site, project_id, addresses)
    yield made
    made.close()


def simulated_site(folder: Path) -> Site:
    """Build a world in a folder."""
    build_world(folder / "world.db", WorldOptions(password="right", external_network=True))
    connection = Connection("simulated", {"world": str(folder / "world.db")}, secret="right")
    return Site(
        connection=connection,
        region=open_region(connection),
        zones=frozenset({"az-general", "az-scale"}),
        zone="az-general",
        real_zone="az-general",
        patience=5.0,
        poll_seconds=0.005,
        unreachable=replace(connection, public={"world": str(folder / "nowhere.db")}),
        wrong_password=replace(connection, secret="wrong"),
        limit=lambda project_id: limit_project(World(folder / "world.db"), project_id, "cores", 7),
    )


def openstack_site() -> Site:
    """Find the lab; skip where it is not up."""
    if not (LAB / "READY").exists():
        pytest.skip("the lab is not up: bin/lab up")
    cloud = yaml.safe_load((LAB / "clouds.yaml").read_text())["clouds"]["lab"]
    public = {name: str(value) for name, value in cloud["auth"].items() if name != "password"}
    public |= {name: str(cloud[name]) for name in ("region_name", "interface", "cacert") if name in cloud}
    connection = Connection("openstack", public, secret=str(cloud["auth"]["password"]))
    return Site(
        connection=connection,
        region=open_region(connection),
        zones=frozenset(zone.name for zone in facts.ZONES),
        zone="az-scale",
        real_zone="az-general",
        patience=60.0,
        poll_seconds=0.3,
        unreachable=replace(connection, public=public | {"auth_url": "http://127.0.0.1:9/v3"}),
        wrong_password=replace(connection, secret="wrong"),
        limit=lambda project_id: _limit_cores(connection, project_id),
    )


def _limit_cores(connection: Connection, project_id: str) -> None:
    Api(sign_in(connection), COMPUTE).put(f"/os-quota-sets/{project_id}", {"quota_set": {"cores": 7}})
