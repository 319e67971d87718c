"""The departments as they are to be: the directory's, put in order, among those that it does not have."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from jinyun.connectors.directory import DirectoryDepartment
from jinyun.directory import findings
from jinyun.directory.findings import Finding, circles, shown
from jinyun.directory.known import KnownDepartment
from jinyun.kit.texts import Text
from jinyun.organisation.models import PATH_LENGTH

LONGEST_CODE = 64


@dataclass(frozen=True, slots=True)
class Units:
    """Departments by our id, our ids by the directory's, and what was wrong."""

    by_id: dict[str, KnownDepartment]
    ids: dict[str, str]
    findings: list[Finding]


def arrange(
    seen: Iterable[DirectoryDepartment], known: Iterable[KnownDepartment], source: str, new_id: Callable[[], str]
) -> Units:
    """Return the departments as they are to be, their heads left as they are."""
    work = _Arranging({row.id: row for row in known}, source, new_id)
    ordered = sorted({each.id: each for each in seen}.values(), key=lambda each: each.id)
    work.identify(ordered)
    work.name(ordered)
    work.place(ordered)
    return Units(work.units, work.ids, work.findings)


class _Arranging:
    def __init__(self, known: dict[str, KnownDepartment], source: str, new_id: Callable[[], str]) -> None:
        self.units, self.source, self.new_id = known, source, new_id
        self.ids: dict[str, str] = {
            row.external_id: row.id for row in known.values() if row.source == source and row.external_id
        }
        self.findings: list[Finding] = []

    def identify(self, seen: list[DirectoryDepartment]) -> None:
        """Find who is who: by the directory's id, else (of those entered here) by code."""
        entered: dict[str, str] = {row.code: row.id for row in self.units.values() if row.source is None}
        present = {each.id for each in seen}
        for each in seen:
            if each.id not in self.ids:
                self.ids[each.id] = entered.pop(each.code, "") or self.new_id()
        for external_id in self.ids.keys() - present:
            unit = self.units[self.ids[external_id]]
            self.units[unit.id] = replace(unit, active=False)
        self.ids = {external_id: unit for external_id, unit in self.ids.items() if external_id in present}

    def name(self, seen: list[DirectoryDepartment]) -> None:
        """Give each its code; where two want the same, whoever has it keeps it."""
        mine = set(self.ids.values())
        taken = {row.code: row.id for row in self.units.values() if row.id not in mine and row.active}
        for each in sorted(seen, key=lambda each: (not self._has(each), each.id)):
            unit_id, name = self.ids[each.id], shown(each.name) or each.id
            code = self._code(each, name, taken)
            taken[code] = unit_id
            before = self.units.get(unit_id)
            self.units[unit_id] = KnownDepartment(
                unit_id, code, name, "", None, before.manager_id if before else None, True, self.source, each.id
            )
        for row in list(self.units.values()):
            if row.id not in mine and not row.active and taken.get(row.code, row.id) != row.id:
                self.units[row.id] = replace(row, code=_spare(row.code, row.external_id or row.id))

    def place(self, seen: list[DirectoryDepartment]) -> None:
        """Put each below the one above it, and spell its path out."""
        for each in seen:
            unit = self.units[self.ids[each.id]]
            parent = self.ids.get(each.parent) if each.parent else None
            if each.parent and parent is None:
                self._find(findings.NO_PARENT, code=unit.code)
            self.units[unit.id] = replace(unit, parent_id=parent)
        for circle in circles({row.id: row.parent_id for row in self.units.values()}):
            first = min(circle, key=lambda unit_id: self.units[unit_id].code)
            codes = ", ".join(sorted(self.units[unit_id].code for unit_id in circle))
            self._find(findings.DEPARTMENT_CIRCLE, codes=codes, code=self.units[first].code)
            self.units[first] = replace(self.units[first], parent_id=None)
        paths: dict[str, str] = {}
        for unit_id in self.units:
            self._spell(unit_id, paths)

    def _spell(self, unit_id: str, paths: dict[str, str]) -> None:
        """Spell the paths of a department and of those above it, from the top down."""
        way = [unit_id]
        while (above := self.units[way[-1]].parent_id) is not None and above not in paths:
            way.append(above)
        for each in reversed(way):
            if each in paths:
                continue
            unit = self.units[each]
            path = f"{paths[unit.parent_id] if unit.parent_id else '/'}{unit.code}/"
            if len(path) > PATH_LENGTH:
                self._find(findings.TOO_DEEP, code=unit.code)
                unit, path = replace(unit, parent_id=None), f"/{unit.code}/"
            paths[each] = path
            self.units[each] = replace(unit, path=path)

    def _has(self, each: DirectoryDepartment) -> bool:
        before = self.units.get(self.ids[each.id])
        return before is not None and before.code == each.code

    def _code(self, each: DirectoryDepartment, name: str, taken: dict[str, str]) -> str:
        wanted = each.code
        if not _usable(wanted):
            code = _spare("d", each.id)
            self._find(findings.NO_CODE, name=name, code=code)
            return code
        if wanted in taken:
            code = _spare(wanted, each.id)
            self._find(findings.CODE_TWICE, name=name, wanted=wanted, code=code)
            return code
        return wanted

    def _find(self, text: Text, **values: object) -> None:
        self.findings.append(Finding("department", text.format(**values)))


def _usable(code: str) -> bool:
    return bool(code) and len(code) <= LONGEST_CODE and "/" not in code and shown(code) == code


def _spare(code: str, external_id: str) -> str:
    """Return a code that nobody else has: it ends with the id that nobody else has."""
    mark = external_id[:LONGEST_CODE]
    return f"{code[: max(LONGEST_CODE - len(mark) - 1, 0)]}~{mark}"[-LONGEST_CODE:]
