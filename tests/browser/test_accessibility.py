"""Nothing on any page keeps anybody out who reads or works in another way, by light and by dark."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.api import APPLICANT, AUDITOR, MANAGER, OPERATOR
from tests.browser.conftest import Visit
from tests.stories.stage import Stage, a_server, new_order

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "console/node_modules/axe-core/axe.min.js"
PAGES = {
    APPLICANT: ["/", "/orders", "/orders/new", "/servers", "/volumes", "/networks", "/notices"],
    MANAGER: ["/todos"],
    OPERATOR: ["/operations", "/capacity", "/hosts", "/observed", "/alarms"],
    AUDITOR: ["/audit", "/no-such-page"],
}


@pytest.mark.parametrize("login", PAGES)
def test_nothing_keeps_anybody_out(visit: Visit, stage: Stage, login: str) -> None:
    if login == MANAGER:
        stage.as_(APPLICANT).post("/v1/orders", new_order(a_server("seen-by-all-1")), 201)
    page = visit(login, examined=True)
    for path in PAGES[login]:
        page.goto(stage.url + path)
        expect(page.get_by_role("heading").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.add_script_tag(path=AXE)
        page.add_style_tag(content="* { transition: none !important }")  # colours are measured at rest
        for look in ("light", "dark"):
            page.emulate_media(color_scheme=look)
            found = page.evaluate("axe.run()")["violations"]
            serious = [
                (each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in {"serious", "critical"}
            ]
            assert serious == [], f"{path}, {look}"
