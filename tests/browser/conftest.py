"""A real Chromium before a whole installation with a simulated data centre."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from jinyun.access import passwords
from tests.api import APPLICANT, AUDITOR, MANAGER, OPERATOR, SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR
from tests.stories.stage import Stage

PEOPLE = (APPLICANT, MANAGER, OPERATOR, AUDITOR, SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR)
PASSWORD = "correct horse battery"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}
PATIENCE_MS = 20_000


def chromium() -> str:
    """Return where the browser is."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("a Chromium is needed (Debian 12: apt-get install chromium)")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's own Chromium; as root it runs without its sandbox."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation that can be ordered from, whose people have passwords."""
    with Stage(tmp_path_factory.mktemp("stage")).playing() as stage:
        stage.open_region()
        for login in PEOPLE:
            person_id = stage.person_id(login)
            stage.database.write(partial(passwords.set_password, person_id=person_id, password=PASSWORD))
        yield stage


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, stage: Stage) -> Iterator[Visit]:
    """Open a browser of somebody's own who signs in, and fail where a page threw an error."""
    contexts, errors = [], []

    def sign_in(login: str, *, phone: bool = False, examined: bool = False, path: str = "/") -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else DESK,
            locale="en-GB",
            bypass_csp=examined,  # what examines a page is a script that is not ours
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(stage.url + path)
        page.locator("input[autocomplete=username]").fill(login)
        page.locator("input[autocomplete=current-password]").fill(PASSWORD)
        page.locator("button[type=submit]").click()
        page.wait_for_url(stage.url + path)
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert errors == []
