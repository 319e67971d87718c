"""What a sync would do: computed whole from what is here and what is there, before anything is touched."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from jinyun.connectors.directory import Snapshot
from jinyun.directory import staff as people
from jinyun.directory import units as departments
from jinyun.directory.findings import Finding
from jinyun.directory.known import Known, KnownDepartment, KnownPerson
from jinyun.directory.staff import Staff
from jinyun.directory.units import Units

JOIN = "join"
CHANGE = "change"
LEAVE = "leave"
RETURN = "return"
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one department or person."""

    kind: str
    """`department` or `person`."""
    action: str
    id: str
    external_id: str
    name: str
    """Code or login."""
    values: dict[str, Any]
    """New values of columns."""
    before: dict[str, Any]
    """The same in words, as they were: codes and logins instead of ids."""
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of a plan."""

    departments: int
    """How many there will be."""
    people: int
    joining: int
    changing: int
    leaving: int
    departments_joining: int
    departments_changing: int
    departments_leaving: int
    findings: int
    removed_percent: float
    """The larger share that would be removed: of the people, or of the departments."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a sync would do; the same plan always has the same digest."""

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    summary: Summary
    digest: str


def make_plan(known: Known, seen: Snapshot, source: str, new_id: Callable[[], str]) -> Plan:
    """Return what has to change for `known` to be what the directory says; asks nobody and changes nothing."""
    units = departments.arrange(seen.departments, known.departments, source, new_id)
    staff = people.arrange(seen.people, known, units, source, new_id)
    heads = {each.id: each.head for each in seen.departments}
    found = (*units.findings, *staff.findings, *people.appoint(units, staff, heads))
    changes = (*_department_changes(known, units, staff), *_person_changes(known, units, staff))
    return Plan(changes, found, _summary(known, changes, found, units, staff, source), _digest(changes))


def _department_changes(known: Known, units: Units, staff: Staff) -> Iterator[Change]:
    before = {row.id: row for row in known.departments}
    logins = {row.id: row.login for row in known.people}
    new_logins = logins | {row.id: row.login for row in staff.by_id.values()}
    codes = {row.id: row.code for row in known.departments}
    new_codes = {row.id: row.code for row in units.by_id.values()}
    for row in sorted(units.by_id.values(), key=lambda row: (row.path, row.id)):
        words = {"parent_id": codes, "manager_id": logins}, {"parent_id": new_codes, "manager_id": new_logins}
        yield from _change("department", row.code, before.get(row.id), row, words)


def _person_changes(known: Known, units: Units, staff: Staff) -> Iterator[Change]:
    before = {row.id: row for row in known.people}
    codes = {row.id: row.code for row in known.departments}
    new_codes = {row.id: row.code for row in units.by_id.values()}
    logins = {row.id: row.login for row in known.people}
    new_logins = {row.id: row.login for row in staff.by_id.values()}
    words = {"department_id": codes, "manager_id": logins}, {"department_id": new_codes, "manager_id": new_logins}
    for row in sorted(staff.by_id.values(), key=lambda row: row.login):
        yield from _change("person", row.login, before.get(row.id), row, words)


Row = KnownDepartment | KnownPerson
Words = dict[str, dict[str, str]]


def _change(kind: str, name: str, before: Row | None, after: Row, words: tuple[Words, Words]) -> Iterator[Change]:
    if before == after:
        return
    old, new = asdict(before) if before else {}, asdict(after)
    values = {field: value for field, value in new.items() if field != "id" and (not old or old[field] != value)}
    yield Change(
        kind,
        _action(before, after),
        after.id,
        after.external_id or "",
        name,
        values,
        _in_words({field: old[field] for field in values}, words[0]) if old else {},
        _in_words(values, words[1]),
    )


def _action(before: Row | None, after: Row) -> str:
    if before is None:
        return JOIN
    if before.active == after.active:
        return CHANGE
    return RETURN if after.active else LEAVE


def _in_words(values: dict[str, Any], words: Words) -> dict[str, Any]:
    """Say ids as codes and logins; `department_id` becomes `department`."""
    said = {}
    for field, value in values.items():
        names = words.get(field)
        said[field.removesuffix("_id") if names is not None else field] = names.get(value, value) if names else value
    return said


def _summary(
    known: Known, changes: tuple[Change, ...], found: tuple[Finding, ...], units: Units, staff: Staff, source: str
) -> Summary:
    def count(kind: str, *actions: str) -> int:
        return sum(change.kind == kind and change.action in actions for change in changes)

    def share(gone: int, rows: tuple[Row, ...]) -> float:
        of = sum(row.active and row.source == source for row in rows)
        return HUNDRED * gone / of if of else 0.0

    leaving, closing = count("person", LEAVE), count("department", LEAVE)
    return Summary(
        departments=sum(row.active for row in units.by_id.values()),
        people=sum(row.active for row in staff.by_id.values()),
        joining=count("person", JOIN, RETURN),
        changing=count("person", CHANGE),
        leaving=leaving,
        departments_joining=count("department", JOIN, RETURN),
        departments_changing=count("department", CHANGE),
        departments_leaving=closing,
        findings=len(found),
        removed_percent=round(max(share(leaving, known.people), share(closing, known.departments)), 2),
    )


def _digest(changes: tuple[Change, ...]) -> str:
    """Return the SHA-256 over what happens to whom: ids made for newcomers differ each time and are left out."""
    content = [[each.kind, each.action, each.external_id, each.before, each.after] for each in changes]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
