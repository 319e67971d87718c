"""Where a region tells of changes: named without the password, which is sealed beside the region's own."""

import pytest
from sqlalchemy import select

from jinyun.kit.vault import open_sealed
from jinyun.regions.models import Region
from tests.api import OPERATOR
from tests.unit.regions.conftest import Site

URL = "rabbit://listener@bus-1.bank.example:5671,listener@bus-2.bank.example:5671/nova?ssl=true&ssl_ca_file=/etc/ca.pem"
PASSWORD = "bus-horse-battery"
BUS = "/v1/regions/cloud/bus"


@pytest.fixture(autouse=True)
def cloud(site: Site) -> None:
    """A cloud; nobody reads it here."""
    public = {"auth_url": "https://cloud.bank.example:5000/v3", "username": "jinyun", "project_name": "admin"}
    body = {"code": "cloud", "name": "Cloud", "provider": "openstack", "public": public, "secret": "cloud-password"}
    assert site.administrator.post("/v1/regions", json=body).status_code == 202


def region_of(site: Site) -> Region:
    return site.database.read(lambda session: session.scalars(select(Region).filter_by(code="cloud")).one())


def test_it_is_named_and_its_password_sealed(site: Site) -> None:
    before = region_of(site).version
    answer = site.administrator.put(BUS, json={"url": URL, "secret": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["bus"] == {"url": URL, "topic": "notifications"}
    assert PASSWORD not in answer.text
    region = region_of(site)
    assert region.version == before + 1, "an open connection is opened anew"
    assert PASSWORD not in repr(vars(region))
    assert open_sealed(site.settings.key_directory, region.sealed_bus_secret or "") == PASSWORD
    assert open_sealed(site.settings.key_directory, region.sealed_secret or "") == "cloud-password"


def test_it_is_forgotten_with_its_password(site: Site) -> None:
    site.administrator.put(BUS, json={"url": URL, "secret": PASSWORD, "topic": "jinyun"})
    assert site.administrator.delete(BUS).json()["bus"] is None
    assert (region_of(site).bus, region_of(site).sealed_bus_secret) == (None, None)


@pytest.mark.parametrize(
    "url",
    ["rabbit://listener:secret@bus:5672/", "amqp://listener@bus:5672/", "rabbit://bus:5672/", "rabbit://l@bus/", "bus"],
)
def test_what_is_no_address_or_holds_a_password_is_refused(site: Site, url: str) -> None:
    answer = site.administrator.put(BUS, json={"url": url, "secret": PASSWORD})
    assert (answer.status_code, answer.json()["field"]) == (422, "url")
    assert region_of(site).bus is None


def test_regions_of_other_kinds_have_none(site: Site) -> None:
    site.register()
    answer = site.administrator.put("/v1/regions/sim-1/bus", json={"url": URL, "secret": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "no-bus")


def test_only_who_manages_regions_sets_and_sees_it(site: Site) -> None:
    site.administrator.put(BUS, json={"url": URL, "secret": PASSWORD})
    operator = site.api.as_(OPERATOR)
    assert operator.put(BUS, json={"url": URL, "secret": PASSWORD}).status_code == 403
    assert operator.delete(BUS).status_code == 403
    assert operator.get("/v1/regions/cloud").json()["bus"] is None
