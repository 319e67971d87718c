"""What is ordered of a server that is there: a resize holds what it takes in addition, a longer lease holds nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from jinyun.approvals.models import Chain
from jinyun.capacity.amounts import Amount
from jinyun.capacity.errors import NoCapacity, QuotaExceeded
from jinyun.capacity.limits import recount_all, set_quota
from jinyun.capacity.models import Hold, PoolLoad, Quota
from jinyun.capacity.states import HELD
from jinyun.catalog.models import Flavor
from jinyun.kit.actor import PLATFORM
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import NotFound
from jinyun.operations import service as operations
from jinyun.operations.service import SubjectBusy
from jinyun.orders import expiry, references, service
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import NewOrder
from jinyun.providers.errors import Refused
from jinyun.servers import recipes
from jinyun.servers import service as servers
from jinyun.servers.errors import SameFlavor, SmallerDisk, WrongServerState
from jinyun.servers.models import Server
from tests.api import APPLICANT, SampleBank
from tests.estate import PROJECT, Estate, a_server, found_estate
from tests.stories.stage import await_that
from tests.working import run_operations

SMALL, MEDIUM = "m1.small", "m1.medium"


def a_resize(flavor: str = MEDIUM, hostname: str = "grow-1") -> dict[str, Any]:
    return {"kind": "resize", "hostname": hostname, "flavor": flavor}


class Yard:
    """An estate with one small server that runs."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.database = estate, estate.database
        bank = SampleBank.__new__(SampleBank)
        bank.database = estate.database
        self.applicant = bank.actor(APPLICANT)
        self.may_have(100)
        self.server_id = estate.order(a_server("grow-1"))[0].server_id
        self.run()

    def run(self) -> None:
        """Work until every order has come to its end."""

        def ended() -> bool:
            run_operations(self.database, *recipes.RECIPES)
            states = self.database.read(lambda session: list(session.scalars(select(Order.state))))
            return "delivering" not in states

        await_that(ended, "the orders end")

    def put(self, state: str) -> None:
        """Say that the server is in a state."""
        self.database.write(lambda session: setattr(session.get_one(Server, self.server_id), "state", state))

    def reboot(self) -> str:
        """Have somebody at the server; return the operation's id."""
        return self.database.write(lambda session: servers.reboot(session, PLATFORM, self.server_id, hard=True).id)

    def cancel(self, operation_id: str) -> None:
        self.database.write(lambda session: operations.cancel(session, PLATFORM, operation_id))
        run_operations(self.database, *recipes.RECIPES)

    def may_have(self, vcpus: int) -> None:
        """Limit the vCPUs of the application system."""
        self.database.write(
            lambda session: set_quota(session, PLATFORM, "project", PROJECT, "vcpus", vcpus, lower_below=False)
        )

    def withdraw(self, order: Order) -> None:
        self.database.write(lambda session: service.withdraw(session, self.applicant, order.id))

    def approved(self, order: Order) -> None:
        """Have an order begun as after its approval."""

        def begin(session: Session) -> None:
            found = session.get_one(Order, order.id)
            found.state = "delivering"
            references.begin(session, found)

        self.database.write(begin)

    def submit(self, *items: dict[str, Any], project: str = PROJECT) -> Order:
        wanted = NewOrder.model_validate({"project": project, "purpose": "a test", "items": list(items)})
        settings = self.estate.settings
        number = self.database.write(lambda session: service.draw_number(session, settings))
        return self.database.write(lambda session: service.submit(session, self.applicant, settings, wanted, number))

    def item(self) -> OrderItem:
        """Return the resize that was ordered last."""
        last = select(OrderItem).filter_by(kind="resize").order_by(OrderItem.id.desc()).limit(1)
        return self.database.read(lambda session: session.scalars(last).one())

    def flavor(self) -> str:
        def code(session: Session) -> str:
            flavor = session.get_one(Server, self.server_id).flavor
            return flavor.code if flavor else ""

        return self.database.read(code)

    def size_of(self, code: str) -> Amount:
        flavor = self.database.read(lambda session: session.scalars(select(Flavor).filter_by(code=code)).one())
        return Amount(flavor.vcpus, flavor.memory_mib, flavor.disk_gib)

    def vcpus(self) -> tuple[int, int]:
        """Return held and used vCPUs of the application system."""
        quota = self.database.read(lambda session: session.scalars(select(Quota).filter_by(resource="vcpus")).one())
        return quota.held, quota.used

    def sums_are_right(self) -> bool:
        """Tell whether quotas and pools say what their holds say."""

        def of_pools(session: Session) -> bool:
            for load in session.scalars(select(PoolLoad)):
                for vcpus, state in ((load.held_vcpus, HELD), (load.used_vcpus, "used")):
                    held = select(func.coalesce(func.sum(Hold.vcpus), 0)).filter_by(pool_id=load.pool_id, state=state)
                    if session.scalar(held) != vcpus:
                        return False
            return True

        return recount_all(self.database) == 0 and self.database.read(of_pools)


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    estate = found_estate(tmp_path_factory.mktemp("estate"))
    yield Yard(estate)
    estate.database.dispose()


def test_the_approver_sees_what_becomes_of_what(yard: Yard) -> None:
    order = yard.submit(a_resize())
    request = yard.database.read(lambda session: service.approval_request(session, session.get_one(Order, order.id)))
    small, medium = yard.size_of(SMALL), yard.size_of(MEDIUM)
    assert request.facts["items"][0]["flavor"] == f"{SMALL} → {MEDIUM}"
    assert request.facts["items"][0]["vcpus"] == f"{small.vcpus} → {medium.vcpus}"
    assert request.measures.vcpus == medium.vcpus
    parts = yard.item().costs or []
    assert [(part["code"], part["quantity"]) for part in parts] == [(MEDIUM, 1), (SMALL, -1)]
    yard.withdraw(order)


def test_only_the_difference_is_held_and_it_is_given_back(yard: Yard) -> None:
    before, more = yard.size_of(SMALL).vcpus, (yard.size_of(MEDIUM) - yard.size_of(SMALL)).vcpus
    order = yard.submit(a_resize())
    assert (yard.vcpus(), yard.flavor()) == ((more, before), SMALL)
    assert yard.sums_are_right()
    yard.withdraw(order)
    assert yard.vcpus() == (0, before)
    assert yard.sums_are_right()


def test_a_region_that_refuses_leaves_the_old_size_and_the_old_sums(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = Mock(side_effect=Refused("no valid host", code="no-host-available"))
    with monkeypatch.context() as full:
        full.setattr("jinyun.providers.simulated.compute.SimulatedCompute.resize", refusing)
        yard.estate.order(a_resize())
        yard.run()
    assert (yard.flavor(), yard.item().state) == (SMALL, "failed")
    assert yard.vcpus() == (0, yard.size_of(SMALL).vcpus)
    assert yard.sums_are_right()


def test_a_server_that_is_recycled_or_foreign_is_not_resized(yard: Yard) -> None:
    yard.put("recycled")
    with pytest.raises(WrongServerState):
        yard.submit(a_resize())
    yard.put("active")
    for hostname, project in (("grow-1", "mobile-banking"), ("nowhere", PROJECT)):
        with pytest.raises(NotFound):
            yard.submit(a_resize(hostname=hostname), project=project)
    with pytest.raises(SmallerDisk) as smaller:
        yard.submit(a_resize("m1.nano"))
    assert smaller.value.field == "items.0.flavor"
    with pytest.raises(SameFlavor):
        yard.submit(a_resize(SMALL))
    assert yard.vcpus()[0] == 0


def test_more_than_the_quota_or_the_pool_has_is_refused(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    yard.may_have(yard.size_of(SMALL).vcpus)
    with pytest.raises(QuotaExceeded):
        yard.submit(a_resize())
    yard.may_have(100)
    with monkeypatch.context() as full:
        full.setattr("jinyun.capacity.rooms.PoolRoom.places_for", lambda *_args, **_options: 0)
        with pytest.raises(NoCapacity):
            yard.submit(a_resize())
    assert yard.sums_are_right()
    assert yard.vcpus()[0] == 0


def test_a_server_that_went_away_before_the_yes_fails_the_item_and_holds_nothing(yard: Yard) -> None:
    order = yard.submit(a_resize())
    yard.put("recycled")
    yard.approved(order)
    yard.put("active")
    item = yard.item()
    assert (item.state, (item.problem or {})["code"]) == ("failed", "wrong-server-state")
    ended = yard.database.read(lambda session: session.get_one(Order, order.id))
    assert (ended.state, ended.ended_at is not None) == ("failed", True)
    assert yard.sums_are_right()
    assert yard.vcpus()[0] == 0


def test_an_order_that_holds_nothing_expires_like_others(yard: Yard) -> None:
    lease_end = utc_now() + timedelta(days=9)
    yard.database.write(lambda session: setattr(session.get_one(Server, yard.server_id), "expires_at", lease_end))
    longer = {"kind": "lease-extension", "hostname": "grow-1"}
    late, kept = yard.submit(longer), yard.submit(longer)
    assert expiry.expire_due(yard.database) == 0
    over = update(Order).where(Order.id == late.id).values(held_until=utc_now() - timedelta(seconds=1))
    yard.database.write(lambda session: session.execute(over))
    assert expiry.expire_due(yard.database) == 1
    assert expiry.expire_due(yard.database) == 0
    states = yard.database.read(lambda session: dict(session.execute(select(Order.id, Order.state)).all()))
    assert (states[late.id], states[kept.id]) == ("expired", "pending_approval")
    chain = select(Chain.state).where(Chain.subject_id == late.id)
    assert yard.database.read(lambda session: session.scalar(chain)) == "withdrawn"
    yard.withdraw(kept)


def test_a_busy_server_is_refused_and_who_was_approved_waits_with_what_he_holds(yard: Yard) -> None:
    order = yard.submit(a_resize())
    reboot = yard.reboot()
    with pytest.raises(SubjectBusy):
        yard.submit(a_resize())
    yard.approved(order)
    item = yard.item()
    hold = yard.database.read(lambda session: session.get_one(Hold, item.allocation["hold_id"]))
    assert (item.state, hold.state, hold.expires_at) == ("waiting", HELD, None)
    yard.cancel(reboot)
    references.go_on_due(yard.database)
    yard.run()
    medium = yard.size_of(MEDIUM).vcpus
    assert (yard.flavor(), yard.item().state, yard.vcpus()) == (MEDIUM, "delivered", (0, medium))
    assert yard.sums_are_right()
