"""`authorise` for one thing, `visible` for lists: the same rule twice, and nowhere else."""

from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from jinyun.access.roles import ROLES
from jinyun.kit.actor import PLATFORM, Actor, Grant
from jinyun.kit.errors import Forbidden, NotFound
from jinyun.organisation.models import Department, Project


def allowed(session: Session, actor: Actor, action: str, project_id: str | None = None) -> bool:
    """Tell whether `actor` may do `action`: to this project's things, or (without a project) to the system's."""
    if actor is PLATFORM:
        return True
    grants = [grant for grant in actor.grants if action in ROLES[grant.role]]
    if any(grant.scope == "system" for grant in grants):
        return True
    if project_id is None or not grants:
        return False
    if any(grant.scope == "project" and grant.scope_id == project_id for grant in grants):
        return True
    paths = tuple(grant.department_path for grant in grants if grant.department_path is not None)
    return bool(paths) and _department_path(session, project_id).startswith(paths)


def authorise(session: Session, actor: Actor, action: str, project_id: str | None = None) -> None:
    """Let pass, or raise.

    Raises:
        Forbidden: he may not do this.
    """
    if not allowed(session, actor, action, project_id):
        raise Forbidden(action=action)


def authorise_anywhere(actor: Actor, action: str) -> None:
    """Let pass whoever holds the action at any scope: for what all who work with it share, such as the catalogue.

    Raises:
        Forbidden: he holds it nowhere.
    """
    if actor is not PLATFORM and not any(action in ROLES[grant.role] for grant in actor.grants):
        raise Forbidden(action=action)


def authorise_found(
    session: Session, actor: Actor, actions: tuple[str, str], project_id: str | None, kind: str, name: str
) -> None:
    """Check (read action, wanted action): who may not even read it learns nothing of it.

    Raises:
        NotFound: he may not read it.
        Forbidden: he may read it but not do this.
    """
    read, wanted = actions
    if not allowed(session, actor, read, project_id):
        raise NotFound(kind=kind, name=name)
    authorise(session, actor, wanted, project_id)


def visible(actor: Actor, action: str, project_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Return the condition that leaves of a list only what `authorise` would let pass one by one."""
    if actor is PLATFORM:
        return true()
    grants = [grant for grant in actor.grants if action in ROLES[grant.role]]
    if any(grant.scope == "system" for grant in grants):
        return true()
    conditions = [*_by_project(grants, project_id), *_by_department(grants, project_id)]
    return or_(*conditions) if conditions else false()


def _by_project(grants: list[Grant], project_id: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    ids = [grant.scope_id for grant in grants if grant.scope == "project"]
    return [project_id.in_(ids)] if ids else []


def _by_department(grants: list[Grant], project_id: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    paths = [grant.department_path for grant in grants if grant.department_path is not None]
    if not paths:
        return []
    below = or_(*[Department.path.startswith(path, autoescape=True) for path in paths])
    inside = select(Project.id).join(Department, Project.department_id == Department.id).where(below)
    return [project_id.in_(inside)]


def _department_path(session: Session, project_id: str) -> str:
    path = select(Department.path).join(Project, Project.department_id == Department.id).where(Project.id == project_id)
    return session.scalar(path) or ""
