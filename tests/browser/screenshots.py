"""Pictures of every page, in both languages and both looks: `make screenshots`; look at them before others do."""

import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from jinyun.access import passwords
from tests.api import APPLICANT, AUDITOR, MANAGER, OPERATOR, SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR
from tests.browser.conftest import DESK, PASSWORD, PEOPLE, PHONE, chromium
from tests.stories.stage import NETWORK, Stage, a_server, a_volume, new_order

FOLDER = Path(".run/screenshots")
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
LOOKS: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def furnish(stage: Stage, *, opened: bool = False) -> dict[str, str]:
    """Put something on every page; return ids that addresses of pages need."""
    if not opened:
        stage.open_region()
        for login in PEOPLE:
            person = stage.person_id(login)
            stage.database.write(partial(passwords.set_password, person_id=person, password=PASSWORD))
    administrator, applicant = stage.as_(SYSTEM_ADMINISTRATOR), stage.as_(APPLICANT)
    prices = [
        {"kind": "flavor", "code": flavor["code"], "monthly": str(90 * flavor["vcpus"])}
        for flavor in administrator.get("/v1/flavors")["items"]
    ]
    tiers = [{"kind": "tier", "code": code, "monthly": price} for code, price in (("high", "1.2"), ("general", "0.6"))]
    address = {"kind": "address", "code": "", "monthly": "5"}
    administrator.post("/v1/prices", {"prices": [*prices, *tiers, address]}, 201)
    for resource, limit in (("vcpus", 64), ("servers", 40), ("memory_mib", 131072)):
        quota = {"scope": "project", "code": "mobile-banking-test", "resource": resource, "limit": limit}
        stage.as_(SECURITY_ADMINISTRATOR).send("PUT", "/v1/quotas", quota, 200)
    volume = {"tier": "general", "size_gib": 20}
    names = ("web", "app", "batch")
    stage.deliver(APPLICANT, *(a_server(f"mb-{name}-{n}", volume) for name in names for n in (1, 2)))
    stage.deliver(APPLICANT, a_volume("archive", 50))
    pending = new_order(a_server("mb-report-1", volume), a_volume("reports", 100), purpose="Monthly reports of retail")
    order = applicant.post("/v1/orders", pending, 201)
    grant = {"login": "he.min", "role": "audit_administrator", "scope": "system", "target": ""}
    stage.as_(SECURITY_ADMINISTRATOR).post("/v1/role-grants", grant, 201)
    server = applicant.get("/v1/servers", hostname="mb-web-1")["items"][0]
    applicant.done(applicant.post(f"/v1/servers/{server['id']}/stop", None, 202))
    operation = stage.as_(OPERATOR).get("/v1/operations", limit=1)["items"][0]
    delivered = applicant.get("/v1/orders", state="delivered")["items"][-1]
    return {
        "server": server["id"],
        "order": order["id"],
        "delivered": delivered["id"],
        "chain": order["chain_id"],
        "operation": operation["id"],
    }


def pages(ids: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return the pages of each person, by the name of their picture."""
    return {
        APPLICANT: {
            "home-applicant": "/",
            "orders": "/orders",
            "order-new": "/orders/new",
            "order-form": "/orders/new?kind=server",
            "order-pending": f"/orders/{ids['order']}",
            "order-delivered": f"/orders/{ids['delivered']}",
            "servers": "/servers",
            "server": f"/servers/{ids['server']}",
            "server-volumes": f"/servers/{ids['server']}?tab=volumes",
            "server-console": f"/servers/{ids['server']}?tab=console",
            "server-events": f"/servers/{ids['server']}?tab=events",
            "server-cost": f"/servers/{ids['server']}?tab=cost",
            "server-groups": "/servers?tab=groups",
            "volumes": "/volumes",
            "snapshots": "/volumes?tab=snapshots",
            "networks": "/networks",
            "routers": "/networks?tab=routers",
            "floating": "/networks?tab=floating",
            "groups": "/networks?tab=groups",
            "projects": "/projects",
            "project": "/projects/mobile-banking-test",
            "catalogue": "/catalogue",
            "prices": "/catalogue?tab=prices",
            "quotas": "/quotas",
            "notices": "/notices",
            "account": "/account",
            "account-keys": "/account?tab=keys",
            "account-sessions": "/account?tab=sessions",
            "account-tokens": "/account?tab=tokens",
            "forbidden": "/capacity",
            "missing": "/no-such-page",
        },
        MANAGER: {
            "home-approver": "/",
            "todos": "/todos",
            "approval": f"/approvals/{ids['chain']}",
            "deputies": "/account?tab=deputies",
        },
        OPERATOR: {
            "home-operator": "/",
            "operations": "/operations",
            "operation": f"/operations/{ids['operation']}",
            "lanes": "/operations?tab=lanes",
            "backends": "/operations?tab=backends",
            "orphans": "/operations?tab=orphans",
            "alarms": "/alarms",
            "capacity": "/capacity",
            "capacity-plots": "/capacity?tab=plots",
            "trend": "/capacity?tab=trend",
            "topology": "/capacity?tab=topology",
            "hosts": "/hosts",
            "observed": "/observed",
            "adoption": "/observed?tab=adoption",
            "adoption-batches": "/observed?tab=batches",
            "drift": "/servers?tab=drift",
            "estates": "/observed?tab=estates",
            "network": f"/networks/{NETWORK}",
        },
        SYSTEM_ADMINISTRATOR: {
            "home-system": "/",
            "regions": "/regions",
            "region": "/regions/sim",
            "pools": "/regions?tab=pools",
            "network-proposals": "/networks?tab=proposals",
        },
        SECURITY_ADMINISTRATOR: {
            "home-security": "/",
            "people": "/people",
            "departments": "/people?tab=departments",
            "roles": "/people?tab=roles",
            "changes": "/people?tab=waiting",
            "directory": "/people?tab=directory",
            "policies": "/policies",
            "policy-simulate": "/policies?tab=simulate",
            "policy-propose": "/policies?tab=propose",
            "policy-versions": "/policies?tab=versions",
            "calendar": "/policies?tab=calendar",
        },
        AUDITOR: {"home-auditor": "/", "audit": "/audit"},
    }


def sign_in(browser: Browser, stage: Stage, login: str, language: str, *, phone: bool = False) -> BrowserContext:
    """Return a browser in which somebody is signed in."""
    context = browser.new_context(viewport=PHONE if phone else DESK, locale=LANGUAGES[language], bypass_csp=True)
    page = context.new_page()
    page.goto(stage.url)
    page.locator("input[autocomplete=username]").fill(login)
    page.locator("input[autocomplete=current-password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    page.locator("#content h1").wait_for()
    page.close()
    return context


def settled(page: Page) -> None:
    """Wait until the page has what it shows; its stream of hints never ends, so the network is never idle."""
    page.locator("h1, h2").first.wait_for()
    page.wait_for_function("() => !document.querySelector('.ant-skeleton-active, .ant-spin-spinning')")
    page.add_style_tag(content="* { transition: none !important; animation: none !important }")
    page.wait_for_timeout(100)


def take(browser: Browser, stage: Stage, only: str) -> Iterator[Path]:
    """Take the pictures whose names have `only` in them."""
    ids = furnish(stage)
    for language in LANGUAGES:
        for login, wanted in pages(ids).items():
            chosen = {name: path for name, path in wanted.items() if only in name}
            if not chosen:
                continue
            for phone in (False, True) if login == MANAGER else (False,):
                context = sign_in(browser, stage, login, language, phone=phone)
                page = context.new_page()
                for name, path in chosen.items():
                    page.goto(stage.url + path)
                    settled(page)
                    for look in LOOKS:
                        page.emulate_media(color_scheme=look)
                        page.wait_for_timeout(50)
                        file = FOLDER / language / look / f"{name}{'-phone' if phone else ''}.png"
                        page.screenshot(path=file, full_page=True)
                        yield file
                context.close()


def main() -> None:
    """Furnish an installation with a simulated region, and take the pictures."""
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    with (
        tempfile.TemporaryDirectory() as folder,
        Stage(Path(folder)).playing() as stage,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        count = sum(1 for _ in take(browser, stage, only))
        browser.close()
    sys.stdout.write(f"{count} pictures in {FOLDER}\n")


if __name__ == "__main__":
    main()
