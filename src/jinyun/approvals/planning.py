"""From a rule to the people of a chain, each with the reason why he is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.models import RoleGrant
from jinyun.access.roles import OWNER
from jinyun.approvals.policy import Approver, StagePlan, heads_above, managers_of, nearest_manager, paths_above
from jinyun.approvals.pools import owned_pools
from jinyun.approvals.rules import (
    ApplicantsManager,
    ApproverRule,
    DepartmentHead,
    LeaderOfStage,
    NamedPerson,
    PolicyRule,
    PoolOwner,
    RoleHolders,
    StageRule,
)
from jinyun.kit.texts import Text
from jinyun.kit.words import spoken
from jinyun.organisation.models import Department, Person, Project
from jinyun.organisation.people import find_person

NAMED = Text("Named in the rule “{rule}”", "规则“{rule}”指定的人员")
IN_ROLE = Text("{role} of {place}, by the rule “{rule}”", "{place} 的{role}（规则“{rule}”）")
QUEUE = Text("Any {role} of the whole system, by the rule “{rule}”", "任意一位全系统的{role}（规则“{rule}”）")
MANAGER = Text(
    "Manager of {person}, {levels} up, by the rule “{rule}”", "{person} 的第 {levels} 级上级（规则“{rule}”）"
)
HEAD = Text("Head of {department}, by the rule “{rule}”", "{department} 的负责人（规则“{rule}”）")
LEADER = Text(
    "Manager of {person}, who is asked in stage {stage}, by the rule “{rule}”",
    "第 {stage} 环节审批人 {person} 的上级（规则“{rule}”）",
)

POOL_OWNER = Text("Owner of the pool {pool}, by the rule “{rule}”", "资源池 {pool} 的负责人（规则“{rule}”）")
LACKING = Text(
    "The rule “{rule}” needs {needed} people and finds {found}. {why}",
    "规则“{rule}”需要 {needed} 人，仅找到 {found} 人。{why}",
)
NOBODY = Text("The rule “{rule}” finds nobody. {why}", "规则“{rule}”未找到审批人。{why}")


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, and for which application system."""

    project: Project
    applicant: Person | None
    pools: tuple[str, ...] = ()
    """Ids of the pools in which something is held for it."""


def plan_stages(session: Session, rule: PolicyRule, request: Request) -> tuple[StagePlan, ...]:
    """Return the stages that a rule asks for.

    The applicant and whoever left are not asked. Where a stage then has fewer people than it needs, the next managers
    above the application system are asked, and where there is none, the security administrators; it never needs less.
    """
    plans: list[StagePlan] = []
    for stage in rule.stages:
        found = [each for spec in stage.approvers for each in _resolve(session, spec, rule, request, plans)]
        plans.append(_filled(session, stage, rule, request, found))
    return tuple(plans)


def _filled(
    session: Session, stage: StageRule, rule: PolicyRule, request: Request, found: Sequence[Approver]
) -> StagePlan:
    asked = list({(each.person_id, each.role): each for each in reversed(found)}.values())[::-1]
    wanted = stage.needs if isinstance(stage.needs, int) else 1
    if len(asked) < wanted:
        asked += _of_queues(session, asked, request, wanted - len(asked))
        asked += _from_above(session, asked, rule, request, wanted)
    needed = len(asked) if stage.needs == "all" else wanted
    return StagePlan(needed, tuple(asked), tuple(stage.may_edit), stage.due)


def _of_queues(session: Session, asked: Sequence[Approver], request: Request, missing: int) -> list[Approver]:
    """Return further places in the queues of roles that are asked, no more than they have people."""
    more: list[Approver] = []
    for queue in (each for each in asked if each.role is not None):
        spare = len(_in_queue(session, queue.role, request)) - 1
        more += [queue] * min(spare, missing - len(more))
    return more


def _from_above(
    session: Session, asked: Sequence[Approver], rule: PolicyRule, request: Request, wanted: int
) -> list[Approver]:
    """Return who is asked where a rule finds too few: the managers above, and then the administrators' queue."""
    text = LACKING if asked else NOBODY
    known = {"rule": rule.name, "found": len(asked), "needed": wanted}
    excluded = {each.person_id for each in asked} | {request.applicant.id if request.applicant else None}
    more: list[Approver] = []
    while len(asked) + len(more) < wanted:
        another = nearest_manager(session, request.project, excluded)
        excluded.add(another.person_id)
        more.append(replace(another, reason=text.format(why=another.reason, **known)))
    return more


def _resolve(
    session: Session, spec: ApproverRule, rule: PolicyRule, request: Request, earlier: Sequence[StagePlan]
) -> list[Approver]:
    """Return the people whom a line of the policy means: active, and not the applicant."""
    match spec:
        case NamedPerson():
            named = find_person(session, spec.login, who_left=True, programs=True)
            found = [(named, NAMED.format(rule=rule.name))] if named else []
        case RoleHolders(scope="system"):
            return _queue(session, spec, rule, request)
        case RoleHolders():
            found = _holders(session, spec, rule, request.project)
        case ApplicantsManager():
            found = _managers(session, spec, rule, request)
        case DepartmentHead(department=None):
            nearest = nearest_manager(session, request.project, {request.applicant.id if request.applicant else None})
            return [nearest]
        case DepartmentHead():
            found = _head(session, spec, rule)
        case PoolOwner():
            return _pool_owners(session, rule, request)
        case LeaderOfStage():
            found = _leaders(session, spec, rule, request, earlier)
    return [
        Approver(person.id, None, reason) for person, reason in found if person.active and person != request.applicant
    ]


def _queue(session: Session, spec: RoleHolders, rule: PolicyRule, request: Request) -> list[Approver]:
    """Return the queue of a role, where somebody else than the applicant is there to look at it."""
    if not _in_queue(session, spec.role, request):
        return []
    return [Approver(None, spec.role, QUEUE.format(role=spoken("role", spec.role), rule=rule.name))]


def _in_queue(session: Session, role: str | None, request: Request) -> list[str]:
    """Return the ids of those but for the applicant who have a role for the whole system."""
    holders = select(Person.id).join(RoleGrant, RoleGrant.person_id == Person.id)
    active = holders.where(RoleGrant.role == role, RoleGrant.scope == "system", Person.active)
    return [each for each in session.scalars(active) if request.applicant is None or each != request.applicant.id]


def _pool_owners(session: Session, rule: PolicyRule, request: Request) -> list[Approver]:
    """Return who answers for the pools in which something is held: people, or the queues of roles."""
    found = []
    for pool in owned_pools(session, request.pools):
        reason = POOL_OWNER.format(pool=pool.name, rule=rule.name)
        person = session.get(Person, pool.owner_id) if pool.owner_id else None
        if person is not None and person.active and person != request.applicant:
            found.append(Approver(person.id, None, reason))
        elif pool.owner_role is not None and _in_queue(session, pool.owner_role, request):
            found.append(Approver(None, pool.owner_role, reason))
    return found


def _holders(session: Session, spec: RoleHolders, rule: PolicyRule, project: Project) -> list[tuple[Person, Text]]:
    if spec.role == OWNER:
        return [(project.owner, _in_role(spec, rule, project.name))]
    if spec.scope == "project":
        return [(each, _in_role(spec, rule, project.name)) for each in _granted(session, spec, project.id)]
    above = select(Department).where(Department.path.in_(paths_above(project.department)))
    for department in sorted(session.scalars(above), key=lambda each: len(each.path), reverse=True):
        people = _granted(session, spec, department.id)
        if any(person.active for person in people):
            return [(each, _in_role(spec, rule, department.name)) for each in people]
    return []


def _granted(session: Session, spec: RoleHolders, scope_id: str) -> list[Person]:
    held = select(Person).join(RoleGrant, RoleGrant.person_id == Person.id).order_by(Person.id)
    return list(session.scalars(held.where(RoleGrant.role == spec.role, RoleGrant.scope_id == scope_id)))


def _in_role(spec: RoleHolders, rule: PolicyRule, place: str) -> Text:
    return IN_ROLE.format(role=spoken("role", spec.role), place=place, rule=rule.name)


def _managers(
    session: Session, spec: ApplicantsManager, rule: PolicyRule, request: Request
) -> list[tuple[Person, Text]]:
    if request.applicant is None:
        return []
    managers = managers_of(session, request.applicant)[spec.levels - 1 : spec.levels]
    text = MANAGER.format(person=request.applicant.name, levels=spec.levels, rule=rule.name)
    return [(manager, text) for manager in managers]


def _head(session: Session, spec: DepartmentHead, rule: PolicyRule) -> list[tuple[Person, Text]]:
    department = session.scalar(select(Department).where(Department.code == spec.department))
    heads = heads_above(session, department)[:1] if department else []
    return [(head, HEAD.format(department=headed.name, rule=rule.name)) for headed, head in heads]


def _leaders(
    session: Session, spec: LeaderOfStage, rule: PolicyRule, request: Request, earlier: Sequence[StagePlan]
) -> list[tuple[Person, Text]]:
    found = []
    for approver in earlier[spec.stage - 1].approvers:
        if approver.person_id is None:
            continue
        person = session.get_one(Person, approver.person_id)
        leaders = [each for each in managers_of(session, person) if each != request.applicant]
        text = LEADER.format(person=person.name, stage=spec.stage, rule=rule.name)
        found += [(leader, text) for leader in leaders[:1]]
    return found
