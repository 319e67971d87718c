"""The web console before the real cloud: a guest's picture, and an API node that goes and comes back."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import DESK, chromium
from tests.contract.waiting import wait_until
from tests.lab.desk import Desk, a_server
from tests.lab.installation import API_NODES, LAYOUT, URL, await_another_process, kill

pytestmark = pytest.mark.lab
PATIENCE_MS = 60_000
COLOURS = """() => {
    const canvas = document.querySelector(".screen canvas");
    if (!canvas || canvas.width < 2) return 0;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
}"""
"""How many colours the screen shows: more than one is a picture, text on its ground at the least."""


def answers_steadily() -> bool:
    """Tell whether every node takes its turn again."""
    return all(httpx.get(f"{URL}/v1/health", trust_env=False).is_success for _ in range(10))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, desk: Desk) -> Iterator[Page]:
    """The applicant's, signed in."""
    context = browser.new_context(viewport=DESK, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(URL)
    page.locator("input[autocomplete=username]").fill(desk.login)
    page.locator("input[autocomplete=current-password]").fill(
        (LAYOUT.data / "people" / f"{desk.login}.password").read_text().strip()
    )
    page.locator("button[type=submit]").click()
    page.locator("#content h1").wait_for()
    yield page
    context.close()


def test_a_guest_s_picture_is_shown_in_the_page(page: Page, desk: Desk) -> None:
    order = desk.approve(desk.order(a_server(desk.hostname("screen"), zone="az-general")))
    server_id = desk.ended(order)["items"][0]["allocation"]["server_id"]
    page.goto(f"{URL}/servers/{server_id}?tab=console")
    page.get_by_role("button", name="Open the screen").click()
    page.wait_for_function(f"() => ({COLOURS})() > 1")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("button", name="Open the screen")).to_be_visible()


def test_an_api_node_dies_and_the_page_goes_on(page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{URL}/servers")
    expect(page.get_by_role("heading", name="Servers")).to_be_visible()
    for name, place in zip(API_NODES, ("Orders", "Volumes"), strict=True):
        dead = kill(name)
        page.get_by_role("menu").get_by_role("link", name=place, exact=True).click()
        expect(page.get_by_role("heading", name=place)).to_be_visible(timeout=PATIENCE_MS)
        expect(page.locator("tbody")).to_be_visible(timeout=PATIENCE_MS)
        await_another_process(name, than=dead)
        wait_until(answers_steadily, bool, within=60)
    expect(page.get_by_text("The connection to Jinyun is lost")).to_have_count(0, timeout=PATIENCE_MS)
    assert errors == []
