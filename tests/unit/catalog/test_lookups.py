"""What orders ask of the catalogue: a code, a region, and a clear answer where there is none."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from jinyun.catalog import service as catalog
from jinyun.catalog.service import NotOfferedInRegion, UnknownFlavor, UnknownImage, UnknownTier, version_order
from jinyun.kit.errors import Problem
from tests.api import APPLICANT, AUDITOR
from tests.unit.catalog.conftest import Shop, flavor, image, tier


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    versions = [image(f"jinyun-linux-{version}") for version in ("9", "10", "2")]
    shop.observe(flavor("m1.small"), *versions, tier("fast-high"))
    shop.accept_all()
    return shop


def ask(shop: Shop, question: Callable[[Session], Any]) -> Any:
    return shop.database.read(question)


def test_a_flavor_is_found_by_its_code_and_called_by_the_regions_id(stocked: Shop) -> None:
    found = ask(stocked, lambda session: catalog.flavor_by_code(session, "m1.small"))
    east = stocked.regions["east"]
    assert ask(stocked, lambda session: catalog.external_flavor_id(session, found.id, east)) == "id-m1.small"


def test_the_latest_version_is_meant_where_none_is_named(stocked: Shop) -> None:
    east = stocked.regions["east"]
    latest = ask(stocked, lambda session: catalog.image_in_region(session, "jinyun-linux", east))
    assert (latest.version, latest.image.code) == ("10", "jinyun-linux")
    named = ask(stocked, lambda session: catalog.image_in_region(session, "jinyun-linux:2", east))
    assert (named.version, named.image.code) == ("2", "jinyun-linux")
    assert ask(stocked, lambda session: catalog.external_image_id(session, named.id, east)) == "id-jinyun-linux-2"


def test_a_storage_tier_is_called_by_the_name_of_the_regions_volume_type(stocked: Shop) -> None:
    found = ask(stocked, lambda session: catalog.tier_by_code(session, "high"))
    east = stocked.regions["east"]
    assert ask(stocked, lambda session: catalog.external_tier_id(session, found.id, east)) == "fast-high"


@pytest.mark.parametrize(
    ("question", "problem", "field"),
    [
        (lambda session: catalog.flavor_by_code(session, "m9"), UnknownFlavor, "flavor"),
        (
            lambda session: catalog.flavor_by_code(session, "m9", field="items.2.flavor"),
            UnknownFlavor,
            "items.2.flavor",
        ),
        (lambda session: catalog.image_in_region(session, "windows", "east"), UnknownImage, "image"),
        (lambda session: catalog.image_in_region(session, "jinyun-linux:7", "east"), UnknownImage, "image"),
        (lambda session: catalog.tier_by_code(session, "low"), UnknownTier, "tier"),
    ],
)
def test_what_the_catalogue_lacks_is_said_with_the_field(
    stocked: Shop, question: Callable[[Session], Any], problem: type[Problem], field: str
) -> None:
    with pytest.raises(problem) as raised:
        ask(stocked, question)
    assert raised.value.field == field


def test_what_a_region_lacks_is_said_by_name_in_both_languages(stocked: Shop) -> None:
    west = stocked.regions["west"]

    def refused(question: Callable[[Session], Any]) -> NotOfferedInRegion:
        with pytest.raises(NotOfferedInRegion) as raised:
            ask(stocked, question)
        return raised.value

    found = ask(stocked, lambda session: catalog.flavor_by_code(session, "m1.small"))
    problem = refused(lambda session: catalog.external_flavor_id(session, found.id, west))
    assert problem.explanation().en == "The region does not offer the flavor m1.small."
    assert problem.explanation().zh == "该区域不提供规格 m1.small。"
    version = ask(stocked, lambda session: catalog.image_in_region(session, "jinyun-linux", stocked.regions["east"]))
    problem = refused(lambda session: catalog.external_image_id(session, version.id, west, field="items.0.image"))
    assert ("jinyun-linux:10" in problem.explanation().zh, problem.field) == (True, "items.0.image")
    high = ask(stocked, lambda session: catalog.tier_by_code(session, "high"))
    assert "high" in refused(lambda session: catalog.external_tier_id(session, high.id, west)).explanation().en


def test_what_vanished_from_a_region_is_not_offered_there(stocked: Shop) -> None:
    found = ask(stocked, lambda session: catalog.flavor_by_code(session, "m1.small"))
    stocked.observe(region="east")
    with pytest.raises(NotOfferedInRegion):
        ask(stocked, lambda session: catalog.external_flavor_id(session, found.id, stocked.regions["east"]))


def test_what_is_withdrawn_can_not_be_ordered_until_it_is_offered_again(stocked: Shop) -> None:
    operator = stocked.administrator
    for _ in range(2):
        assert operator.post("/v1/flavors/m1.small/withdraw").json()["active"] is False
        withdrawn = operator.post("/v1/images/jinyun-linux/versions/10/withdraw").json()
        assert withdrawn["versions"][0]["state"] == "withdrawn"
    with pytest.raises(UnknownFlavor):
        ask(stocked, lambda session: catalog.flavor_by_code(session, "m1.small"))
    with pytest.raises(UnknownImage):
        ask(stocked, lambda session: catalog.image_in_region(session, "jinyun-linux:10", stocked.regions["east"]))
    assert (
        ask(stocked, lambda session: catalog.image_in_region(session, "jinyun-linux", stocked.regions["east"])).version
        == "9"
    )
    assert operator.post("/v1/flavors/m1.small/offer").json()["active"] is True
    operator.post("/v1/images/jinyun-linux/versions/10/offer")
    assert (
        ask(stocked, lambda session: catalog.image_in_region(session, "jinyun-linux", stocked.regions["east"])).version
        == "10"
    )
    assert ask(stocked, lambda session: catalog.flavor_by_code(session, "m1.small")).active


def test_who_may_see_and_who_may_change_the_catalogue(stocked: Shop) -> None:
    applicant, auditor = stocked.api.as_(APPLICANT), stocked.api.as_(AUDITOR)
    for path in ("/v1/flavors", "/v1/images", "/v1/storage-tiers"):
        assert applicant.get(path).status_code == 200
        assert auditor.get(path).status_code == 403
    for path in ("/v1/flavors/m1.small/withdraw", "/v1/images/jinyun-linux/versions/10/withdraw"):
        assert applicant.post(path).status_code == 403
    for path in ("/v1/flavors/m9/offer", "/v1/images/jinyun-linux/versions/7/offer"):
        assert stocked.administrator.post(path).status_code == 404


def test_versions_are_ordered_as_people_do(stocked: Shop) -> None:
    assert sorted(["9.10", "9.2", "10", "9.10.1", "9.10-rc"], key=version_order)[-1] == "10"
    assert version_order("9.2") < version_order("9.10") < version_order("9.10.1")
    shown = stocked.listed("/v1/images")["jinyun-linux"]["versions"]
    assert [version["version"] for version in shown] == ["10", "9", "2"]
