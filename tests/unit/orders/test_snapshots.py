"""Volumes that grow, snapshots of them, and volumes that begin with a snapshot."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import select

from jinyun.capacity.errors import QuotaExceeded
from jinyun.capacity.limits import recount_all, set_quota
from jinyun.capacity.models import Quota
from jinyun.kit.actor import PLATFORM
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import NotFound
from jinyun.notices.models import Notice
from jinyun.orders import service
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import NewOrder
from jinyun.providers.errors import Refused
from jinyun.servers import leases
from jinyun.volumes import recipes, snapshots
from jinyun.volumes import service as volumes
from jinyun.volumes.errors import NotLarger, SnapshotDoesNotFit, VolumeHasSnapshots, VolumeNotReady
from jinyun.volumes.models import Snapshot, Volume
from tests.api import APPLICANT, SampleBank
from tests.estate import PROJECT, Estate, a_volume, found_estate
from tests.stories.stage import await_that
from tests.working import run_operations


class Store:
    """An estate with a volume of 1 GiB."""

    def __init__(self, estate: Estate) -> None:
        self.estate, self.database = estate, estate.database
        bank = SampleBank.__new__(SampleBank)
        bank.database = estate.database
        self.applicant = bank.actor(APPLICANT)
        self.may_have(100)
        self.volume_id = estate.order(a_volume("data"))[0].volume_ids[0]
        self.run()

    def may_have(self, gib: int) -> None:
        self.database.write(
            lambda session: set_quota(
                session, PLATFORM, "project", PROJECT, "storage_gib:general", gib, lower_below=False
            )
        )

    def run(self) -> None:
        def ended() -> bool:
            run_operations(self.database, *recipes.RECIPES)
            return "delivering" not in self.database.read(lambda s: list(s.scalars(select(Order.state))))

        await_that(ended, "the orders end")

    def submit(self, *items: dict[str, Any]) -> Order:
        settings = self.estate.settings
        wanted = NewOrder.model_validate({"project": PROJECT, "purpose": "a test", "items": list(items)})
        number = self.database.write(lambda session: service.draw_number(session, settings))
        return self.database.write(lambda session: service.submit(session, self.applicant, settings, wanted, number))

    def withdraw(self, order: Order) -> None:
        self.database.write(lambda session: service.withdraw(session, self.applicant, order.id))

    def extension(self, size_gib: int) -> dict[str, Any]:
        return {"kind": "extend", "volume_id": self.volume_id, "size_gib": size_gib}

    def snapshot(self, name: str) -> dict[str, Any]:
        return {"kind": "snapshot", "volume_id": self.volume_id, "name": name}

    def last_state(self) -> str:
        last = select(OrderItem.state).order_by(OrderItem.id.desc()).limit(1)
        return self.database.read(lambda session: session.scalars(last).one())

    def size(self) -> int:
        return self.database.read(lambda session: session.get_one(Volume, self.volume_id).size_gib)

    def storage(self) -> tuple[int, int]:
        """Return held and used GiB of the tier, which its holds must say as well."""
        assert recount_all(self.database) == 0
        row = select(Quota).filter_by(resource="storage_gib:general")
        quota = self.database.read(lambda session: session.scalars(row).one())
        return quota.held, quota.used

    def taken(self, name: str) -> Snapshot:
        """Order a snapshot, and return it."""
        self.estate.order(self.snapshot(name))
        self.run()
        return self.database.read(lambda session: session.scalars(select(Snapshot).filter_by(name=name)).one())

    def delete(self, snapshot: Snapshot) -> None:
        self.database.write(lambda session: snapshots.delete(session, PLATFORM, snapshot.id))
        self.gone(snapshot)

    def gone(self, snapshot: Snapshot) -> None:
        """Work until a snapshot is deleted."""

        def gone() -> bool:
            run_operations(self.database, *recipes.RECIPES)
            return self.database.read(lambda session: session.get_one(Snapshot, snapshot.id).state) == "deleted"

        await_that(gone, "the snapshot is gone")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    estate = found_estate(tmp_path_factory.mktemp("estate"))
    yield Store(estate)
    estate.database.dispose()


def test_a_volume_grows_by_what_was_held(store: Store) -> None:
    order = store.submit(store.extension(3))
    assert (store.size(), store.storage()) == (1, (2, 1))
    facts = store.database.read(lambda s: service.approval_request(s, s.get_one(Order, order.id)).facts)
    assert facts["items"][0]["size_gib"] == "1 → 3"
    store.withdraw(order)
    assert store.storage() == (0, 1)
    store.estate.order(store.extension(3))
    store.run()
    assert (store.last_state(), store.size(), store.storage()) == ("delivered", 3, (0, 3))
    with pytest.raises(NotLarger) as refused:
        store.submit(store.extension(3))
    assert refused.value.field == "items.0.size_gib"


def test_a_storage_that_refuses_leaves_the_old_size(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as full:
        refusing = Mock(side_effect=Refused("no room"))
        full.setattr("jinyun.providers.simulated.storage.SimulatedBlockStorage.extend", refusing)
        store.estate.order(store.extension(9))
        store.run()
    assert (store.last_state(), store.size(), store.storage()) == ("failed", 3, (0, 3))


def test_a_snapshot_counts_until_it_is_deleted_and_keeps_its_volume(store: Store) -> None:
    snapshot = store.taken("before-release")
    assert (snapshot.state, snapshot.size_gib, snapshot.expires_at) == ("available", 3, None)
    assert store.storage() == (0, 6)
    with pytest.raises(VolumeHasSnapshots):
        store.database.write(lambda session: volumes.delete(session, PLATFORM, store.volume_id))
    store.delete(snapshot)
    assert store.storage() == (0, 3)
    assert store.estate.in_world("SELECT * FROM snapshot") == []


def test_a_snapshot_goes_when_its_time_is_over(store: Store) -> None:
    snapshot = store.taken("short")
    soon = utc_now() + timedelta(days=1)
    store.database.write(lambda session: setattr(session.get_one(Snapshot, snapshot.id), "expires_at", soon))
    assert [leases.notice_due(store.database, store.estate.settings) for _ in range(2)] == [1, 0]
    mine = select(Notice.subject).where(Notice.person_id == store.applicant.person_id)
    told = store.database.read(lambda session: [each["en"] for each in session.scalars(mine)])
    assert sum(each.startswith("Snapshot short is kept until") for each in told) == 1
    assert snapshots.remove_due(store.database) == 0
    over = utc_now() - timedelta(seconds=1)
    store.database.write(lambda session: setattr(session.get_one(Snapshot, snapshot.id), "expires_at", over))
    assert snapshots.remove_due(store.database) == 1
    assert snapshots.remove_due(store.database) == 0
    store.gone(snapshot)
    assert store.storage() == (0, 3)


def test_a_volume_begins_with_a_snapshot_of_its_kind(store: Store) -> None:
    snapshot = store.taken("golden")
    wanted = a_volume("copy") | {"from_snapshot": snapshot.id}
    for wrong in ({"size_gib": 2}, {"size_gib": 3, "tier": "high"}):
        with pytest.raises(SnapshotDoesNotFit):
            store.submit(wanted | wrong)
    with pytest.raises(NotFound):
        store.submit(wanted | {"from_snapshot": store.volume_id})
    store.estate.order(wanted | {"size_gib": 4})
    store.run()
    copy = store.database.read(lambda session: session.scalars(select(Volume).filter_by(name="copy")).one())
    assert (copy.state, copy.size_gib, copy.snapshot_id) == ("available", 4, snapshot.id)
    store.delete(snapshot)


def test_what_is_too_much_or_not_there_is_refused(store: Store) -> None:
    store.may_have(8)
    with pytest.raises(QuotaExceeded):
        store.submit(store.snapshot("too-much"))
    with pytest.raises(QuotaExceeded):
        store.submit(store.extension(7))
    store.may_have(100)
    with pytest.raises(NotFound):
        store.submit(store.snapshot("x") | {"volume_id": "00000000-0000-7000-8000-000000000000"})
    store.database.write(lambda session: setattr(session.get_one(Volume, store.volume_id), "state", "building"))
    with pytest.raises(VolumeNotReady):
        store.submit(store.snapshot("too-early"))
    store.database.write(lambda session: setattr(session.get_one(Volume, store.volume_id), "state", "available"))
    assert store.storage() == (0, 7)


def test_a_storage_that_cannot_take_it_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as full:
        refusing = Mock(side_effect=Refused("no room"))
        full.setattr("jinyun.providers.simulated.snapshots.SimulatedSnapshots.create", refusing)
        store.estate.order(store.snapshot("never"))
        store.run()
    assert (store.last_state(), store.storage()) == ("failed", (0, 7))
