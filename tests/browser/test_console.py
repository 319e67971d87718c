"""What people do with the console, in a real browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jinyun.approvals.rules import BUILT_IN
from tests.api import APPLICANT, AUDITOR, MANAGER, OPERATOR
from tests.browser.conftest import Visit
from tests.stories.stage import NETWORK, Stage, a_server, new_order

pytestmark = pytest.mark.browser
NASTY = "<img src=x onerror=\"document.title='stolen'\"><script>document.title='stolen'</script>"


def choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    """Choose from a list that opens under its field."""
    page.get_by_label(label, exact=True).click()
    opened = page.locator(".ant-select-dropdown:visible")
    opened.locator(".ant-select-item-option", has_text=option).first.click()
    expect(opened).to_have_count(0)


def do(page: Page, verb: str) -> None:
    """Press a verb's button, and mean it."""
    page.get_by_role("main").get_by_role("button", name=verb, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=verb, exact=True).click()


def background(page: Page) -> Any:
    return page.get_by_role("main").evaluate("main => getComputedStyle(main.parentElement).backgroundColor")


def row(page: Page, text: str) -> Any:
    return page.locator("tbody tr", has_text=text)


def test_ordered_approved_on_a_phone_and_watched_until_it_is_there(visit: Visit, stage: Stage) -> None:
    applicant = visit(APPLICANT, path="/orders/new")
    choose(applicant, "Application system", re.compile("mobile-banking-test"))
    applicant.get_by_label("Purpose").fill(NASTY)
    applicant.get_by_role("button", name=re.compile("A virtual machine")).click()
    applicant.get_by_label("Host name").fill("from-the-browser")
    choose(applicant, "Size", re.compile("vCPU"))
    choose(applicant, "Image", re.compile("."))
    choose(applicant, "Network", re.compile(NETWORK))
    expect(applicant.get_by_text("Who will decide, and why")).to_be_visible()
    expect(applicant.get_by_text("Wang Fang")).to_be_visible()
    expect(applicant.get_by_text("sim/kvm-general")).to_be_visible()
    applicant.get_by_role("button", name="Submit").click()
    applicant.get_by_role("dialog").get_by_role("button", name="Submit").click()
    applicant.wait_for_url(re.compile("/orders/[0-9a-f-]{36}"))
    expect(applicant.get_by_text("waiting for approval").first).to_be_visible()
    expect(applicant.get_by_text("Wang Fang").first).to_be_visible()

    manager = visit(MANAGER, phone=True)
    expect(manager.get_by_text("from-the-browser")).to_be_visible()
    manager.get_by_role("button", name="Approve").first.click()
    manager.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(manager.get_by_text("Approved")).to_be_visible()

    expect(applicant.get_by_text("delivered", exact=True).first).to_be_visible()
    applicant.get_by_text("How it was delivered").click()
    expect(applicant.get_by_text("Build the server")).to_be_visible()
    for page in (applicant, manager):
        assert "stolen" not in page.title()
    applicant.goto(f"{stage.url}/servers")
    expect(row(applicant, "from-the-browser")).to_contain_text("active")


def test_what_the_server_refuses_is_said_in_its_words(visit: Visit) -> None:
    page = visit(APPLICANT, path="/orders/new")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("This is needed").first).to_be_visible()
    expect(page.get_by_text("Choose at least one thing")).to_be_visible()
    page.get_by_role("button", name=re.compile("A virtual machine")).click()
    page.get_by_label("Host name").fill("Not A Name")
    expect(page.get_by_text("Lower case letters")).to_be_visible()


def test_what_cannot_be_is_said_before_one_submits(visit: Visit, stage: Stage) -> None:
    stage.deliver(APPLICANT, a_server("there-already-1"))
    page = visit(APPLICANT, path="/orders/new?kind=server")
    choose(page, "Application system", re.compile("mobile-banking-test"))
    page.get_by_label("Purpose").fill("again")
    page.get_by_label("Host name").fill("there-already-1")
    choose(page, "Size", re.compile("vCPU"))
    choose(page, "Image", re.compile("."))
    choose(page, "Network", re.compile(NETWORK))
    expect(page.get_by_role("alert").get_by_text("there-already-1").first).to_be_visible()


def test_the_link_of_a_mail_shows_what_is_asked_and_decides_nothing(visit: Visit, stage: Stage) -> None:
    order = stage.as_(APPLICANT).post("/v1/orders", new_order(a_server("by-mail-1")), 201)
    link = stage.as_(MANAGER).get("/v1/notices")["items"][0]["path"]
    page = visit(MANAGER, path=link)
    expect(page.get_by_text("by-mail-1").first).to_be_visible()
    assert stage.as_(APPLICANT).get(f"/v1/orders/{order['id']}")["state"] == "pending_approval"
    page.get_by_role("button", name="Reject").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("not now")
    page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    stage.as_(APPLICANT).becomes(f"/v1/orders/{order['id']}", "state", "rejected")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_text("not now")).to_be_visible()


def test_a_server_is_stopped_and_started_again(visit: Visit, stage: Stage) -> None:
    stage.deliver(APPLICANT, a_server("stop-me-1"))
    page = visit(APPLICANT, path="/servers")
    row(page, "stop-me-1").get_by_role("link", name="stop-me-1").click()
    do(page, "Stop")
    expect(page.get_by_text("stopped", exact=True).first).to_be_visible()
    do(page, "Start")
    expect(page.get_by_text("active", exact=True).first).to_be_visible()


def test_what_the_policy_wants_a_yes_for_becomes_an_order(visit: Visit, stage: Stage) -> None:
    stage.deliver(APPLICANT, a_server("ask-first-1"))
    stage.adopt({"approvers": [{"by": "department-head"}]})
    try:
        page = visit(APPLICANT, path="/servers")
        row(page, "ask-first-1").get_by_role("link", name="ask-first-1").click()
        do(page, "Reboot")
        page.wait_for_url(re.compile("/orders/[0-9a-f-]{36}"))
        expect(page.get_by_text("waiting for approval").first).to_be_visible()
    finally:
        stage.adopt_rules(*(rule.model_dump(mode="json") for rule in BUILT_IN.rules))


def test_the_serial_console_is_read_and_shown_as_it_is(visit: Visit, stage: Stage) -> None:
    stage.deliver(APPLICANT, a_server("read-me-1"))
    page = visit(APPLICANT, path="/servers?hostname=read-me-1")
    row(page, "read-me-1").get_by_role("link", name="read-me-1").click()
    page.get_by_role("tab", name="Console").click()
    page.get_by_role("button", name="Read", exact=True).click()
    expect(page.locator("pre")).to_contain_text("read-me-1")


def test_nobody_is_offered_what_he_may_not_do_and_a_forbidden_address_says_so(visit: Visit, stage: Stage) -> None:
    page = visit(AUDITOR)
    expect(page.get_by_role("link", name="Audit log")).to_be_visible()
    expect(page.get_by_role("link", name="Capacity")).to_have_count(0)
    page.goto(f"{stage.url}/capacity")
    expect(page.get_by_role("heading", name="You may not see this")).to_be_visible()
    page.goto(f"{stage.url}/no-such-page")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


def test_the_language_and_the_look_are_kept(visit: Visit) -> None:
    page = visit(OPERATOR)
    light = background(page)
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("link", name="容量")).to_be_visible()
    page.get_by_role("button", name="浅色或深色").click()
    page.reload()
    expect(page.get_by_role("link", name="容量")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert background(page) != light


def test_who_signs_out_is_out_and_comes_back_to_where_he_was(visit: Visit, stage: Stage) -> None:
    page = visit(MANAGER, path="/orders?state=delivered")
    page.get_by_role("button", name="王芳 Wang Fang").click()
    page.get_by_text("Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.goto(f"{stage.url}/servers")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_session_that_ended_elsewhere_leads_to_the_door(visit: Visit, stage: Stage) -> None:
    page = visit(OPERATOR, path="/servers")
    stage.as_(OPERATOR).send("DELETE", "/v1/sessions", None, 204)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(visit: Visit, stage: Stage, where: str) -> None:
    page = visit(AUDITOR, path="/")
    page.goto(f"{stage.url}/sign-in?next={where}")
    page.wait_for_url(stage.url + "/")
