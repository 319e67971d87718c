"""Several servers at once, with what became of each; finding them again by a few keys."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.api import APPLICANT, AUDITOR
from tests.browser.conftest import Visit
from tests.stories.stage import Stage, a_server

pytestmark = pytest.mark.browser
MANY = 20


def search(page: Page, typed: str) -> None:
    """Call the field for everything, and type."""
    page.get_by_role("heading", name=re.compile("Hello")).wait_for()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search")).to_be_focused()
    page.keyboard.type(typed)


def test_twenty_are_stopped_and_one_says_why_not(visit: Visit, stage: Stage) -> None:
    names = [f"herd-{number:02}" for number in range(MANY)]
    stage.deliver(APPLICANT, *(a_server(name) for name in names))
    applicant = stage.as_(APPLICANT)
    servers = applicant.all_of("/v1/servers", hostname="herd-")
    stubborn = next(server for server in servers if server["hostname"] == names[7])
    page = visit(APPLICANT, path="/servers?hostname=herd-")
    expect(page.locator("tbody tr", has_text="herd-")).to_have_count(MANY)
    page.get_by_role("columnheader").get_by_label("Choose all").check()
    expect(page.get_by_text(f"{MANY} chosen")).to_be_visible()
    applicant.done(applicant.post(f"/v1/servers/{stubborn['id']}/stop", None, 202))
    page.get_by_role("main").get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text(f"{MANY - 1} asked for, 1 refused")).to_be_visible()
    refused = page.get_by_role("dialog").locator("tbody tr", has_text=names[7])
    expect(refused).to_contain_text(re.compile("stopped"))
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).last.click()
    expect(page.locator("tbody tr", has_text="stopped")).to_have_count(MANY)


def test_a_few_keys_lead_to_a_server(visit: Visit, stage: Stage) -> None:
    stage.deliver(APPLICANT, a_server("haystack-1"))
    page = visit(APPLICANT)
    search(page, "hayst")
    expect(page.get_by_role("option", name=re.compile("haystack-1"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="haystack-1")).to_be_visible()


def test_nobody_finds_what_he_may_not_see(visit: Visit, stage: Stage) -> None:
    stage.deliver(APPLICANT, a_server("hidden-1"))
    page = visit(AUDITOR)
    search(page, "hidden")
    expect(page.get_by_text("Nothing begins like this")).to_be_visible()


def test_columns_and_filters_stand_in_the_address(visit: Visit, stage: Stage) -> None:
    stage.deliver(APPLICANT, a_server("columned-1"))
    page = visit(APPLICANT, path="/servers?hostname=columned")
    expect(page.get_by_role("columnheader", name="Image")).to_be_visible()
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Image").click()
    expect(page.get_by_role("columnheader", name="Image")).to_have_count(0)
    page.reload()
    expect(page.locator("tbody tr", has_text="columned-1")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Image")).to_have_count(0)
