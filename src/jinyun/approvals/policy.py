"""Who can be asked: managers above an application system or a person, holders of roles, with the reason why."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.roles import SECURITY_ADMINISTRATOR
from jinyun.approvals.rules import Due
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
    editable: tuple[str, ...] = ()
    """Fields of the content that its approvers may change."""
    due: Due | None = None


def nearest_manager(session: Session, project: Project, excluded: Collection[str | None]) -> Approver:
    """Return the manager of the nearest department above who is not excluded, else the security administrators."""
    for department, manager in heads_above(session, project.department):
        if manager.id not in excluded:
            reason = OWN_MANAGER if department.id == project.department_id else SUPERIOR_MANAGER
            return Approver(manager.id, None, reason.format(department=department.name, project=project.name))
    return Approver(None, SECURITY_ADMINISTRATOR, ADMINISTRATORS.format(project=project.name))


def heads_above(session: Session, department: Department) -> list[tuple[Department, Person]]:
    """Return a department and those above it that have a head who works here, the nearest first."""
    headed = (
        select(Department, Person)
        .join(Person, Department.manager_id == Person.id)
        .where(Department.path.in_(paths_above(department)), Person.active)
    )
    rows = [(each, head) for each, head in session.execute(headed)]
    return sorted(rows, key=lambda found: len(found[0].path), reverse=True)


def managers_of(session: Session, person: Person) -> list[Person]:
    """Return who is above a person and works here, the nearest first: his managers, then the heads of departments."""
    managers: dict[str, Person] = {}
    seen = {person.id}
    following = person.manager_id
    while following is not None and following not in seen:
        seen.add(following)
        manager = session.get_one(Person, following)
        if manager.active:
            managers[manager.id] = manager
        following = manager.manager_id
    heads = {head.id: head for _, head in heads_above(session, person.department) if head.id not in seen}
    return [*(managers | heads).values()]


def paths_above(department: Department) -> list[str]:
    """Return the paths of a department and of all above it."""
    codes = department.path.strip("/").split("/")
    return ["/" + "/".join(codes[:depth]) + "/" for depth in range(1, len(codes) + 1)]
