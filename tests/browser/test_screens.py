"""A server's screen in the page, through Jinyun's own websocket."""

import pytest
from playwright.sync_api import Page, Route, expect

from jinyun.providers.base import ConsoleEndpoint
from jinyun.providers.simulated.compute import SimulatedCompute
from tests.api import APPLICANT
from tests.browser.conftest import Visit
from tests.browser.monitor import COLOUR, monitor
from tests.stories.stage import Stage, a_server

pytestmark = pytest.mark.browser
MIDDLE = """() => {
    const canvas = document.querySelector(".screen canvas");
    if (!canvas || canvas.width < 2) return null;
    const pixel = canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data;
    return [...pixel].slice(0, 3);
}"""


def real(route: Route) -> None:
    """Let a server seem to be of a region that is not simulated."""
    answer = route.fetch()
    route.fulfill(response=answer, json=answer.json() | {"simulated": False})


def opened(visit: Visit, stage: Stage, hostname: str) -> Page:
    stage.deliver(APPLICANT, a_server(hostname))
    server = stage.as_(APPLICANT).get("/v1/servers", hostname=hostname)["items"][0]
    page = visit(APPLICANT)
    page.route(f"**/v1/servers/{server['id']}", real)
    page.goto(f"{stage.url}/servers/{server['id']}?tab=console")
    page.get_by_role("button", name="Open the screen").click()
    return page


def test_a_screen_is_drawn_into_the_page(visit: Visit, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    with monitor() as address:
        endpoint = ConsoleEndpoint(url=address, origin=None, subprotocols=())
        monkeypatch.setattr(SimulatedCompute, "console", lambda *_: endpoint)
        page = opened(visit, stage, "seen-1")
        page.wait_for_function(
            f"wanted => JSON.stringify(({MIDDLE})()) === wanted", arg=str(list(COLOUR)).replace(" ", "")
        )
        page.get_by_role("button", name="Close").click()
        expect(page.get_by_role("button", name="Open the screen")).to_be_visible()


def test_a_region_without_screens_is_said(visit: Visit, stage: Stage) -> None:
    page = opened(visit, stage, "unseen-1")
    expect(page.get_by_text("has no screen")).to_be_visible()


def test_a_simulated_server_has_no_screen(visit: Visit, stage: Stage) -> None:
    stage.deliver(APPLICANT, a_server("unreal-1"))
    server = stage.as_(APPLICANT).get("/v1/servers", hostname="unreal-1")["items"][0]
    page = visit(APPLICANT, path=f"/servers/{server['id']}?tab=console")
    expect(page.get_by_text("there is no machine, and so no screen")).to_be_visible()
