"""What is on the screen follows what happens, and says so when it cannot."""

import pytest
from playwright.sync_api import Route, expect

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
    expect(page.get_by_role("heading", name="Servers")).to_be_visible()
    page.context.set_offline(True)
    expect(lost).to_be_visible()
    page.context.set_offline(False)
    expect(lost).to_have_count(0)


def test_a_page_is_fetched_again_where_its_node_went_away(visit: Visit) -> None:
    page = visit(APPLICANT)
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.request.url)
        route.abort()

    page.route("**/assets/Volumes-*.js", lose_the_first)
    page.get_by_role("link", name="Volumes").click()
    expect(page.get_by_role("heading", name="Volumes")).to_be_visible()
    assert len(lost) == 1
