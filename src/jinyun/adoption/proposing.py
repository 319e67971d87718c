"""To which application system and owner a machine may belong, by the rules, each with its evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from jinyun.adoption.models import AdoptionRule
from jinyun.adoption.rules import OWNER, SYSTEM, Looked, Match, Rule, matches
from jinyun.inventory.models import ObservedObject
from jinyun.organisation.models import Person, Project


@dataclass(frozen=True, slots=True)
class Evidence:
    """A rule that matched, and what it finds; nothing where it names nobody that is known here."""

    match: Match
    project: Project | None
    owner: Person | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for a machine."""

    project: Project | None
    owner: Person | None
    evidence: tuple[Evidence, ...]

    @property
    def agreed(self) -> bool:
        """Whether all evidence names the same application system."""
        return len({each.project.id for each in self.evidence if each.project}) == 1


def rules_in_order(session: Session) -> list[Rule]:
    """Return the rules."""
    return [
        Rule(row.id, row.source, row.key, row.pattern, row.gives, row.project_id)
        for row in session.scalars(select(AdoptionRule).order_by(AdoptionRule.position))
    ]


def propose(session: Session, machines: Sequence[ObservedObject]) -> dict[str, Proposal]:
    """Return what is proposed for each of these machines, by its id: five queries, however many they are."""
    rules = rules_in_order(session)
    matched = {
        machine.id: list(matches(rules, Looked(machine.name, machine.cluster, machine.facts))) for machine in machines
    }
    known = _Known(session, [match for of_one in matched.values() for match in of_one])
    return {machine_id: _proposal(known, of_one) for machine_id, of_one in matched.items()}


class _Known:
    """The application systems and people that the matches name."""

    def __init__(self, session: Session, found: Iterable[Match]) -> None:
        found = list(found)
        ids = {match.rule.project_id for match in found if match.rule.project_id}
        systems = {match.named for match in found if match.rule.gives == SYSTEM}
        names = {match.named for match in found if match.rule.gives == OWNER}
        people = self._people(session, names)
        wanted = or_(
            Project.id.in_(ids),
            Project.code.in_(systems),
            Project.name.in_(systems),
            Project.owner_id.in_([each.id for each in people]),
        )
        owned = select(Project).where(wanted).options(joinedload(Project.owner)) if found else None
        self._projects = list(session.scalars(owned)) if owned is not None else []
        self._persons = people

    @staticmethod
    def _people(session: Session, names: Iterable[str]) -> list[Person]:
        named = list(names)
        if not named:
            return []
        called = or_(Person.login.in_(named), Person.name.in_(named))
        return list(session.scalars(select(Person).where(called, Person.active)))

    def project(self, match: Match) -> Project | None:
        """Return the application system that a match finds: exactly one, or none."""
        if match.rule.gives == OWNER:
            owner = self.owner(match)
            found = [each for each in self._projects if owner is not None and each.owner_id == owner.id]
        elif match.rule.gives == SYSTEM:
            named = match.named.casefold()
            found = [each for each in self._projects if each.code.casefold() == named]
            found = found or [each for each in self._projects if each.name.casefold() == named]
        else:
            found = [each for each in self._projects if each.id == match.rule.project_id]
        return found[0] if len(found) == 1 else None

    def owner(self, match: Match) -> Person | None:
        """Return the person whom a match names: exactly one, or none."""
        if match.rule.gives != OWNER:
            return None
        found = [each for each in self._persons if match.named in {each.login, each.name}]
        return found[0] if len(found) == 1 else None


def _proposal(known: _Known, found: Sequence[Match]) -> Proposal:
    evidence = tuple(Evidence(match, known.project(match), known.owner(match)) for match in found)
    project = next((each.project for each in evidence if each.project), None)
    owner = next((each.owner for each in evidence if each.owner), None) or (project.owner if project else None)
    return Proposal(project, owner, evidence)
