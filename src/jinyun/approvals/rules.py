"""A policy as it is written down: rules, each with what it is for and the stages that it asks for."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from jinyun.access.roles import GIVEN_AT, OWNER
from jinyun.approvals.states import NONE
from jinyun.kit.bodies import Body, WrongValue
from jinyun.kit.texts import Text
from jinyun.organisation.models import Project

Code = Annotated[str, Field(min_length=1, max_length=64)]
Login = Annotated[str, Field(min_length=1, max_length=255)]

LARGEST = 1_000_000_000
LAST_FOR_ALL = Text(
    "The last rule, and only the last, must have no conditions", "最后一条规则（且仅最后一条）必须没有条件"
)
NO_STAGES = Text(
    "A rule needs stages; where nobody is to be asked it says `approval: none`",
    "规则须有审批环节；无需审批时请写明 `approval: none`",
)
NONE_FOR_KINDS = Text(
    "A rule with `approval: none` names kinds, and has no stages",
    "写明 `approval: none` 的规则须指定类型，且不能有审批环节",
)
EARLIER = Text("A leader can only be that of an earlier stage", "只能取更早环节审批人的上级")
NOT_GIVEN_THERE = Text("This role is not given there", "该角色不能授予到该范围")


class Conditions(Body):
    """What a rule is for: everything that is stated must hold; a list holds where one of its entries does."""

    department: Code | None = Field(default=None, description="Code: application systems of it and of all below it")
    kinds: list[Code] = Field(default_factory=list, max_length=50, description="The order has an item of one of these")
    criticality: list[Code] = Field(default_factory=list, max_length=10)
    environment: list[Code] = Field(default_factory=list, max_length=10)
    vcpus_at_least: int | None = Field(default=None, ge=1, le=LARGEST)
    memory_gib_at_least: int | None = Field(default=None, ge=1, le=LARGEST)
    storage_gib_at_least: int | None = Field(default=None, ge=1, le=LARGEST)
    monthly_cost_at_least: int | None = Field(
        default=None, gt=0, le=LARGEST, description="A cost not known counts as high"
    )
    lease_days_at_least: int | None = Field(
        default=None, ge=1, le=LARGEST, description="A lease without end counts as long"
    )


class NamedPerson(Body):
    """One person."""

    by: Literal["person"]
    login: Login


class RoleHolders(Body):
    """Whoever has a role: for the whole system, for the nearest department above, or for the application system."""

    by: Literal["role"]
    role: Literal[
        "approver", "department_administrator", "operator", "owner", "security_administrator", "system_administrator"
    ]
    scope: Literal["system", "department", "project"] = "system"

    @model_validator(mode="after")
    def _given_there(self) -> Self:
        if self.scope not in (("project",) if self.role == OWNER else GIVEN_AT[self.role]):
            raise WrongValue(NOT_GIVEN_THERE)
        return self


class ApplicantsManager(Body):
    """The applicant's manager, so many levels up."""

    by: Literal["applicants-manager"]
    levels: int = Field(default=1, ge=1, le=10)


class DepartmentHead(Body):
    """The head of a department: of the one named, else of the application system's."""

    by: Literal["department-head"]
    department: Code | None = None


class LeaderOfStage(Body):
    """The managers of those who were asked in an earlier stage."""

    by: Literal["leader-of-stage"]
    stage: int = Field(ge=1, le=10, description="1 is the first")


class PoolOwner(Body):
    """Whoever answers for the pools in which something is held for the order."""

    by: Literal["pool-owner"]


ApproverRule = Annotated[
    NamedPerson | RoleHolders | ApplicantsManager | DepartmentHead | PoolOwner | LeaderOfStage,
    Field(discriminator="by"),
]


class Due(Body):
    """By when a stage is to be decided; hours are working hours."""

    hours: int = Field(ge=1, le=2000)
    remind_after: int | None = Field(default=None, ge=1, le=2000, description="Working hours after which to remind")
    then: Literal["escalate", "expire"] = Field(default="escalate", description="Ask whoever is above, or let it go")


class StageRule(Body):
    """A stage: who is asked, and how many of them have to say yes."""

    approvers: list[ApproverRule] = Field(min_length=1, max_length=20)
    needs: Literal["any", "all"] | Annotated[int, Field(ge=1, le=20)] = "any"
    may_edit: list[Code] = Field(
        default_factory=list, max_length=20, description="Fields of the request that its approvers may change"
    )
    due: Due | None = None


class PolicyRule(Body):
    """What a rule is for, and the stages that it asks for, in order; or its word that nobody is asked."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    when: Conditions = Field(default_factory=Conditions)
    approval: Literal["none"] | None = Field(
        default=None, description="`none`: nobody is asked; for requests all of whose kinds the rule names"
    )
    stages: list[StageRule] = Field(default_factory=list, max_length=10)

    @model_validator(mode="after")
    def _stages_or_the_word(self) -> Self:
        if self.approval is None and not self.stages:
            raise WrongValue(NO_STAGES)
        if self.approval == NONE and (self.stages or not self.when.kinds):
            raise WrongValue(NONE_FOR_KINDS)
        return self

    @model_validator(mode="after")
    def _leaders_of_earlier(self) -> Self:
        for position, stage in enumerate(self.stages, start=1):
            if any(isinstance(each, LeaderOfStage) and each.stage >= position for each in stage.approvers):
                raise WrongValue(EARLIER)
        return self


class Policy(Body):
    """The rules, read from the top: the first one whose conditions hold gives the chain."""

    rules: list[PolicyRule] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _one_for_all_at_the_end(self) -> Self:
        unconditional = [rule.when == Conditions() for rule in self.rules]
        if unconditional.count(True) != 1 or not unconditional[-1]:
            raise WrongValue(LAST_FOR_ALL)
        return self


class NewPolicy(Policy):
    """A policy to be: in effect from a moment on, at once where none is given."""

    note: Annotated[str, Field(min_length=1, max_length=255, description="What changes, and why")]
    effective_from: datetime | None = None


DAILY_WORK = ["server-start", "server-stop", "server-reboot", "detach", "release"]
"""What changes neither what something takes nor what it costs, and can be taken back."""
BUILT_IN = Policy(
    rules=[
        PolicyRule(name="daily work", when=Conditions(kinds=DAILY_WORK), approval=NONE),
        PolicyRule(name="department manager", stages=[StageRule(approvers=[DepartmentHead(by="department-head")])]),
    ]
)
"""Version 0: daily work without approval, all else by the manager of the application system's department."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What a rule looks at besides the application system; sums over an order."""

    kinds: frozenset[str] = frozenset()
    vcpus: int = 0
    memory_gib: int = 0
    storage_gib: int = 0
    monthly_cost: Decimal | None = None
    """None where it is not known."""
    lease_days: int | None = None
    """None where it has no end."""


def first_match(policy: Policy, project: Project, measures: Measures) -> PolicyRule:
    """Return the rule that a request falls under."""
    return next(rule for rule in policy.rules if _holds(rule, project, measures))


def _is_of_kinds(rule: PolicyRule, kinds: frozenset[str]) -> bool:
    """One item of a kind is enough to be asked for more; to be asked for nothing takes all of them."""
    if rule.approval == NONE:
        return bool(kinds) and kinds.issubset(rule.when.kinds)
    return not rule.when.kinds or not kinds.isdisjoint(rule.when.kinds)


def _holds(rule: PolicyRule, project: Project, measures: Measures) -> bool:
    when = rule.when
    return all(
        (
            when.department is None or f"/{when.department}/" in project.department.path,
            _is_of_kinds(rule, measures.kinds),
            not when.criticality or project.criticality in when.criticality,
            not when.environment or project.environment in when.environment,
            measures.vcpus >= (when.vcpus_at_least or 0),
            measures.memory_gib >= (when.memory_gib_at_least or 0),
            measures.storage_gib >= (when.storage_gib_at_least or 0),
            measures.monthly_cost is None or measures.monthly_cost >= (when.monthly_cost_at_least or 0),
            measures.lease_days is None or measures.lease_days >= (when.lease_days_at_least or 0),
        )
    )
