"""Nothing on any page keeps anybody out who reads or works in another way, by light and by dark."""

from pathlib import Path
from typing import Literal

import pytest

from tests.browser.conftest import PEOPLE, Visit
from tests.browser.screenshots import furnish, pages, settled
from tests.stories.stage import Stage

pytestmark = pytest.mark.browser
LOOKS: dict[Literal["light", "dark"], dict[str, list[str]]] = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}
"""Only colours are not the same by dark."""
AXE = Path(__file__).parents[2] / "console/node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="module")
def ids(stage: Stage) -> dict[str, str]:
    """Of what is on the pages."""
    return furnish(stage, opened=True)


@pytest.mark.parametrize("login", PEOPLE)
def test_nothing_keeps_anybody_out(visit: Visit, stage: Stage, ids: dict[str, str], login: str) -> None:
    page = visit(login, examined=True)
    wrong = []
    for path in pages(ids)[login].values():
        page.goto(stage.url + path)
        settled(page)
        page.add_script_tag(path=AXE)
        for look, rules in LOOKS.items():
            page.emulate_media(color_scheme=look)
            page.wait_for_timeout(150)  # colours change a moment after
            found = page.evaluate("rules => axe.run({ resultTypes: ['violations'], ...rules })", rules)["violations"]
            wrong += [
                (path, look, each["id"], each["nodes"][0]["html"][:200], each["nodes"][0]["failureSummary"])
                for each in found
                if each["impact"] in {"serious", "critical"}
            ]
    assert wrong == []
