"""What is on the screen follows what happens, and says so when it cannot."""

import pytest
from playwright.sync_api import expect

from tests.api import APPLICANT
from tests.browser.conftest import Visit
from tests.stories.stage import Stage, a_server

pytestmark = pytest.mark.browser


def test_a_list_follows_what_happens_elsewhere(visit: Visit, stage: Stage) -> None:
    page = visit(APPLICANT, path="/servers?hostname=seen-coming-1")
    expect(page.get_by_text("No servers yet")).to_be_visible()
    stage.deliver(APPLICANT, a_server("seen-coming-1"))
    expect(page.locator("tbody tr", has_text="seen-coming-1")).to_contain_text("active", timeout=8_000)


def test_a_lost_connection_shows_and_heals(visit: Visit) -> None:
    page = visit(APPLICANT, path="/servers")
    lost = page.get_by_text("The connection to Jinyun is lost")
    page.wait_for_timeout(500)
    page.context.set_offline(True)
    expect(lost).to_be_visible()
    page.context.set_offline(False)
    expect(lost).to_have_count(0)
