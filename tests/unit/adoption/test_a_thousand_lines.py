"""A thousand lines with twenty deliberate conflicts: each is reported, the rest done; killed and repeated, the same."""

import csv
import io
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.adoption import adopting, service, steps
from jinyun.adoption.models import AdoptionClaim, AdoptionLine, AdoptionPart
from jinyun.adoption.sheet import read_sheet
from jinyun.adoption.states import ADOPTED, WAITING
from jinyun.app import wire_events
from jinyun.approvals import deciding
from jinyun.approvals import queries as approval_queries
from jinyun.capacity.models import Hold
from jinyun.inventory.models import ObservedObject
from jinyun.inventory.observing import Source, note_batch, note_gone
from jinyun.kit.actor import PLATFORM
from jinyun.kit.database import Database
from jinyun.kit.paging import PageRequest
from jinyun.networks.models import Address, Network, Subnet
from jinyun.networks.plan import number_of, text_of
from jinyun.networks.service import add_network, reserve
from jinyun.networks.states import PROVIDER, READY
from jinyun.providers.estate import Key, Observed, ObservedKind, Power
from jinyun.regions.models import Region
from jinyun.servers.models import Server, TakenHostname
from tests.api import MANAGER, OPERATOR, SYSTEM_ADMINISTRATOR, SampleBank
from tests.working import run_operations

LINES = 1000
SOME = 120
LIMIT_SECONDS = 60.0
FIRST = number_of("10.80.0.1")
PROJECT = "mobile-banking"


def machine(number: int) -> Observed:
    """Return a machine of four sizes."""
    size = 2 ** (number % 4)
    return Observed(
        key=Key(ObservedKind.SERVER, f"vm-{number}"),
        name=f"核心-{number:04d}",
        uuid=f"uuid-{number}",
        cluster="C0",
        host="H0",
        power=Power.ON,
        addresses=(text_of(FIRST + number),),
        document={"vcpus": size, "memory_mib": size * 4096, "disks": [{"size_gib": 40.0, "datastore": "ds"}]},
    )


@dataclass
class Estate:
    """A bank with a vCenter of some more machines than there are lines."""

    database: Database
    lines: int = LINES
    region_id: str = ""
    ids: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bank = SampleBank(self.database)
        self.operator, self.head = self.bank.actor(OPERATOR), self.bank.actor(MANAGER)
        self.database.write(self._found)

    def _found(self, session: Session) -> None:
        region = Region(code="vc", name="vc", provider="vsphere", public={})
        session.add(region)
        session.flush()
        self.region_id = region.id
        source = Source(region.id, "vc-1")
        for start in range(0, self.lines + 5, 250):
            batch = [machine(number) for number in range(start, min(start + 250, self.lines + 5))]
            note_batch(session, source, batch, region.created_at)
        note_gone(session, source, [machine(self.lines + 1).key], region.created_at)
        network = Network(region_id=region.id, code="vlan-80", name="vlan-80", kind=PROVIDER, state=READY)
        subnet = Subnet(cidr="10.80.0.0/20", gateway="10.80.15.254")
        add_network(session, network, [(subnet, [(FIRST, FIRST + 3000)])])
        for number in range(4):
            reserve(session, self.bank.actor(SYSTEM_ADMINISTRATOR), "vlan-80", text_of(FIRST + number), "taken")
        rows = session.execute(select(ObservedObject.external_id, ObservedObject.id))
        self.ids = {int(external_id.removeprefix("vm-")): object_id for external_id, object_id in rows}

    def sheet(self) -> bytes:
        """Return 1,000 lines, of which twenty cannot be."""
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow(["id", "project", "hostname"])
        lines = [[self.ids[number], PROJECT, ""] for number in range(self.lines)]
        for number in range(4, 8):
            lines[number][1] = "no-such-system"
        for number in range(8, 11):
            lines[number][0] = self.ids[self.lines + 1]
        lines[11] = lines[10 + 2][:]
        for number in (13, 14):
            lines[number][0] = f"0198b0c0-0000-7000-8000-{number:012d}"
        for number in (15, 16):
            lines[number][2] = "taken-name"
        lines[17][0] = self.ids[self.lines + 2]
        writer.writerows(lines[:-2])
        bad = b"".join(line + b"\r\n" for line in (b"\xff\xfe,mobile-banking,", b"\xff\xff,mobile-banking,"))
        return out.getvalue().encode() + bad

    def upload(self) -> str:
        """Have the sheet taken in; return the batch."""
        wishes = list(read_sheet(self.sheet()))
        return self.database.write(lambda session: service.submit(session, self.operator, wishes).id)

    def approve(self) -> None:
        """Have the department say yes to all that it is asked."""

        def work(session: Session) -> None:
            todos, _ = approval_queries.todos(session, self.head, PageRequest(limit=500))
            for todo in todos:
                deciding.approve(session, self.head, todo.id, todo.stage.chain.digest)

        self.database.write(work)

    def part(self, batch_id: str) -> str:
        """Return the one part of a batch."""
        of_batch = select(AdoptionPart.id).filter_by(batch_id=batch_id)
        return self.database.read(lambda session: session.scalars(of_batch).one())

    def ended(self, batch_id: str) -> Counter[str]:
        """Return how many lines ended how: a state, or the code of what was wrong."""

        def work(session: Session) -> Counter[str]:
            lines = session.scalars(select(AdoptionLine).filter_by(batch_id=batch_id))
            return Counter((line.problem or {}).get("code", line.state) for line in lines)

        return self.database.read(work)

    def counted(self) -> dict[str, int]:
        """Return how many there are of everything that an adoption makes."""
        tables = (Server, TakenHostname, AdoptionClaim, Hold, Address)
        return self.database.read(
            lambda session: {
                table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
            }
        )


CONFLICTS = Counter(
    {
        "address-taken": 4,
        "unknown-system": 4,
        "machine-vanished": 1,
        "machine-named-twice": 3,
        "machine-not-observed": 2,
        "hostname-taken": 2,
        "machine-already-ours": 1,
        "bad-encoding": 2,
        "unchanged": 1,
    }
)
"""Twenty, of which one is none: it belongs to its application system already."""


def prepared(database: Database, lines: int) -> Estate:
    """Return a bank where a hostname is taken, and two machines were asked for before."""
    wire_events()
    estate = Estate(database, lines)

    def before(session: Session) -> None:
        session.add(TakenHostname(hostname="taken-name", server_id="0198b0c0-0000-7000-8000-000000000001"))

    database.write(before)
    for number, project in ((lines + 2, "credit-card"), (18, PROJECT)):
        wish = list(read_sheet(f"id,project\n{estate.ids[number]},{project}\n".encode()))
        estate.database.write(partial(service.submit, actor=estate.operator, wishes=wish))
    return estate


def test_a_thousand_lines_are_done_in_a_minute(database: Database) -> None:
    estate = prepared(database, LINES)
    began = time.monotonic()
    batch_id = estate.upload()
    estate.approve()
    run_operations(estate.database, steps.AdoptMachines)
    seconds = time.monotonic() - began
    assert estate.ended(batch_id) == CONFLICTS + Counter({ADOPTED: LINES - 20})
    assert seconds <= LIMIT_SECONDS
    sys.stdout.write(f"{LINES} lines in {seconds:.1f} s\n")


def test_killed_in_the_middle_and_repeated_it_ends_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, all_done = prepared(database, SOME), CONFLICTS + Counter({ADOPTED: SOME - 20})
    batch_id = estate.upload()
    estate.approve()
    part_id = estate.part(batch_id)
    for _ in range(2):
        estate.database.write(lambda session: steps.adopt_some(session, PLATFORM, part_id))
    died: list[int] = []

    def killed(*arguments: object) -> Server:
        if len(died) == 7:
            raise KilledInTheMiddle
        died.append(1)
        return adopting.adopt(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(KilledInTheMiddle):
        patch.setattr(steps, "adopt", killed)
        estate.database.write(lambda session: steps.adopt_some(session, PLATFORM, part_id))
    assert estate.ended(batch_id)[ADOPTED] == 2 * steps.AT_ONCE
    again = estate.upload()
    assert estate.ended(again)[WAITING] == 0
    run_operations(estate.database, steps.AdoptMachines)
    assert estate.ended(batch_id) == all_done
    assert estate.counted()["server"] == all_done[ADOPTED] + 2
    before = estate.counted()
    once_more = estate.upload()
    run_operations(estate.database, steps.AdoptMachines)
    assert estate.counted() == before, "the same file again is without effect"
    assert estate.ended(once_more)["unchanged"] == all_done[ADOPTED] + 1


class KilledInTheMiddle(BaseException):
    """The process is gone."""
