"""The people as they are to be: the directory's, put in order, among those whom it does not have."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from jinyun.connectors.directory import DirectoryPerson
from jinyun.directory import findings
from jinyun.directory.findings import LONGEST, Finding, circles, shown
from jinyun.directory.known import Known, KnownPerson
from jinyun.directory.units import Units
from jinyun.kit.texts import Text


@dataclass(frozen=True, slots=True)
class Staff:
    """People by our id, our ids by the directory's, and what was wrong."""

    by_id: dict[str, KnownPerson]
    ids: dict[str, str]
    findings: list[Finding]


def arrange(
    seen: Iterable[DirectoryPerson], known: Known, units: Units, source: str, new_id: Callable[[], str]
) -> Staff:
    """Return the people as they are to be."""
    work = _Arranging(known, units, source, new_id)
    ordered = sorted({each.id: each for each in seen}.values(), key=lambda each: each.id)
    work.let_go(ordered)
    work.enter(ordered)
    work.lead(ordered)
    work.compare_mails()
    return Staff(work.people, work.ids, work.findings)


class _Arranging:
    def __init__(self, known: Known, units: Units, source: str, new_id: Callable[[], str]) -> None:
        self.people = {row.id: row for row in known.people}
        self.programs, self.units, self.source, self.new_id = known.programs, units, source, new_id
        self.before = dict(self.people)
        self.ids = {row.external_id: row.id for row in known.people if row.source == source and row.external_id}
        self.findings: list[Finding] = []
        tops = [row for row in units.by_id.values() if row.parent_id is None and row.active]
        self._top = min(tops, key=lambda row: row.code, default=None)

    def let_go(self, seen: list[DirectoryPerson]) -> None:
        """Make everybody inactive whom the directory does not have, or has as inactive."""
        active = {each.id for each in seen if each.active}
        for external_id in self.ids.keys() - active:
            person = self.people[self.ids[external_id]]
            self.people[person.id] = replace(person, active=False)

    def enter(self, seen: list[DirectoryPerson]) -> None:
        """Take in everybody who is active and whom a login and a department can be given."""
        entered = {row.login: row.id for row in self.people.values() if row.source is None}
        for each in seen:
            if not each.active:
                continue
            if not _has_login(each):
                self._find(findings.NO_LOGIN, name=shown(each.name), id=each.id)
                continue
            if each.login in self.programs:
                self._find(findings.LOGIN_OF_PROGRAM, login=each.login, name=shown(each.name), id=each.id)
                continue
            person_id = self.ids.get(each.id) or entered.pop(each.login, "") or self.new_id()
            person = self._person(each, person_id)
            if person is not None:
                self.ids[each.id] = person_id
                self.people[person_id] = person
        while doubled := self._doubled():
            for login, holders in doubled:
                for person_id in sorted(holders, key=lambda holder: self._claim(login, holder))[1:]:
                    self._leave_out(person_id)
        self._give_up_logins()

    def lead(self, seen: list[DirectoryPerson]) -> None:
        """Give everybody his manager and every department its head, where those work here."""
        taken_in = [each for each in seen if self._active(each.id) is not None]
        for each in taken_in:
            person = self.people[self.ids[each.id]]
            manager = self._active(each.manager)
            if each.manager and manager is None:
                self._find(findings.NO_MANAGER, login=person.login, manager=each.manager)
            self.people[person.id] = replace(person, manager_id=manager)
        for circle in circles({row.id: row.manager_id for row in self.people.values() if row.active}):
            first = min(circle, key=lambda person_id: self.people[person_id].login)
            logins = ", ".join(sorted(self.people[person_id].login for person_id in circle))
            self._find(findings.MANAGER_CIRCLE, logins=logins, login=self.people[first].login)
            self.people[first] = replace(self.people[first], manager_id=None)

    def compare_mails(self) -> None:
        """Say which mail addresses several people have."""
        owners = defaultdict(list)
        for row in self.people.values():
            if row.active and row.mail:
                owners[row.mail.casefold()].append(row.login)
        for mail, logins in sorted(owners.items()):
            if len(logins) > 1:
                self._find(findings.MAIL_TWICE, mail=mail, logins=", ".join(sorted(logins)))

    def _person(self, each: DirectoryPerson, person_id: str) -> KnownPerson | None:
        before = self.people.get(person_id)
        department = self.units.ids.get(each.department) if each.department else None
        if department is None:
            fallback = before.department_id if before else self._top.id if self._top else None
            if fallback is None:
                self._find(findings.NOWHERE, login=each.login)
                return None
            code = self.units.by_id[fallback].code
            self._find(findings.NO_DEPARTMENT, login=each.login, department=each.department or "-", code=code)
            department = fallback
        if not shown(each.name):
            self._find(findings.NO_NAME, login=each.login)
        if not shown(each.mail):
            self._find(findings.NO_MAIL, login=each.login)
        name = shown(each.name) or each.login
        manager = before.manager_id if before else None
        return KnownPerson(
            person_id, each.login, name, shown(each.mail), department, manager, True, self.source, each.id
        )

    def _doubled(self) -> list[tuple[str, list[str]]]:
        """Return the logins that several people are to have."""
        holders = defaultdict(list)
        for row in self.people.values():
            if row.active:
                holders[row.login].append(row.id)
        return [(login, ids) for login, ids in sorted(holders.items()) if len(ids) > 1]

    def _claim(self, login: str, person_id: str) -> tuple[bool, str]:
        """Order claims to a login: whoever has it already, then by the directory's id."""
        before = self.before.get(person_id)
        has_it = before is not None and before.active and before.login == login
        return not has_it, self.people[person_id].external_id or ""

    def _leave_out(self, person_id: str) -> None:
        """Let somebody stay what he was: one of another login, or nobody."""
        person = self.people[person_id]
        self._find(findings.LOGIN_TWICE, login=person.login, name=person.name, id=person.external_id)
        if person_id in self.before:
            self.people[person_id] = self.before[person_id]
        else:
            del self.people[person_id]
        if person.external_id is not None and not (person_id in self.people and self.people[person_id].active):
            del self.ids[person.external_id]

    def _active(self, external_id: str | None) -> str | None:
        """Return the id of somebody of the directory who works here."""
        person_id = self.ids.get(external_id) if external_id else None
        return person_id if person_id is not None and self.people[person_id].active else None

    def _give_up_logins(self) -> None:
        """Rename whoever left and whose login now belongs to somebody else."""
        taken = {row.login for row in self.people.values() if row.active}
        for row in list(self.people.values()):
            if not row.active and row.login in taken:
                self.people[row.id] = replace(row, login=f"{row.login[: LONGEST - len(row.id) - 1]}~{row.id}")

    def _find(self, text: Text, **values: object) -> None:
        self.findings.append(Finding("person", text.format(**values)))


def _has_login(each: DirectoryPerson) -> bool:
    return bool(each.login) and len(each.login) <= LONGEST and shown(each.login) == each.login


def appoint(units: Units, staff: Staff, heads: dict[str, str | None]) -> list[Finding]:
    """Give every department of the directory its head, where he works here; return what was wrong."""
    wrong = []
    for external_id, unit_id in units.ids.items():
        head = heads.get(external_id)
        person = staff.by_id.get(staff.ids.get(head, "")) if head else None
        if head and (person is None or not person.active):
            text = findings.NO_HEAD.format(code=units.by_id[unit_id].code, head=head)
            wrong.append(Finding("department", text))
        active = person.id if person is not None and person.active else None
        units.by_id[unit_id] = replace(units.by_id[unit_id], manager_id=active)
    return wrong
