"""From entries to departments and people: names of entries become ids, so that nothing else here knows of them."""

import uuid
from collections.abc import Iterable, Mapping

from ldap.dn import explode_dn

from jinyun.connectors.directory import DirectoryDepartment, DirectoryPerson, Snapshot
from jinyun.connectors.ldap.attributes import Attributes
from jinyun.connectors.ldap.connection import Entry

BINARY_ID = 16
"""Bytes of Active Directory's `objectGUID`, whose first three parts are stored with the lowest byte first."""


def snapshot_of(departments: Iterable[Entry], people: Iterable[Entry], names: Attributes) -> Snapshot:
    """Return what these entries say; an entry without an id is none of ours."""
    rows = [_Entry(dn, values, names) for dn, values in departments]
    units = {row.place: row for row in rows if row.id}
    codes = {row.text(names.department_code): row.id for row in units.values()}
    persons = {row.place: row for row in (_Entry(dn, values, names) for dn, values in people) if row.id}
    unit_ids = {place: row.id for place, row in units.items()}
    person_ids = {place: row.id for place, row in persons.items()}
    return Snapshot(
        tuple(
            DirectoryDepartment(
                id=row.id,
                code=row.text(names.department_code),
                name=row.text(names.department_name) or row.text(names.department_code),
                parent=_above(row, names.parent, unit_ids),
                head=_followed(row.text(names.head), person_ids),
            )
            for row in units.values()
        ),
        tuple(
            DirectoryPerson(
                id=row.id,
                login=row.text(names.login),
                name=row.text(names.name),
                mail=row.text(names.mail),
                department=_department(row, names, codes, unit_ids),
                manager=_followed(row.text(names.manager), person_ids),
                active=names.is_active(row.text(names.status)),
            )
            for row in persons.values()
        ),
    )


class _Entry:
    """An entry with its place in the tree, spelled so that two spellings of one place are the same."""

    def __init__(self, dn: str, values: Mapping[str, list[bytes]], names: Attributes) -> None:
        self._values = {key.lower(): value for key, value in values.items()}
        self.place = _place(dn)
        self.id = _id(self._values.get(names.id.lower(), []))

    def text(self, name: str) -> str:
        """Return the first value of an attribute; empty where there is none."""
        found = self._values.get(name.lower(), []) if name else []
        return found[0].decode("utf-8", errors="replace").strip() if found else ""


def _id(values: list[bytes]) -> str:
    if not values:
        return ""
    return str(uuid.UUID(bytes_le=values[0])) if len(values[0]) == BINARY_ID else values[0].decode("ascii", "replace")


def _place(dn: str) -> tuple[str, ...]:
    """Return the parts of an entry's name from the top down; a name that is none is a place of its own."""
    try:
        return tuple(part.lower() for part in reversed(explode_dn(dn)))
    except ValueError:
        return (dn,)


def _followed(reference: str, ids: Mapping[tuple[str, ...], str]) -> str | None:
    """Return whom a reference means; the reference itself where it leads to nobody, None where there is none."""
    return (ids.get(_place(reference)) or reference) if reference else None


def _above(row: _Entry, parent: str, ids: Mapping[tuple[str, ...], str]) -> str | None:
    named = row.text(parent)
    return _followed(named, ids) if named else _around(row.place, ids)


def _around(place: tuple[str, ...], ids: Mapping[tuple[str, ...], str]) -> str | None:
    """Return the id of the department in which a place lies."""
    return next((ids[place[:depth]] for depth in range(len(place) - 1, 0, -1) if place[:depth] in ids), None)


def _department(
    row: _Entry, names: Attributes, codes: Mapping[str, str], ids: Mapping[tuple[str, ...], str]
) -> str | None:
    code = row.text(names.department)
    return codes.get(code, code) if code else _around(row.place, ids)
