"""Carrying a plan out: in one transaction, so many rows a statement."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import case, insert, literal, update
from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.directory.plan import CHANGE, JOIN, LEAVE, RETURN, Change, Plan
from jinyun.kit.actor import PLATFORM
from jinyun.kit.clock import utc_now
from jinyun.kit.events import publish
from jinyun.organisation.events import PeopleLeft
from jinyun.organisation.models import Department, Person

BATCH = 500
VERBS = {JOIN: "create", CHANGE: "change", LEAVE: "remove", RETURN: "return"}
"""What each is called in the log."""


def apply(session: Session, plan: Plan, source: str) -> None:
    """Make it so, with an audit record for each department and person and one for the whole."""
    _write(session, Department, "code", [each for each in plan.changes if each.kind == "department"])
    people = [each for each in plan.changes if each.kind == "person"]
    now = utc_now()
    left: dict[str, dict[str, Any]] = {LEAVE: {"left_at": now}, RETURN: {"left_at": None}}
    _write(session, Person, "login", people, left)
    _record(session, plan, source)
    leavers = tuple(each.id for each in people if each.action == LEAVE)
    if leavers:
        publish(session, PeopleLeft(leavers))


def _write(
    session: Session,
    table: type[Department] | type[Person],
    unique: str,
    changes: Sequence[Change],
    more: dict[str, dict[str, Any]] | None = None,
) -> None:
    """Insert and update rows; what must be unique is given up by all before anybody takes it over."""
    new = [{"id": each.id} | each.values for each in changes if each.action == JOIN]
    old = {each.id: each.values | (more or {}).get(each.action, {}) for each in changes if each.action != JOIN}
    for ids in _batches(row_id for row_id, values in old.items() if unique in values):
        given_up = update(table).where(table.id.in_(ids)).values({unique: table.id})
        session.execute(given_up.execution_options(synchronize_session=False))
    for rows in _batches(new):
        session.execute(insert(table), rows)
    for field in sorted({field for values in old.values() for field in values}):
        changed = {row_id: values[field] for row_id, values in old.items() if field in values}
        for ids in _batches(changed):
            _set(session, table, field, {row_id: changed[row_id] for row_id in ids})


def _set(session: Session, table: type[Department] | type[Person], field: str, values: dict[str, Any]) -> None:
    column = getattr(table, field)
    chosen = case({row_id: literal(value, column.type) for row_id, value in values.items()}, value=table.id)
    statement = update(table).where(table.id.in_(values)).values({field: chosen})
    session.execute(statement.execution_options(synchronize_session=False))


def _record(session: Session, plan: Plan, source: str) -> None:
    for changes in _batches(plan.changes):
        for each in changes:
            action = f"{each.kind}.{VERBS[each.action]}"
            subject = (each.kind, each.id, each.name)
            audit.record(session, PLATFORM, action, subject, before=each.before or None, after=each.after)
        session.flush()
    after = asdict(plan.summary) | {"digest": plan.digest}
    audit.record(session, PLATFORM, "directory.sync", ("directory", source, source), after=after)


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    everything = list(items)
    return (everything[start : start + BATCH] for start in range(0, len(everything), BATCH))
