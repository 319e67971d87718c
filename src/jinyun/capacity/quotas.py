"""Limits of application systems and departments, and counting against them.

Whoever counts first shares a lock on the application system's row, whoever sets a limit has it alone: so a new limit
begins with every hold counted, and holds under different limits do not wait for one another.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.capacity.errors import QuotaExceeded
from jinyun.capacity.models import DEPARTMENT, PROJECT, Hold, Quota
from jinyun.capacity.states import HELD, USED
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.organisation.models import Department, Project

Lines = Mapping[str, int]
"""Amounts by resource."""


def lock_quotas(session: Session, project_id: str) -> list[Quota]:
    """Lock and return the limits that an application system is under: its own, and of each department above it.

    In the order of their ids, always; levels without a limit are not touched.
    """
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(read=True))
    ids = list(session.scalars(select(Quota.id).where(Quota.scope_id.in_(scopes_of(session, project_id)))))
    if not ids:
        return []
    locking = select(Quota).where(Quota.id.in_(ids)).order_by(Quota.id).with_for_update()
    return list(session.scalars(locking.execution_options(populate_existing=True)))


def scopes_of(session: Session, project_id: str) -> list[str]:
    """Return the ids of an application system and of each department above it."""
    of_project = select(Department.path).join(Project, Project.department_id == Department.id)
    path = session.scalars(of_project.where(Project.id == project_id)).one()
    codes = path.strip("/").split("/")
    paths = ["/" + "/".join(codes[:depth]) + "/" for depth in range(1, len(codes) + 1)]
    return [project_id, *session.scalars(select(Department.id).where(Department.path.in_(paths)))]


def count(session: Session, quotas: Sequence[Quota], state: str, lines: Lines) -> None:
    """Count more as held or used (or, where negative, less). Raises QuotaExceeded; giving back is never refused."""
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


def set_quota(session: Session, actor: Actor, scope: str, code: str, resource: str, limit: int | None) -> Quota | None:
    """Set a limit, or take it away (None); it may be lower than what is taken: then nothing more is granted.

    Raises:
        NotFound: no application system or department has this code.
        Forbidden: the actor may not set quotas there.
    """
    scope_id, path = _find_scope(session, scope, code)
    authorise(session, actor, "quota.manage", scope_id if scope == PROJECT else None)
    project_ids = _lock_projects(session, scope_id, path)
    same = select(Quota).where(Quota.scope == scope, Quota.scope_id == scope_id, Quota.resource == resource)
    quota = session.scalar(same.with_for_update())
    before = {"limit": quota.limit if quota else None}
    if limit is None:
        if quota is not None:
            session.delete(quota)
        quota = None
    elif quota is not None:
        quota.limit = limit
    else:
        quota = Quota(scope=scope, scope_id=scope_id, resource=resource, limit=limit)
        quota.held, quota.used = _counted(session, project_ids, resource)
        session.add(quota)
    session.flush()
    subject = ("quota", scope_id, f"{scope} {code} {resource}")
    audit.record(session, actor, "quota.set", subject, before=before, after={"limit": limit})
    return quota


def _find_scope(session: Session, scope: str, code: str) -> tuple[str, str | None]:
    """Return the id of the application system or department, and the path of the department."""
    if scope == PROJECT:
        of_project = session.scalar(select(Project).where(Project.code == code))
        if of_project is not None:
            return of_project.id, None
    else:
        department = session.scalar(select(Department).where(Department.code == code))
        if department is not None:
            return department.id, department.path
    raise NotFound(field="code", kind=scope, name=code)


def _lock_projects(session: Session, scope_id: str, path: str | None) -> list[str]:
    """Lock the application systems that a limit is for, so that nobody counts meanwhile; return their ids."""
    ids = [scope_id]
    if path is not None:
        below = select(Project.id).join(Department, Project.department_id == Department.id)
        ids = list(session.scalars(below.where(Department.path.startswith(path, autoescape=True))))
    locking = select(Project.id).where(Project.id.in_(ids)).order_by(Project.id).with_for_update()
    return list(session.scalars(locking))


def _counted(session: Session, project_ids: Sequence[str], resource: str) -> tuple[int, int]:
    """Return what of a resource is held and used by now."""
    totals = {HELD: 0, USED: 0}
    holding = select(Hold.state, Hold.lines).where(Hold.project_id.in_(project_ids), Hold.state.in_(totals))
    for state, lines in session.execute(holding):
        totals[state] += lines.get(resource, 0)
    return totals[HELD], totals[USED]


def _exceeded(session: Session, quota: Quota, wanted: int) -> QuotaExceeded:
    of_scope = select(Project.name).where(Project.id == quota.scope_id)
    if quota.scope == DEPARTMENT:
        of_scope = select(Department.name).where(Department.id == quota.scope_id)
    return QuotaExceeded(
        field=quota.resource,
        scope=session.scalar(of_scope),
        resource=quota.resource,
        limit=quota.limit,
        used=quota.used,
        held=quota.held,
        wanted=wanted,
    )
