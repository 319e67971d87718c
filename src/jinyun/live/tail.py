"""What has changed lately, read once for everybody who listens at this process.

No room has to tell: whoever changes something writes an audit record of it in the same transaction, whoever is told
something gets a notice, and work under way moves the generation of its operation. Ids are in the order of time, but a
transaction may commit later than one that began after it: each look goes back some seconds, and says nothing twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, literal, null, select, union_all
from sqlalchemy.orm import Session

from jinyun.audit.models import AuditRecord
from jinyun.kit.ids import first_id_at
from jinyun.notices.models import Notice
from jinyun.operations.models import OperationRow
from jinyun.operations.states import ACTIVE
from jinyun.organisation.models import Department, Project

OVERLAP = timedelta(seconds=10)
"""Longer than a unit of work lies open between making an id and its commit."""
MOST = 1000
"""Of each kind of news in one look; a page that misses a hint reads again now and then by itself."""
NOTICE = "notice"
OPERATION = "operation"


@dataclass(frozen=True, slots=True)
class Change:
    """Something is not what it was: which thing, in which version, and whom it concerns."""

    kind: str
    subject_id: str
    version: str
    project_id: str | None = None
    person_id: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What it is about."""
        return self.kind, self.subject_id


class Tail:
    """Looks again and again at what changed; not for several threads at once."""

    def __init__(self, now: datetime) -> None:
        self._since = now
        self._said: set[Change] = set()
        self._active: dict[tuple[str, str], Change] = {}

    def look(self, session: Session, now: datetime) -> list[Change]:
        """Return what has changed since the last look, which one query finds out."""
        found = dict.fromkeys(Change(*row) for row in session.execute(self._question()))
        news = [change for change in found if change not in self._said]
        ended = self._active.keys() - {change.key for change in found}
        news += [Change(*key, "ended", self._active[key].project_id) for key in ended]
        self._said = set(found)
        self._active = {change.key: change for change in found if _is_under_way(change)}
        self._since = max(self._since, now - OVERLAP)
        return news

    def _question(self) -> Any:
        first = first_id_at(self._since)
        records = (
            select(
                AuditRecord.subject_kind,
                AuditRecord.subject_id,
                AuditRecord.id.label("version"),
                AuditRecord.project_id,
                null().label("person_id"),
            )
            .where(AuditRecord.id >= first)
            .order_by(AuditRecord.id)
            .limit(MOST)
        )
        notices = (
            select(literal(NOTICE), Notice.id, Notice.id, null(), Notice.person_id)
            .where(Notice.id >= first)
            .order_by(Notice.id)
            .limit(MOST)
        )
        version = OperationRow.state.concat(" ").concat(OperationRow.generation)
        operations = select(literal(OPERATION), OperationRow.id, version, OperationRow.project_id, null())
        under_way = operations.where(OperationRow.state.in_(ACTIVE)).order_by(OperationRow.id.desc()).limit(MOST)
        new = operations.where(OperationRow.id >= first).order_by(OperationRow.id).limit(MOST)
        return union_all(*map(_whole, (records, notices, under_way, new)))


def department_paths(session: Session, changes: list[Change]) -> dict[str, str]:
    """Return where in the bank the application systems of these changes are: whoever may see them is asked by that."""
    ids = {change.project_id for change in changes if change.project_id is not None}
    paths = select(Project.id, Department.path).join(Department, Department.id == Project.department_id)
    found = session.execute(paths.where(Project.id.in_(ids))) if ids else ()
    return {project_id: path for project_id, path in found}  # noqa: C416 - rows, which are no pairs to the type checker


def _is_under_way(change: Change) -> bool:
    return change.kind == OPERATION and change.version.split()[0] in ACTIVE


def _whole(part: Any) -> Select[Any]:
    """Put a part with an order of its own in brackets, without which SQLite takes none in a union."""
    return select(part.subquery())
