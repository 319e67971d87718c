"""Sixty-four people order at once under limits at three levels, while orders are rejected, withdrawn and expire.

At no moment is a limit passed, and in the end every counter is what the holds say, and those what the orders say.
Prints how many orders were placed or refused a second.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.approvals import deciding
from jinyun.approvals.models import Assignment, Chain, Stage
from jinyun.approvals.states import PENDING
from jinyun.capacity import service as capacity
from jinyun.capacity.limits import Level, level_of, set_quota
from jinyun.capacity.models import DEPARTMENT, Hold, Quota
from jinyun.capacity.states import HELD, USED
from jinyun.kit.actor import PLATFORM
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import Problem
from jinyun.orders import service as orders
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import NewOrder
from jinyun.orders.states import PENDING_APPROVAL
from jinyun.organisation.models import Department, Person, Project
from tests.api import SampleBank
from tests.estate import Estate, a_server, a_volume, found_estate
from tests.server import server_url
from tests.together import at_once

SUBMITTERS = 64
TURNS = 3
BUYERS = {
    "mobile-banking-test": "li.wei",
    "credit-card": "li.wei",
    "trade-finance": "chen.yu",
    "risk-reporting": "he.min",
}
STORAGE = "storage_gib:general"
LIMITS = (
    ("department", "head-office", "servers", 40),
    ("department", "head-office", STORAGE, 60),
    ("department", "retail", "servers", 24),
    ("department", "retail", STORAGE, 30),
    ("department", "corporate", "servers", 10),
    ("project", "credit-card", "servers", 9),
    ("project", "trade-finance", STORAGE, 12),
    ("project", "risk-reporting", "vcpus", 5),
)


@dataclass
class Rush:
    """The estate, and what came of the submissions."""

    estate: Estate
    database: Database
    bank: SampleBank
    outcomes: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, outcome: str) -> None:
        with self.lock:
            self.outcomes[outcome] += 1

    def submit(self, number: int, chance: random.Random) -> None:
        """Order something; then leave it, take it back, or have it rejected."""
        code = chance.choice(list(BUYERS))
        wanted = a_server(f"h{number}", ["general"]) if chance.random() < 0.6 else a_volume(f"v{number}")
        body = {"project": code, "purpose": "a test", "items": [wanted]}
        buyer, order = self.bank.actor(BUYERS[code]), NewOrder.model_validate(body)
        try:
            drawn = self.database.write(lambda s: orders.draw_number(s, self.estate.settings))
            order_id = self.database.write(lambda s: orders.submit(s, buyer, self.estate.settings, order, drawn).id)
        except Problem as problem:
            self.note(problem.code)
            return
        self.note("held")
        what = chance.random()
        if what < 0.3:
            self.try_to("withdrawn", lambda s: orders.withdraw(s, buyer, order_id))
        elif what < 0.6:
            self.try_to("rejected", lambda s: self.reject(s, order_id))
        elif what < 0.7:
            self.try_to("outdated", lambda s: outdate(s, order_id))

    def try_to(self, what: str, work: Callable[[Session], object]) -> None:
        try:
            self.database.write(work)
            self.note(what)
        except Problem as problem:
            self.note(problem.code)

    def reject(self, session: Session, order_id: str) -> None:
        """Have the first approver say no."""
        pending = select(Assignment).join(Stage).join(Chain).where(Chain.subject_id == order_id)
        assignment = session.scalars(pending.where(Assignment.person_id.is_not(None)).order_by(Assignment.id)).first()
        if assignment is None or assignment.state != PENDING:
            return
        digest = session.get_one(Order, order_id).digest
        login = session.get_one(Person, assignment.person_id).login
        deciding.reject(session, self.bank.actor(login), assignment.id, digest, "no")

    def passed_limits(self) -> list[str]:
        """Return the limits that the counters or the holds of one moment pass."""
        return self.database.read(_passed)


def outdate(session: Session, order_id: str) -> None:
    """Let what an order holds be due to expire."""
    for item in session.scalars(select(OrderItem).filter_by(order_id=order_id)):
        for hold in session.scalars(select(Hold).filter_by(holder_id=item.id)):
            hold.expires_at = utc_now() - timedelta(seconds=1)


def _passed(session: Session) -> list[str]:
    rows = [(q.scope_id, q.resource, q.limit, q.held, q.used) for q in session.scalars(select(Quota))]
    below = _projects_below(session)
    taken: dict[str, Counter[str]] = {}
    for project_id, lines in session.execute(select(Hold.project_id, Hold.lines).where(Hold.state.in_((HELD, USED)))):
        taken.setdefault(project_id, Counter()).update(lines)
    found = []
    for scope_id, resource, limit, held, used in rows:
        by_holds = sum(taken.get(each, Counter())[resource] for each in below[scope_id])
        if held + used > limit or by_holds > limit or min(held, used) < 0:
            found.append(f"{resource} of {scope_id}: {held}+{used}, holds {by_holds}, limit {limit}")
    return found


def _projects_below(session: Session) -> dict[str, list[str]]:
    """Return the application systems that each limit counts."""
    projects = session.execute(select(Project.id, Department.path).join(Department)).all()
    levels = [level_of(session, quota) for quota in session.scalars(select(Quota))]
    return {level.id: [each for each, path in projects if _counts(level, each, path)] for level in levels}


def _counts(level: Level, project_id: str, path: str) -> bool:
    return project_id == level.id or (level.scope == DEPARTMENT and path.startswith(level.path))


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Rush:
    estate = found_estate(tmp_path, server_url() or str(database.url), hosts=64, key_hosts=64, hold_hours=72)
    many = Database(estate.settings.database_url, pool_size=SUBMITTERS + 4)
    bank = SampleBank.__new__(SampleBank)
    bank.database = many
    for limit in LIMITS:
        many.write(lambda session, limit=limit: set_quota(session, PLATFORM, *limit))  # type: ignore[misc]
    return Rush(estate, many, bank)


def test_limits_hold_for_64_who_submit_at_once_and_nothing_leaks(site: Rush) -> None:
    finished = threading.Event()
    seen: list[str] = []
    looks = 0

    def watch() -> None:
        nonlocal looks
        while not finished.is_set():
            seen.extend(site.passed_limits())
            looks += 1

    def expire() -> None:
        while not finished.is_set():
            site.try_to("expired", lambda session: capacity.release_expired(session, utc_now()))

    beside = [threading.Thread(target=watch), threading.Thread(target=expire)]
    for thread in beside:
        thread.start()
    began = time.monotonic()

    def run(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - no secret
        for turn in range(TURNS):
            site.submit(number * TURNS + turn, chance)

    try:
        at_once(SUBMITTERS, run)
    finally:
        seconds = time.monotonic() - began
        finished.set()
        for thread in beside:
            thread.join()
    submitted = site.outcomes["held"] + site.outcomes["quota-exceeded"]
    rate = f"{submitted / seconds:.1f} submissions a second"
    told = f"{SUBMITTERS} submitters: {rate}; {dict(site.outcomes)}; {looks} looks"
    print(f"\n{told}")  # noqa: T201 - the rate is asked for
    while site.database.write(lambda session: capacity.release_expired(session, utc_now())):
        pass
    assert not seen
    assert looks > 0
    assert submitted == SUBMITTERS * TURNS
    assert site.outcomes["quota-exceeded"] > 0
    assert site.outcomes["withdrawn"] > 0
    assert site.outcomes["rejected"] > 0
    assert site.passed_limits() == []
    site.database.read(check_nothing_leaked)
    site.database.dispose()


def check_nothing_leaked(session: Session) -> None:
    """Every counter is what the holds say, and they what the orders that still wait say."""
    below = _projects_below(session)
    standing = list(session.scalars(select(Hold).where(Hold.state.in_((HELD, USED)))))
    waiting = session.execute(
        select(OrderItem, Order.project_id).join(Order).where(OrderItem.state == PENDING_APPROVAL)
    ).all()
    for quota in session.scalars(select(Quota)):
        mine = [hold for hold in standing if hold.project_id in below[quota.scope_id]]
        assert quota.used == 0
        assert quota.held == sum(hold.lines.get(quota.resource, 0) for hold in mine)
        asked = [_asked(item.specification, quota.resource) for item, own in waiting if own in below[quota.scope_id]]
        assert quota.held == sum(asked)


def _asked(specification: dict[str, object], resource: str) -> int:
    """Return how much of a resource an item asks for: a small server has one vCPU and one disk, a volume one GiB."""
    is_server = specification["kind"] == "server"
    return {"servers": int(is_server), "vcpus": int(is_server), STORAGE: 1}[resource]
