"""Many at once: limits are never passed, and nothing is lost or left over."""

from sqlalchemy import func, select

from jinyun.capacity import service as capacity
from jinyun.capacity.amounts import Amount
from jinyun.capacity.errors import NoCapacity, QuotaExceeded
from jinyun.capacity.models import Hold, PoolLoad, Quota
from tests.together import at_once
from tests.unit.capacity.conftest import Site

HOST = Amount(16, 65536, 1000)
NOTHING = Amount()


def check_sums(site: Site) -> None:
    """Every counter is what the holds say."""

    def work(session):  # type: ignore[no-untyped-def]
        return (
            list(session.scalars(select(Hold))),
            list(session.scalars(select(PoolLoad))),
            list(session.scalars(select(Quota))),
        )

    holds, loads, quotas = site.database.read(work)
    for load in loads:
        for state, counted in (("held", load.held), ("used", load.used)):
            of_pool = [hold.amount for hold in holds if (hold.pool_id, hold.state) == (load.pool_id, state)]
            assert counted == Amount.total(of_pool)
    below = {
        "project": {site.bank.project_id("mobile-banking")},
        "department": {site.bank.project_id(code) for code in ("mobile-banking", "mobile-banking-test", "credit-card")},
    }
    for quota in quotas:
        for state, counted in (("held", quota.held), ("used", quota.used)):
            mine = [hold for hold in holds if hold.project_id in below[quota.scope] and hold.state == state]
            assert counted == sum(hold.lines.get(quota.resource, 0) for hold in mine)


def test_32_submitters_never_pass_a_quota(site: Site) -> None:
    site.pool("p", *[HOST] * 8)
    site.limit("project", "mobile-banking", "vcpus", 40)
    site.limit("department", "retail", "servers", 15)
    outcomes = at_once(32, lambda number: site.hold(site.request(), str(number)).state)
    assert (outcomes.count("held"), outcomes.count("quota-exceeded")) == (15, 17)
    assert site.counters("servers") == {"department": (15, 0)}
    check_sums(site)


def test_32_submitters_never_pass_the_capacity(site: Site) -> None:
    pools = [site.pool("p", HOST), site.pool("q", HOST)]
    outcomes = at_once(32, lambda number: site.hold(site.request(vcpus=3), str(number)).state)
    assert (outcomes.count("held"), outcomes.count("no-capacity")) == (10, 22)
    assert sum(site.load(pool_id)[0].vcpus for pool_id in pools) == 30
    check_sums(site)


def test_coming_and_going_at_once_leaves_nothing_behind(site: Site) -> None:
    pool_id = site.pool("p", *[HOST] * 4)
    site.limit("project", "mobile-banking", "servers", 30)
    site.limit("department", "retail", "vcpus", 200)

    def live(number: int) -> None:
        for turn in range(3):
            try:
                hold = site.hold(site.request(), f"{number}-{turn}")
            except (QuotaExceeded, NoCapacity):
                continue
            site.do(capacity.confirm, hold.id)
            site.do(capacity.to_usage, hold.id)
            site.do(capacity.change, hold.id, site.request(vcpus=4))
            site.do(capacity.release, hold.id)

    at_once(12, live)
    assert site.load(pool_id) == (NOTHING, NOTHING)
    assert site.counters("servers") == {"project": (0, 0)}
    assert site.counters("vcpus") == {"department": (0, 0)}
    check_sums(site)


def test_a_hold_is_given_back_once_however_many_try(site: Site) -> None:
    pool_id = site.pool("p", HOST)
    site.limit("project", "mobile-banking", "servers", 30)
    holds = [site.hold(site.request()) for _ in range(2)]
    at_once(8, lambda number: site.do(capacity.release, holds[number % 2].id))
    assert (site.load(pool_id), site.counters("servers")) == ((NOTHING, NOTHING), {"project": (0, 0)})


def test_a_limit_set_while_others_order_counts_all_of_them(site: Site) -> None:
    site.pool("p", *[HOST] * 8)

    def act(number: int) -> None:
        if number % 6 == 0:
            site.limit("department", "retail", "servers", 1000)
            site.limit("project", "mobile-banking", "servers", 1000)
        else:
            site.hold(site.request(), str(number))

    outcomes = at_once(24, act)
    assert set(outcomes) <= {None}
    assert site.database.read(lambda session: session.scalar(select(func.count()).select_from(Hold))) == 20
    check_sums(site)
