"""Who may do what: `authorise` for one thing, `visible` for lists: the same rule twice, and nowhere else."""

from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, bindparam, false, literal, null, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from jinyun.access.models import RoleGrant
from jinyun.access.roles import APPROVER, OWNER, ROLES, THREE_ADMINISTRATORS, USER
from jinyun.kit.actor import PLATFORM, Actor, Grant
from jinyun.kit.database import IdType
from jinyun.kit.errors import Forbidden, NotFound
from jinyun.organisation.models import Department, Project, ProjectMember


def _grants() -> CompoundSelect[*tuple[Any, ...]]:
    person_id = bindparam("person_id", type_=IdType)
    project, department = literal("project"), literal("department")
    given = (
        select(RoleGrant.role, RoleGrant.scope, RoleGrant.scope_id, Department.path)
        .outerjoin(Department, RoleGrant.scope_id == Department.id)
        .where(RoleGrant.person_id == person_id)
    )
    member = select(literal(USER), project, ProjectMember.project_id, null())
    owned = [select(literal(role), project, Project.id, null()) for role in (USER, OWNER)]
    headed = select(literal(APPROVER), department, Department.id, Department.path)
    return given.union(
        member.where(ProjectMember.person_id == person_id),
        *(each.where(Project.owner_id == person_id) for each in owned),
        headed.where(Department.manager_id == person_id),
    )


_GRANTS = _grants()
"""Asked with every request, so that it is put into words once."""


def grants_of(session: Session, person_id: str) -> tuple[Grant, ...]:
    """Return a person's grants: those given, those of a project's member or owner, those of a department's head.

    One of the three administrators is that alone: nothing follows from what else he is.
    """
    found = session.execute(_GRANTS, {"person_id": person_id})
    grants = sorted((Grant(role, scope, scope_id or None, path) for role, scope, scope_id, path in found), key=_order)
    administering = tuple(grant for grant in grants if grant.role in THREE_ADMINISTRATORS)
    return administering or tuple(grants)


def _order(grant: Grant) -> tuple[str, str, str]:
    return grant.role, grant.scope, grant.scope_id or ""


def granting(actor: Actor, action: str) -> list[Grant]:
    """Return the grants by which an actor may do something, wherever that is; none that his token is not for."""
    if not within_token(actor, action):
        return []
    return [grant for grant in actor.grants if action in ROLES[grant.role]]


def within_token(actor: Actor, action: str) -> bool:
    """Tell whether what the actor came by is good for an action, whatever his grants say."""
    return actor.way_in is None or actor.way_in.actions is None or action in actor.way_in.actions


def authorise_within_token(actor: Actor, action: str) -> None:
    """Let pass what follows from who the actor is, unless he came by a token that is not for it.

    Raises:
        Forbidden: the token is not for it.
    """
    if not within_token(actor, action):
        raise Forbidden(action=action)


def allowed(
    session: Session, actor: Actor, action: str, project_id: str | None = None, *, department_path: str | None = None
) -> bool:
    """Tell whether `actor` may do `action`: to this project's things, to this department's, or else to the system's."""
    if actor is PLATFORM:
        return True
    grants = granting(actor, action)
    if any(grant.scope == "system" for grant in grants):
        return True
    if not grants or (project_id is None and department_path is None):
        return False
    if any(grant.scope == "project" and grant.scope_id == project_id for grant in grants):
        return True
    paths = _paths(grants)
    if not paths:
        return False
    return (department_path or _department_path(session, project_id)).startswith(paths)


def authorise(
    session: Session, actor: Actor, action: str, project_id: str | None = None, *, department_path: str | None = None
) -> None:
    """Let pass, or raise.

    Raises:
        Forbidden: he may not do this.
    """
    if not allowed(session, actor, action, project_id, department_path=department_path):
        raise Forbidden(action=action)


def authorise_anywhere(actor: Actor, action: str) -> None:
    """Let pass whoever holds the action at any scope: for what all who work with it share, such as the catalogue.

    Raises:
        Forbidden: he holds it nowhere.
    """
    if actor is not PLATFORM and not granting(actor, action):
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
    grants = granting(actor, action)
    if any(grant.scope == "system" for grant in grants):
        return true()
    conditions = [*_by_project(grants, project_id), *_by_department(grants, project_id)]
    return or_(*conditions) if conditions else false()


def visible_departments(actor: Actor, action: str) -> ColumnElement[bool]:
    """Return the condition on `Department` that leaves those whose own things `authorise` would let pass."""
    if actor is PLATFORM:
        return true()
    grants = granting(actor, action)
    if any(grant.scope == "system" for grant in grants):
        return true()
    paths = _paths(grants)
    return or_(*map(_below, paths)) if paths else false()


def _by_project(grants: list[Grant], project_id: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    ids = [grant.scope_id for grant in grants if grant.scope == "project"]
    return [project_id.in_(ids)] if ids else []


def _by_department(grants: list[Grant], project_id: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    paths = _paths(grants)
    if not paths:
        return []
    inside = select(Project.id).join(Department, Project.department_id == Department.id)
    return [project_id.in_(inside.where(or_(*map(_below, paths))))]


def _below(path: str) -> ColumnElement[bool]:
    return Department.path.startswith(path, autoescape=True)


def _paths(grants: list[Grant]) -> tuple[str, ...]:
    return tuple(grant.department_path for grant in grants if grant.department_path is not None)


def _department_path(session: Session, project_id: str | None) -> str:
    path = select(Department.path).join(Project, Project.department_id == Department.id).where(Project.id == project_id)
    return session.scalar(path) or ""
