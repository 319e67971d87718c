"""How much script the home page loads, as Chromium receives it."""

import shutil

from playwright.sync_api import Response, sync_playwright

from bench.installation import PASSWORD

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class NoBrowser(Exception):
    """There is no Chromium."""


def script_kb(port: int, login: str) -> float:
    """Return the kB (1,000 bytes) of compressed script that somebody's home page has loaded when it is at rest.

    Raises:
        NoBrowser: Chromium is not installed.
    """
    program = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if program is None:
        raise NoBrowser("a Chromium is needed (Debian 12: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        scripts: list[Response] = []
        page.on("response", lambda answer: scripts.append(answer) if _is_script(answer) else None)
        page.goto(f"http://127.0.0.1:{port}/")
        page.locator("input[autocomplete=username]").fill(login)
        page.locator("input[autocomplete=current-password]").fill(PASSWORD)
        page.locator("button[type=submit]").click()
        page.locator("#content").wait_for()
        page.wait_for_load_state("load")
        page.wait_for_timeout(1000)
        taken = sum(answer.request.sizes()["responseBodySize"] for answer in scripts)
        browser.close()
    return taken / 1000


def _is_script(answer: Response) -> bool:
    return answer.request.resource_type == "script"
