"""Setting the limits of application systems and departments: none is higher than the nearest one above it.

Limits may promise more than the one above has, in sum: the counter above decides. Whoever sets one has the top
department's row for himself, so that two limits of one tree are never compared with what the other is about to change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.capacity.errors import QuotaAboveParent, QuotaBelowOthers
from jinyun.capacity.models import DEPARTMENT, PROJECT, Quota
from jinyun.capacity.quotas import counted, in_units
from jinyun.capacity.states import HELD, USED
from jinyun.kit.actor import PLATFORM, Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import NotFound
from jinyun.organisation.models import Department, Project

NAMED = 5
"""How many of those that stand in the way are named."""


@dataclass(frozen=True, slots=True)
class Level:
    """An application system or a department that may carry limits."""

    scope: str
    id: str
    code: str
    name: str
    path: str
    """Of the department, or of the one that the application system belongs to."""


def set_quota(
    session: Session,
    actor: Actor,
    scope: str,
    code: str,
    resource: str,
    limit: int | None,
    *,
    lower_below: bool = False,
) -> Quota | None:
    """Set a limit, or take it away (None); it may be lower than what is taken: then nothing more is granted.

    Args:
        lower_below: lower what is higher below it as well, instead of refusing.

    Raises:
        NotFound: no application system or department has this code.
        Forbidden: the actor may not set quotas there.
        QuotaAboveParent: the nearest limit above is lower.
        QuotaBelowOthers: limits below are higher.
    """
    level = _find(session, scope, code)
    _authorise(session, actor, level)
    _lock_tree(session, level)
    project_ids = _lock_projects(session, level)
    if limit is not None:
        _refuse_above(session, level, resource, limit)
        _lower_below(session, actor, level, resource, limit, allowed=lower_below)
    return _set(session, actor, level, resource, limit, project_ids)


def recount_all(database: Database) -> int:
    """Count anew what stands against each limit: departments and application systems move. Returns how many erred."""
    ids = database.read(lambda session: list(session.scalars(select(Quota.id).order_by(Quota.id))))
    return sum(database.write(partial(_recount, quota_id)) for quota_id in ids)


def _recount(quota_id: str, session: Session) -> bool:
    found = session.get(Quota, quota_id)
    if found is None:
        return False
    level = level_of(session, found)
    _lock_tree(session, level)
    project_ids = _lock_projects(session, level)
    quota = session.get(Quota, quota_id, with_for_update=True, populate_existing=True)
    if quota is None:
        return False
    taken = counted(session, project_ids)[quota.resource]
    before, after = {"held": quota.held, "used": quota.used}, {"held": taken[HELD], "used": taken[USED]}
    if before == after:
        return False
    quota.held, quota.used = taken[HELD], taken[USED]
    subject = ("quota", level.id, f"{level.scope} {level.code} {quota.resource}")
    audit.record(session, PLATFORM, "quota.recount", subject, before=before, after=after)
    return True


def level_of(session: Session, quota: Quota) -> Level:
    """Return whom a limit is for."""
    return _level(session, quota.scope, (Project if quota.scope == PROJECT else Department).id == quota.scope_id)


def levels_above(session: Session, path: str) -> list[Department]:
    """Return the departments of a path, the nearest first."""
    codes = path.strip("/").split("/")
    paths = ["/" + "/".join(codes[:depth]) + "/" for depth in range(1, len(codes) + 1)]
    return sorted(
        session.scalars(select(Department).where(Department.path.in_(paths))), key=lambda each: -len(each.path)
    )


def _authorise(session: Session, actor: Actor, level: Level) -> None:
    """A department's limit is set by who stands above the department: nobody lifts his own."""
    if level.scope == PROJECT:
        authorise(session, actor, "quota.manage", level.id)
    else:
        above = level.path.rstrip("/").rpartition("/")[0] + "/"
        authorise(session, actor, "quota.manage", department_path=above)


def _find(session: Session, scope: str, code: str) -> Level:
    return _level(session, scope, (Project if scope == PROJECT else Department).code == code, code)


def _level(session: Session, scope: str, condition: ColumnElement[bool], name: str = "") -> Level:
    if scope == PROJECT:
        project = session.scalar(select(Project).where(condition))
        if project is not None:
            return Level(scope, project.id, project.code, project.name, project.department.path)
    else:
        department = session.scalar(select(Department).where(condition))
        if department is not None:
            return Level(scope, department.id, department.code, department.name, department.path)
    raise NotFound(field="code", kind=scope, name=name)


def _set(
    session: Session, actor: Actor, level: Level, resource: str, limit: int | None, project_ids: Sequence[str]
) -> Quota | None:
    same = select(Quota).where(Quota.scope == level.scope, Quota.scope_id == level.id, Quota.resource == resource)
    quota = session.scalar(same.with_for_update().execution_options(populate_existing=True))
    before = {"limit": quota.limit if quota else None}
    if limit is None:
        if quota is not None:
            session.delete(quota)
        quota = None
    else:
        if quota is None:
            taken = counted(session, project_ids)[resource]
            quota = Quota(scope=level.scope, scope_id=level.id, resource=resource)
            quota.held, quota.used = taken[HELD], taken[USED]
            session.add(quota)
        quota.limit, quota.set_by, quota.set_at = limit, actor.login, utc_now()
    session.flush()
    subject = ("quota", level.id, f"{level.scope} {level.code} {resource}")
    project_id = level.id if level.scope == PROJECT else None
    audit.record(session, actor, "quota.set", subject, project_id=project_id, before=before, after={"limit": limit})
    return quota


def _refuse_above(session: Session, level: Level, resource: str, limit: int) -> None:
    above = [each for each in levels_above(session, level.path) if each.id != level.id]
    of_those = select(Quota).where(Quota.scope_id.in_([each.id for each in above]), Quota.resource == resource)
    limits = {quota.scope_id: quota for quota in session.scalars(of_those)}
    nearest = next((each for each in above if each.id in limits), None)
    if nearest is None or limits[nearest.id].limit >= limit:
        return
    raise QuotaAboveParent(
        field="limit",
        scope=level.name,
        resource=resource,
        wanted=in_units(resource, limit),
        parent=nearest.name,
        limit=in_units(resource, limits[nearest.id].limit),
        login=limits[nearest.id].set_by or "?",
    )


def _lower_below(session: Session, actor: Actor, level: Level, resource: str, limit: int, *, allowed: bool) -> None:
    if level.scope == PROJECT:
        return
    departments = select(Department.id).where(Department.path.startswith(level.path, autoescape=True))
    projects = select(Project.id).where(Project.department_id.in_(departments))
    below = or_(Quota.scope_id.in_(departments), Quota.scope_id.in_(projects))
    higher = select(Quota).where(below, Quota.scope_id != level.id, Quota.resource == resource, Quota.limit > limit)
    found = [level_of(session, quota) for quota in session.scalars(higher.order_by(Quota.id))]
    if found and not allowed:
        names = ", ".join(each.name for each in found[:NAMED]) + (", …" if len(found) > NAMED else "")
        wanted = in_units(resource, limit)
        raise QuotaBelowOthers(
            field="limit", scope=level.name, resource=resource, wanted=wanted, count=len(found), names=names
        )
    for each in found:
        _set(session, actor, each, resource, limit, ())


def _lock_tree(session: Session, level: Level) -> None:
    top = level.path.split("/")[1]
    session.execute(select(Department.id).where(Department.code == top).with_for_update())


def _lock_projects(session: Session, level: Level) -> list[str]:
    """Lock the application systems that a limit is for, so that nobody counts meanwhile; return their ids."""
    ids = [level.id]
    if level.scope == DEPARTMENT:
        below = select(Project.id).join(Department, Project.department_id == Department.id)
        ids = list(session.scalars(below.where(Department.path.startswith(level.path, autoescape=True))))
    locking = select(Project.id).where(Project.id.in_(ids)).order_by(Project.id).with_for_update()
    return list(session.scalars(locking))
