import pytest

from jinyun.providers.errors import BackendDown
from jinyun.providers.registry import open_region
from tests.contract.site import Site


def test_a_region_says_what_it_is(site: Site) -> None:
    facts = site.region.facts()
    assert facts.endpoint
    assert facts.release
    assert facts.simulated is (site.connection.provider == "simulated")


def test_a_wrong_password_is_named_as_such(site: Site) -> None:
    with pytest.raises(BackendDown) as caught:
        open_region(site.wrong_password).facts()
    assert caught.value.code == "credentials-rejected"


def test_a_region_that_nobody_answers_for_is_down(site: Site) -> None:
    with pytest.raises(BackendDown) as caught:
        open_region(site.unreachable).facts()
    assert caught.value.code == "backend-down"


def test_a_project_is_made_once(site: Site, project_id: str) -> None:
    assert site.region.tenancy.ensure_project("jinyun-contract", "again") == project_id


def test_a_project_that_jinyun_made_is_unlimited(site: Site, project_id: str) -> None:
    assert site.region.tenancy.limits(project_id) == []


def test_a_limit_that_somebody_set_is_seen_and_lifted(site: Site, project_id: str) -> None:
    site.limit(project_id)
    try:
        assert 7 in {found.limit for found in site.region.tenancy.limits(project_id)}
    finally:
        site.region.tenancy.lift_limits(project_id)
    assert site.region.tenancy.limits(project_id) == []
