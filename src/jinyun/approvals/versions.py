"""The policy in effect, its versions, and how a new one comes to be: by two security administrators."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.access import second_person
from jinyun.access.authority import authorise
from jinyun.access.models import AccessChange
from jinyun.access.second_person import ChangeKind
from jinyun.approvals.models import PolicyVersion
from jinyun.approvals.planning import Request, plan_stages
from jinyun.approvals.policy import StagePlan
from jinyun.approvals.pools import owned_pools
from jinyun.approvals.rules import (
    BUILT_IN,
    DepartmentHead,
    Measures,
    NamedPerson,
    NewPolicy,
    Policy,
    PolicyRule,
    first_match,
)
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import transaction_time
from jinyun.kit.errors import InvalidField, NotFound, Problem
from jinyun.kit.paging import PageRequest, read_page
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique
from jinyun.organisation.models import Department, Project
from jinyun.organisation.people import find_person

READ = "policy.read"
NAIVE = Text("It needs a time zone, such as 2027-01-01T00:00:00+08:00", "须带时区，例如 2027-01-01T00:00:00+08:00")


class PolicyMoved(Problem):
    """Another version was made since this one was written."""

    status = 409
    detail = Text("Version {number} of the policy is there already.", "策略的第 {number} 版已存在。")
    hint = Text("Read it, and propose your change anew.", "请先查看该版本，再重新提交。")


def in_effect(session: Session) -> PolicyVersion | None:
    """Return the version in effect by the database's clock; None for the built-in policy."""
    now = transaction_time(session)
    begun = select(PolicyVersion).where(PolicyVersion.effective_from <= now)
    return session.scalar(begun.order_by(PolicyVersion.effective_from.desc(), PolicyVersion.number.desc()).limit(1))


def policy_of(version: PolicyVersion | None) -> Policy:
    """Return what a version says."""
    return BUILT_IN if version is None else Policy.model_validate(version.content)


def show(session: Session, actor: Actor) -> PolicyVersion | None:
    """Return the version in effect; None for the built-in policy. Raises Forbidden."""
    authorise(session, actor, READ)
    return in_effect(session)


def list_versions(session: Session, actor: Actor, page: PageRequest) -> tuple[list[PolicyVersion], str | None]:
    """Return the versions, the newest first. Raises Forbidden."""
    authorise(session, actor, READ)
    return read_page(session, select(PolicyVersion), [PolicyVersion.number], page, descending=True)


def propose(session: Session, actor: Actor, wanted: NewPolicy) -> AccessChange:
    """Ask for the next version; it comes to be when another security administrator confirms it.

    Raises:
        Forbidden: only security administrators change policies.
        NotFound: a person or department that it names is not there.
        InvalidField: its moment has no time zone.
        AskedAlready: the same waits already.
    """
    if wanted.effective_from is not None and wanted.effective_from.tzinfo is None:
        raise InvalidField("effective_from", NAIVE)
    content = {"number": _last(session) + 1, **wanted.model_dump(mode="json")}
    return second_person.propose(session, actor, NEW_VERSION, content)


def simulate(
    session: Session,
    actor: Actor,
    who: tuple[str, str],
    measures: Measures,
    draft: Policy | None,
    pools: Sequence[str] = (),
) -> tuple[PolicyVersion | None, PolicyRule, tuple[StagePlan, ...]]:
    """Return the rule and the stages that a sample order comes under, by the policy in effect or by a draft.

    Args:
        who: the code of the application system and the login of the applicant.
        pools: in which something would be held, by id or as `REGION/NAME`.

    Raises:
        Forbidden, NotFound.
    """
    authorise(session, actor, READ)
    code, login = who
    project = session.scalar(select(Project).where(Project.code == code))
    if project is None:
        raise NotFound(field="project", kind="application system", name=code)
    applicant = find_person(session, login, programs=True)
    if applicant is None:
        raise NotFound(field="applicant", kind="person", name=login)
    known = owned_pools(session, pools)
    for name in pools:
        if not any(name in {pool.id, pool.name} for pool in known):
            raise NotFound(field="pools", kind="pool", name=name)
    version = None if draft else in_effect(session)
    rule = first_match(draft or policy_of(version), project, measures)
    return version, rule, plan_stages(session, rule, Request(project, applicant, tuple(pool.id for pool in known)))


def _last(session: Session) -> int:
    return session.scalar(select(func.max(PolicyVersion.number))) or 0


def _check(session: Session, content: Mapping[str, Any]) -> None:
    """Let pass what follows the last version and names only who and what there is."""
    last = _last(session)
    if content["number"] != last + 1:
        raise PolicyMoved(number=last)
    for rule in Policy(rules=content["rules"]).rules:
        _department(session, rule.when.department)
        for spec in (each for stage in rule.stages for each in stage.approvers):
            if isinstance(spec, DepartmentHead):
                _department(session, spec.department)
            elif isinstance(spec, NamedPerson):
                _person(session, spec.login)


def _department(session: Session, code: str | None) -> None:
    if code is not None and session.scalar(select(Department.id).where(Department.code == code)) is None:
        raise NotFound(field="rules", kind="department", name=code)


def _person(session: Session, login: str) -> None:
    if find_person(session, login, programs=True) is None:
        raise NotFound(field="rules", kind="person", name=login)


def _apply(session: Session, actor: Actor, content: Mapping[str, Any]) -> None:
    start = content["effective_from"]
    version = PolicyVersion(
        number=content["number"],
        note=content["note"],
        content={"rules": content["rules"]},
        effective_from=max(utc_now(), datetime.fromisoformat(start)) if start else utc_now(),
        confirmed_by=actor.person_id,
    )
    add_unique(session, version, PolicyMoved(number=version.number))
    subject = ("policy", version.id, str(version.number))
    audit.record(session, actor, "policy.change", subject, after=dict(content))


NEW_VERSION = ChangeKind(
    "approval-policy",
    "policy.manage",
    Text("The approval policy becomes version {number}: {note}", "审批策略更新为第 {number} 版：{note}"),
    _check,
    _apply,
)
