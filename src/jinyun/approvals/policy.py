"""Who has to approve: rules over the organisation, computed when a chain is opened."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.roles import SECURITY_ADMINISTRATOR
from jinyun.kit.texts import Text
from jinyun.organisation.models import Department, Person, Project

OWN_MANAGER = Text("Manager of {department}, the department of {project}", "{project} 所属部门 {department} 的负责人")
SUPERIOR_MANAGER = Text(
    "Manager of {department}, the next superior department whose manager did not ask for this himself",
    "上级部门 {department} 的负责人（下级部门没有可审批的负责人，或其负责人为申请人本人）",
)
ADMINISTRATORS = Text(
    "No department above {project} has a manager who may decide this; the security administrators do",
    "{project} 的各级部门均没有可审批的负责人，由安全管理员审批",
)


@dataclass(frozen=True, slots=True)
class Approver:
    """A person, or the queue of a role, with the reason why."""

    person_id: str | None
    role: str | None
    reason: Text


@dataclass(frozen=True, slots=True)
class StagePlan:
    """A stage to be: so many yeses of these approvers."""

    needed: int
    approvers: tuple[Approver, ...]


def plan_stages(session: Session, project: Project, applicant_id: str | None) -> tuple[StagePlan, ...]:
    """Return the stages that a request for this application system needs.

    One stage: the manager of its department. Nobody approves his own request and nobody who has left approves any:
    then the next superior department's manager does, and the security administrators where there is none.
    """
    return (StagePlan(needed=1, approvers=(nearest_manager(session, project, {applicant_id}),)),)


def nearest_manager(session: Session, project: Project, excluded: Collection[str | None]) -> Approver:
    """Return the manager of the nearest department above who is not excluded, else the security administrators."""
    codes = project.department.path.strip("/").split("/")
    paths = ["/" + "/".join(codes[:depth]) + "/" for depth in range(1, len(codes) + 1)]
    headed = (
        select(Department, Person.id)
        .join(Person, Department.manager_id == Person.id)
        .where(Department.path.in_(paths), Person.active)
    )
    candidates = sorted(session.execute(headed), key=lambda found: len(found[0].path), reverse=True)
    for department, manager_id in candidates:
        if manager_id not in excluded:
            reason = OWN_MANAGER if department.id == project.department_id else SUPERIOR_MANAGER
            return Approver(manager_id, None, reason.format(department=department.name, project=project.name))
    return Approver(None, SECURITY_ADMINISTRATOR, ADMINISTRATORS.format(project=project.name))
