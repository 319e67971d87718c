"""What can be done about a drift: accept it, have it reverted, ignore it for a while."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise_found
from jinyun.audit import service as audit
from jinyun.capacity import service as capacity
from jinyun.drift import states
from jinyun.drift.comparing import end
from jinyun.drift.fields import TITLES
from jinyun.drift.models import Baseline, Drift
from jinyun.drift.steps import DO, RevertDrift
from jinyun.drift.telling import tell_of
from jinyun.kit.actor import Actor
from jinyun.kit.database import Database, database_now, transaction_time
from jinyun.kit.errors import InvalidField, NotFound, Problem
from jinyun.kit.texts import Text
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow

ACTIONS = ("server.read", "server.operate")
REVERTIBLE = {"vsphere": frozenset(DO), "openstack": frozenset({"power"})}
"""What can be made as it was, by the kind of region."""
SIZES = frozenset({"vcpus", "memory_mib"})
BATCH = 100
PAST = Text("Lies in the past.", "时间已过。")


class DriftOver(Problem):
    """It is not different any more, or is being reverted."""

    status = 409
    detail = Text("The drift is {state}: nothing is to be decided.", "该偏差的状态为 {state}，无需处理。")
    hint = Text("Read it again: `jinyun drift list`.", "请重新查看：`jinyun drift list`。")


class NotRevertible(Problem):
    """There is no verb that makes it as it was."""

    status = 409
    detail = Text("What is different cannot be reverted here: {what}.", "此处无法还原：{what}。")
    hint = Text(
        "Change it in the region, or accept it. Power can be reverted; on a vCenter CPUs, memory and host, too.",
        "请在区域中更改，或接受该偏差。电源可以还原；vCenter 虚拟机的 CPU、内存与主机也可以还原。",
    )


def accept(session: Session, actor: Actor, drift_id: str, comment: str) -> Drift:
    """Expect from now on what was found. Raises Forbidden, NotFound, DriftOver."""
    drift = _undecided(session, actor, drift_id)
    baseline = session.get_one(Baseline, drift.server_id, with_for_update=True, populate_existing=True)
    baseline.expected = baseline.expected | {drift.field: drift.found}
    if drift.field in SIZES:
        size = replace(drift.server.size, **{drift.field: drift.found})
        capacity.recount(session, drift.server.hold_id, size)
        drift.server.size = size
    end(drift, states.ACCEPTED, transaction_time(session))
    _decide(session, actor, drift, comment, "drift.accept")
    return drift


def ignore(session: Session, actor: Actor, drift_id: str, until: datetime, comment: str) -> Drift:
    """Hear of it again at a moment. Raises Forbidden, NotFound, DriftOver, InvalidField."""
    drift = _undecided(session, actor, drift_id)
    if until <= database_now(session):
        raise InvalidField("until", PAST)
    drift.state, drift.ignored_until = states.IGNORED, until
    _decide(session, actor, drift, comment, "drift.ignore")
    return drift


def revert(session: Session, actor: Actor, drift_id: str, comment: str) -> OperationRow:
    """Have the machine made as it was.

    Raises:
        Forbidden, NotFound, DriftOver: he may not, or nothing is to be decided.
        NotRevertible: there is no verb for it.
        SubjectBusy: another operation has the server.
    """
    drift = _undecided(session, actor, drift_id)
    region = drift.machine.region
    if drift.field not in REVERTIBLE.get(region.provider, ()) or drift.expected in (None, "suspended"):
        raise NotRevertible(what=TITLES[drift.field])
    operation = operations.start(
        session,
        actor,
        RevertDrift,
        parameters={"server_id": drift.server_id, "drift_id": drift.id},
        subjects=[("server", drift.server_id)],
        project_id=drift.server.project_id,
        subject_name=drift.server.hostname,
        backend=region.code,
    )
    drift.state, drift.operation_id = states.REVERTING, operation.id
    _decide(session, actor, drift, comment, "drift.revert")
    return operation


def reopen_due(database: Database) -> int:
    """Open again, and tell of, what was ignored for long enough; return how many."""

    def work(session: Session) -> int:
        over = (Drift.state == states.IGNORED, Drift.ignored_until <= database_now(session))
        drifts = session.scalars(select(Drift).where(*over).limit(BATCH).with_for_update()).all()
        for drift in drifts:
            drift.state, drift.ignored_until = states.OPEN, None
            tell_of(session, drift.server, [drift])
        return len(drifts)

    return database.write(work)


def _undecided(session: Session, actor: Actor, drift_id: str) -> Drift:
    drift = session.get(Drift, drift_id, with_for_update=True, populate_existing=True)
    if drift is None:
        raise NotFound(kind="drift", name=drift_id)
    authorise_found(session, actor, ACTIONS, drift.server.project_id, "drift", drift_id)
    if drift.state not in {states.OPEN, states.IGNORED}:
        raise DriftOver(state=drift.state)
    return drift


def _decide(session: Session, actor: Actor, drift: Drift, comment: str, action: str) -> None:
    drift.decided_by, drift.decided_at, drift.comment = actor.login, transaction_time(session), comment
    after = {"field": drift.field, "expected": drift.expected, "found": drift.found, "comment": comment}
    if drift.ignored_until is not None:
        after["until"] = drift.ignored_until.isoformat()
    subject = ("server", drift.server_id, drift.server.hostname)
    audit.record(session, actor, action, subject, project_id=drift.server.project_id, after=after)
