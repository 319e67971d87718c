"""Comparing a managed machine with what is expected of it: when it is seen to change, and when an operation ends."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from jinyun.adoption.events import ServerGivenBack, ServerManaged
from jinyun.adoption.models import AdoptionClaim
from jinyun.drift import states
from jinyun.drift.fields import GONE, PRESENCE, values_of
from jinyun.drift.models import Baseline, Drift
from jinyun.drift.telling import tell_of
from jinyun.inventory.events import ObjectsChanged
from jinyun.inventory.models import ObservedObject
from jinyun.kit.database import transaction_time
from jinyun.operations import service as operations
from jinyun.operations import states as operation_states
from jinyun.operations.course import OperationEnded
from jinyun.servers.models import Server
from jinyun.servers.states import MANAGED
from jinyun.servers.steps import machines

CHANGED_BY: Mapping[str, frozenset[str]] = {
    machines.StartMachine.kind: frozenset({"power", "host"}),
    machines.StopMachine.kind: frozenset({"power"}),
    machines.RebootMachine.kind: frozenset({"power", "host"}),
    machines.ResizeMachine.kind: frozenset({"vcpus", "memory_mib"}),
    machines.ExtendMachineDisk.kind: frozenset({"disks"}),
    machines.MigrateMachine.kind: frozenset({"host", "disks"}),
}
"""What an operation of Jinyun means to change, by its kind."""
LOOSE = timedelta(minutes=2)
"""How long after an operation what it changed may still be on its way here."""


def on_objects_changed(session: Session, event: ObjectsChanged) -> None:
    """Compare what was seen to change, in the transaction that notes it; what an operation has is left to its end."""
    _compare(session, AdoptionClaim.object_id.in_(event.object_ids))


def on_operation_ended(session: Session, event: OperationEnded) -> None:
    """Expect what an operation has changed; compare what was seen while it ran."""
    server_id = event.parameters.get("server_id")
    if not isinstance(server_id, str):
        return
    baseline = session.get(Baseline, server_id, with_for_update=True)
    if baseline is None:
        return
    changed = CHANGED_BY.get(event.kind, frozenset())
    if event.state == operation_states.SUCCEEDED and changed:
        baseline.loose, baseline.loose_until = sorted(changed), transaction_time(session) + LOOSE
    _compare(session, AdoptionClaim.server_id == server_id, ended=event.operation_id)


def on_server_managed(session: Session, event: ServerManaged) -> None:
    """Expect of a machine that comes to be managed that it stays as it is."""
    claim = select(AdoptionClaim.object_id).where(AdoptionClaim.server_id == event.server_id)
    machine = session.get_one(ObservedObject, session.scalars(claim).one(), populate_existing=True)
    session.merge(_baseline(event.server_id, machine))


def on_server_given_back(session: Session, event: ServerGivenBack) -> None:
    """Expect nothing any more."""
    standing = select(Drift).where(Drift.server_id == event.server_id, Drift.standing.is_not(None))
    for drift in session.scalars(standing):
        end(drift, states.DROPPED, transaction_time(session))
    session.execute(delete(Baseline).where(Baseline.server_id == event.server_id))


def end(drift: Drift, state: str, now: datetime) -> None:
    """Note that something is not different any more, or may be."""
    drift.state, drift.standing, drift.ended_at = state, None, now


def _compare(session: Session, which: Any, ended: str | None = None) -> None:
    managed = (
        select(Server, ObservedObject)
        .join(AdoptionClaim, AdoptionClaim.server_id == Server.id)
        .join(ObservedObject, ObservedObject.id == AdoptionClaim.object_id)
        .where(which, Server.ladder == MANAGED)
    )
    found = session.execute(managed.execution_options(populate_existing=True)).all()
    if not found:
        return
    ids = [server.id for server, _machine in found]
    busy = {server for server, holder in operations.busy(session, "server", ids).items() if holder != ended}
    baselines = {row.server_id: row for row in session.scalars(select(Baseline).where(Baseline.server_id.in_(ids)))}
    standing = _standing(session, ids)
    for server, machine in found:
        if server.id in busy:
            continue
        baseline = baselines.get(server.id)
        if baseline is None:
            session.add(_baseline(server.id, machine))
            continue
        new = _compare_one(session, server, machine, baseline, standing[server.id])
        if new:
            tell_of(session, server, new)


def _compare_one(
    session: Session, server: Server, machine: ObservedObject, baseline: Baseline, standing: Mapping[str, Drift]
) -> Sequence[Drift]:
    """Note what of a machine is different and what is not any more; return what is newly so."""
    now = transaction_time(session)
    new: list[Drift] = []
    for field, value in values_of(machine).items():
        expected, drift = baseline.expected.get(field), standing.get(field)
        if value != expected and _is_loose(baseline, field, now):
            _expect(baseline, field, value)
            expected = value
        if value == expected:
            if drift is not None:
                end(drift, states.REVERTED if drift.operation_id else states.SETTLED, now)
        elif drift is None:
            new.append(_drift(server, machine, field, expected, value, now))
        else:
            _goes_on(drift, value, now)
    session.add_all(new)
    session.flush()
    return new


def _goes_on(drift: Drift, value: Any, now: datetime) -> None:
    if drift.found != value:
        drift.found, drift.last_seen_at = value, now
    if drift.state == states.REVERTING:  # the operation has ended, and it is not so
        drift.state = states.OPEN


def _standing(session: Session, server_ids: Iterable[str]) -> dict[str, dict[str, Drift]]:
    found: dict[str, dict[str, Drift]] = defaultdict(dict)
    rows = select(Drift).where(Drift.server_id.in_(server_ids), Drift.standing.is_not(None)).with_for_update()
    for drift in session.scalars(rows.execution_options(populate_existing=True)):
        found[drift.server_id][drift.field] = drift
    return found


def _is_loose(baseline: Baseline, field: str, now: datetime) -> bool:
    return field in baseline.loose and baseline.loose_until is not None and now <= baseline.loose_until


def _expect(baseline: Baseline, field: str, value: Any) -> None:
    baseline.expected = baseline.expected | {field: value}
    baseline.loose = [each for each in baseline.loose if each != field]


def _baseline(server_id: str, machine: ObservedObject) -> Baseline:
    values = values_of(machine)
    expected = values if values[PRESENCE] != GONE else {}
    return Baseline(server_id=server_id, object_id=machine.id, expected=expected, loose=[])


def _drift(server: Server, machine: ObservedObject, field: str, expected: Any, found: Any, now: datetime) -> Drift:
    return Drift(
        server_id=server.id,
        object_id=machine.id,
        field=field,
        standing=f"{server.id}:{field}",
        expected=expected,
        found=found,
        state=states.OPEN,
        first_seen_at=now,
        last_seen_at=now,
        comment="",
    )
