"""What a token is limited to, laid over what its person holds at this moment."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.kit.actor import Grant
from jinyun.organisation.models import Department, Project


def within_projects(session: Session, grants: Sequence[Grant], project_ids: Sequence[str]) -> tuple[Grant, ...]:
    """Return the grants as far as they reach these application systems, and nothing beyond."""
    paths = select(Project.id, Department.path).join(Department, Department.id == Project.department_id)
    reached = session.execute(paths.where(Project.id.in_(project_ids)).order_by(Project.id)).all()
    return tuple(
        Grant(grant.role, "project", project_id)
        for grant in grants
        for project_id, path in reached
        if _covers(grant, project_id, path)
    )


def _covers(grant: Grant, project_id: str, path: str) -> bool:
    if grant.scope == "system":
        return True
    if grant.scope == "project":
        return grant.scope_id == project_id
    return grant.department_path is not None and path.startswith(grant.department_path)
