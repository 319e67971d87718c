"""Counting against the limits of application systems and departments.

Whoever counts first shares a lock on the application system's row, whoever sets a limit has it alone: so a new limit
begins with every hold counted, and holds under different limits do not wait for one another.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from jinyun.capacity.errors import QuotaExceeded
from jinyun.capacity.models import DEPARTMENT, Hold, Quota
from jinyun.capacity.states import HELD, USED
from jinyun.organisation.models import Department, Project

Lines = Mapping[str, int]
"""Amounts by resource."""


def lock_quotas(session: Session, project_id: str) -> list[Quota]:
    """Lock and return the limits that an application system is under: its own, and of each department above it.

    In the order of their ids, always; levels without a limit are not touched.
    """
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(read=True))
    levels = select(Department.id).where(Department.path.in_(_paths_above(session, project_id)))
    ids = list(session.scalars(select(Quota.id).where(or_(Quota.scope_id == project_id, Quota.scope_id.in_(levels)))))
    if not ids:
        return []
    locking = select(Quota).where(Quota.id.in_(ids)).order_by(Quota.id).with_for_update()
    return list(session.scalars(locking.execution_options(populate_existing=True)))


def scopes_of(session: Session, project_id: str) -> list[str]:
    """Return the ids of an application system and of each department above it."""
    above = select(Department.id).where(Department.path.in_(_paths_above(session, project_id)))
    return [project_id, *session.scalars(above)]


def _paths_above(session: Session, project_id: str) -> list[str]:
    project = session.get_one(Project, project_id, options=[joinedload(Project.department)])
    codes = project.department.path.strip("/").split("/")
    return ["/" + "/".join(codes[:depth]) + "/" for depth in range(1, len(codes) + 1)]


def count(session: Session, quotas: Sequence[Quota], state: str, lines: Lines, *, beyond: bool = False) -> None:
    """Count more as held or used (or, where negative, less).

    Args:
        beyond: also what passes a limit, because it is there already.

    Raises:
        QuotaExceeded: never where it goes `beyond`, or is given back.
    """
    if not beyond:
        refuse_excess(session, quotas, lines)
    for quota in quotas:
        if state == HELD:
            quota.held += lines.get(quota.resource, 0)
        else:
            quota.used += lines.get(quota.resource, 0)


def refuse_excess(session: Session, quotas: Sequence[Quota], lines: Lines) -> None:
    """Let pass what all limits allow.

    Raises:
        QuotaExceeded: one of them would be passed.
    """
    for quota in quotas:
        wanted = lines.get(quota.resource, 0)
        if wanted > 0 and quota.used + quota.held + wanted > quota.limit:
            raise _exceeded(session, quota, wanted)


def deliver(quotas: Sequence[Quota], lines: Lines) -> None:
    """Count what was held as used."""
    for quota in quotas:
        amount = lines.get(quota.resource, 0)
        quota.held -= amount
        quota.used += amount


def counted(session: Session, project_ids: Sequence[str]) -> dict[str, Counter[str]]:
    """Return what these application systems hold and use by now, as resource → state → amount."""
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    holding = select(Hold.state, Hold.lines).where(Hold.project_id.in_(project_ids), Hold.state.in_((HELD, USED)))
    for state, lines in session.execute(holding):
        for resource, amount in lines.items():
            totals[resource][state] += amount
    return totals


def in_units(resource: str, amount: int) -> str:
    """Return an amount as people say it: memory and storage in GiB."""
    if resource == "memory_mib":
        return f"{amount / 1024:g} GiB"
    return f"{amount} GiB" if resource.startswith("storage_gib:") else str(amount)


def _exceeded(session: Session, quota: Quota, wanted: int) -> QuotaExceeded:
    of_scope = select(Project.name).where(Project.id == quota.scope_id)
    if quota.scope == DEPARTMENT:
        of_scope = select(Department.name).where(Department.id == quota.scope_id)
    return QuotaExceeded(
        field=quota.resource,
        scope=session.scalar(of_scope),
        resource=quota.resource,
        limit=in_units(quota.resource, quota.limit),
        used=in_units(quota.resource, quota.used),
        held=in_units(quota.resource, quota.held),
        wanted=in_units(quota.resource, wanted),
    )
