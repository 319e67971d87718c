"""What is compared, what an operation makes expected, and what says nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from jinyun.adoption.events import ServerGivenBack, ServerManaged
from jinyun.adoption.models import AdoptionBatch, AdoptionClaim, AdoptionLine
from jinyun.drift import comparing
from jinyun.drift.models import Baseline, Drift
from jinyun.drift.steps import RevertDrift
from jinyun.inventory.events import ObjectsChanged
from jinyun.inventory.models import ObservedObject
from jinyun.inventory.observing import Source, note_batch, note_gone
from jinyun.kit.actor import PLATFORM
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.ids import new_id
from jinyun.notices.models import Notice
from jinyun.operations import service as operations
from jinyun.operations.course import OperationEnded
from jinyun.operations.models import OperationSubject
from jinyun.organisation.models import Project
from jinyun.providers.estate import Key, Observed, ObservedKind, Power
from jinyun.regions.models import Region
from jinyun.servers.models import Server
from jinyun.servers.states import ACTIVE, MANAGED
from tests.api import SampleBank

KEY = Key(ObservedKind.SERVER, "vm-1")
FACTS: dict[str, Any] = {
    "vcpus": 2,
    "memory_mib": 4096,
    "disks": [{"key": 2000, "label": "Hard disk 1", "size_gib": 40.0, "datastore": "ds-1", "thin": True}],
    "nics": [{"mac": "00:50:56:00:00:01", "network": "vlan-1", "addresses": ["10.0.0.1"]}],
}


@dataclass
class Ground:
    """A managed server with its machine."""

    database: Database
    source: Source
    server_id: str
    object_id: str

    def see(self, **different: Any) -> None:
        """Note how the machine is by now, and compare it."""

        def work(session: Session) -> None:
            note_batch(session, self.source, [machine(**different)], utc_now())
            comparing.on_objects_changed(session, ObjectsChanged(self.source.region_id, (self.object_id,)))

        self.database.write(work)

    def ends(self, kind: str, state: str = "succeeded", operation_id: str = "") -> None:
        """Have an operation on the server end."""
        event = OperationEnded(operation_id, kind, state, {"server_id": self.server_id}, None)
        self.database.write(lambda session: comparing.on_operation_ended(session, event))

    def drifts(self) -> dict[str, str]:
        """Return the state of each drift, by field."""
        rows = self.database.read(lambda session: list(session.scalars(select(Drift).order_by(Drift.id))))
        return {row.field: row.state for row in rows}

    def expected(self) -> dict[str, Any]:
        return self.database.read(lambda session: session.get_one(Baseline, self.server_id).expected)

    def do(self, work: Callable[[Session], Any]) -> Any:
        return self.database.write(work)


def machine(**different: Any) -> Observed:
    facts = {name: different.pop(name) for name in tuple(different) if name in FACTS}
    usual: dict[str, Any] = {"name": "m", "host": "h1", "power": Power.ON, "document": FACTS | facts}
    return Observed(key=KEY, **{**usual, **different})


@pytest.fixture
def ground(database: Database) -> Ground:
    bank = SampleBank(database)
    assert bank

    def make(session: Session) -> Ground:
        region = Region(code="vmware", name="VMware", provider="vsphere", public={})
        session.add(region)
        session.flush()
        source = Source(region.id, "vcenter-1")
        note_batch(session, source, [machine()], utc_now())
        object_id = session.scalars(select(ObservedObject.id)).one()
        project = session.scalars(select(Project).filter_by(code="mobile-banking")).one()
        server = Server(id=new_id(), ladder=MANAGED, project_id=project.id, region_id=region.id, hostname="m")
        server.state, server.hold_id = ACTIVE, new_id()
        batch = AdoptionBatch(id=new_id())
        session.add_all([server, batch])
        session.flush()
        line = AdoptionLine(id=new_id(), batch_id=batch.id, number=1, machine="m", project_code=project.code, notes=[])
        session.add(line)
        session.flush()
        session.add(AdoptionClaim(object_id=object_id, line_id=line.id, server_id=server.id))
        session.flush()
        comparing.on_server_managed(session, ServerManaged(server.id))
        return Ground(database, source, server.id, object_id)

    return database.write(make)


@pytest.mark.parametrize(
    ("field", "different"),
    [
        ("vcpus", {"vcpus": 4}),
        ("memory_mib", {"memory_mib": 8192}),
        ("disks", {"disks": [FACTS["disks"][0] | {"size_gib": 80.0}]}),
        ("nics", {"nics": [FACTS["nics"][0] | {"network": "vlan-2"}]}),
        ("power", {"power": Power.OFF}),
        ("host", {"host": "h2"}),
        ("name", {"name": "n"}),
    ],
)
def test_each_field_drifts_once_and_settles(ground: Ground, field: str, different: dict[str, Any]) -> None:
    ground.see(**different)
    ground.see(**different, cluster="c2")
    assert ground.drifts() == {field: "open"}
    assert ground.do(lambda session: session.scalar(select(Notice.subject)))["en"] == "m was changed past Jinyun"
    ground.see()
    assert ground.drifts() == {field: "settled"}
    ground.see(**different)
    states = ground.do(lambda session: session.scalars(select(Drift.state).order_by(Drift.id)).all())
    assert states == ["settled", "open"], "the rows are the history"


def test_what_the_guest_tells_and_what_is_hidden_says_nothing(ground: Ground) -> None:
    ground.see(nics=[FACTS["nics"][0] | {"addresses": ["10.0.0.9"]}])
    ground.see(vcpus=None, unreadable=("config.hardware.numCPU",))
    ground.see(power=None, unreadable=("runtime.powerState",))
    assert ground.drifts() == {}


def test_a_machine_that_is_gone_is_one_drift(ground: Ground) -> None:
    def vanish(session: Session) -> None:
        note_gone(session, ground.source, [KEY], utc_now())
        comparing.on_objects_changed(session, ObjectsChanged(ground.source.region_id, (ground.object_id,)))

    ground.do(vanish)
    assert ground.drifts() == {"presence": "open"}
    ground.see()
    assert ground.drifts() == {"presence": "settled"}


@pytest.mark.parametrize("seen_before_its_end", [True, False])
def test_what_an_operation_changes_is_expected(ground: Ground, *, seen_before_its_end: bool) -> None:
    operation = ground.do(
        lambda session: (
            operations.start(session, PLATFORM, RevertDrift, parameters={}, subjects=[("server", ground.server_id)]).id
        )
    )
    if seen_before_its_end:
        ground.see(vcpus=8, host="h2")
        assert ground.drifts() == {}, "an operation has the server"
    ground.ends("resize-machine", operation_id=operation)
    ground.do(lambda session: session.execute(delete(OperationSubject)))
    ground.see(vcpus=8, host="h2")
    assert ground.expected()["vcpus"] == 8
    assert ground.drifts() == {"host": "open"}, "what it did not mean to change is drift"
    ground.see(vcpus=2, host="h2")
    assert ground.drifts()["vcpus"] == "open", "once seen, it is expected as it is"


def test_what_comes_too_late_or_from_what_failed_is_drift(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.ends("resize-machine", state="failed")
    ground.see(vcpus=8)
    assert ground.drifts() == {"vcpus": "open"}
    ground.ends("stop-machine")
    later = utc_now() + comparing.LOOSE + timedelta(seconds=1)
    monkeypatch.setattr(comparing, "transaction_time", lambda _session: later)
    ground.see(power=Power.OFF)
    assert ground.drifts()["power"] == "open"


def test_what_is_given_back_is_compared_no_more(ground: Ground) -> None:
    ground.see(vcpus=8)
    ground.do(lambda session: comparing.on_server_given_back(session, ServerGivenBack(ground.server_id)))
    assert ground.drifts() == {"vcpus": "dropped"}
    assert ground.do(lambda session: session.get(Baseline, ground.server_id)) is None


def test_operations_of_other_servers_say_nothing(ground: Ground) -> None:
    event = OperationEnded("", "resize-machine", "succeeded", {"server_id": new_id()}, None)
    ground.do(lambda session: comparing.on_operation_ended(session, event))
    ground.see(vcpus=8)
    assert ground.drifts() == {"vcpus": "open"}
