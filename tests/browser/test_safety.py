"""What somebody types never runs, nobody else's page acts for him, and what proves who he is stays hidden."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from jinyun.providers.simulated import compute
from tests.api import APPLICANT, MANAGER, OPERATOR, SECURITY_ADMINISTRATOR
from tests.browser.conftest import Visit
from tests.stories.stage import Stage, a_server, new_order, todo_of

pytestmark = pytest.mark.browser
RULE: dict[str, Any] = {"name": "<b>daily</b>", "stages": [{"approvers": [{"by": "department-head"}]}]}
NASTY = '<img src=x onerror="window.stolen=1"><svg onload="window.stolen=1">{{constructor}}'


def test_what_people_write_is_shown_as_it_is(visit: Visit, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    applicant, security = stage.as_(APPLICANT), stage.as_(SECURITY_ADMINISTRATOR)
    monkeypatch.setattr(compute, "boot_log", lambda *_: NASTY)
    project = {
        "code": "nasty",
        "name": NASTY,
        "department": "retail",
        "owner": APPLICANT,
        "criticality": "general",
        "environment": "test",
        "members": [],
    }
    security.post("/v1/projects", project, 201)
    security.post("/v1/approval-policy/proposals", {"note": NASTY, "rules": [RULE]}, 201)
    order = applicant.post("/v1/orders", new_order(a_server("nasty-1"), project="nasty") | {"purpose": NASTY}, 201)
    applicant.post(f"/v1/chains/{order['chain_id']}/comments", {"comment": NASTY}, 200)
    manager = stage.as_(MANAGER)
    todo = todo_of(manager, order)
    decision = {"digest": todo["digest"], "comment": NASTY}
    manager.post(f"/v1/assignments/{todo['assignment_id']}/approve", decision, 200)
    applicant.becomes(f"/v1/orders/{order['id']}", "state", "delivered")
    server = applicant.get("/v1/servers", hostname="nasty-1")["items"][0]
    asked: list[tuple[str, list[str]]] = [
        (APPLICANT, ["/", "/orders", f"/orders/{order['id']}", "/projects", "/projects/nasty", "/notices"]),
        (APPLICANT, [f"/servers/{server['id']}", f"/servers/{server['id']}?tab=events"]),
        (SECURITY_ADMINISTRATOR, ["/policies?tab=versions", "/people?tab=waiting", "/projects"]),
        (OPERATOR, ["/operations", "/orders?state=delivered"]),
    ]
    for login, paths in asked:
        page = visit(login)
        for path in paths:
            page.goto(stage.url + path)
            expect(page.get_by_role("heading").first).to_be_visible()
            page.wait_for_function("() => !document.querySelector('.ant-skeleton-active, .ant-spin-spinning')")
            assert page.evaluate("() => window.stolen") is None, path
            assert page.locator("img[src=x]").count() == 0, path
    page = visit(APPLICANT, path=f"/servers/{server['id']}?tab=console")
    page.get_by_role("button", name="Read", exact=True).click()
    expect(page.locator("pre")).to_contain_text("onerror")
    assert page.evaluate("() => window.stolen") is None


def test_no_script_of_anybody_else_runs_here(visit: Visit) -> None:
    page = visit(APPLICANT)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.evaluate(
        "() => { const it = document.createElement('script'); it.text = 'window.mine = 1'; document.body.append(it) }"
    )
    page.evaluate("() => fetch('https://evil.example/').catch(() => null)")
    assert page.evaluate("() => window.mine") is None
    assert any("Content Security Policy" in each for each in refused)


def test_the_cookie_is_out_of_reach(visit: Visit) -> None:
    page = visit(APPLICANT)
    assert page.evaluate("() => document.cookie") == ""
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    kept = page.evaluate("() => JSON.stringify([localStorage, sessionStorage])")
    assert not re.search(r"csrf|token|jinyun_s", kept)


@pytest.mark.parametrize("headers", [{}, {"X-CSRF-Token": "guessed"}])
def test_another_page_changes_nothing_with_his_cookie(visit: Visit, stage: Stage, headers: dict[str, str]) -> None:
    page = visit(APPLICANT)
    sent: Any = page.evaluate(
        """headers => fetch('/v1/orders', {method: 'POST', body: '{}',
           headers: {'Content-Type': 'application/json', ...headers}}).then(answer => answer.json())""",
        headers,
    )
    assert sent["code"] == "foreign-request"
    answer = page.context.request.post(f"{stage.url}/v1/orders", data={}, headers={"Origin": "https://evil.example"})
    assert answer.json()["code"] == "foreign-request"


def test_a_page_says_what_browsers_may_do_with_it(visit: Visit, stage: Stage) -> None:
    answer = visit(APPLICANT).request.get(stage.url)
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
