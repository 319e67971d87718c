"""What the API shows of approvals."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, Field

from jinyun.approvals.models import Assignment, Chain, Decision, Deputy, PolicyVersion, Stage
from jinyun.approvals.rules import LARGEST, Code, Login, Measures, Policy, PolicyRule
from jinyun.approvals.versions import policy_of
from jinyun.kit.bodies import Body, Named
from jinyun.kit.texts import Language, Text, localised
from jinyun.organisation.models import CalendarDay, Person


def _read(stored: dict[str, str], language: Language) -> str:
    return Text(en=stored["en"], zh=stored["zh"]).in_language(language)


class TodoView(BaseModel):
    """Something that waits for you: decide with `assignment_id` and `digest`."""

    assignment_id: str
    chain_id: str
    subject_kind: str
    subject_id: str
    title: str
    facts: dict[str, Any]
    digest: str = Field(description="Send it back with your decision: it proves what you read")
    applicant: str | None
    project_code: str
    project_name: str
    reason: str = Field(description="Why you, or the one in whose place you decide, are asked")
    asked_person: str | None = Field(description="Who is asked; null where it waits in the queue of a role")
    only_word: bool = Field(description="You are asked for your word, `/answer`; somebody else decides")
    stage: int
    may_edit: list[str] = Field(description="Fields of the request that you may change")
    asked_at: datetime
    due_at: datetime | None = Field(description="By when it is to be decided")

    @classmethod
    def of(cls, assignment: Assignment, language: Language) -> Self:
        """Show one assignment with its chain."""
        chain = assignment.stage.chain
        return cls(
            assignment_id=assignment.id,
            chain_id=chain.id,
            subject_kind=chain.subject_kind,
            subject_id=chain.subject_id,
            title=_read(chain.title, language),
            facts=localised(chain.facts, language),
            digest=chain.digest,
            applicant=chain.applicant.name if chain.applicant else None,
            project_code=chain.project.code,
            project_name=chain.project.name,
            reason=_read(assignment.reason, language),
            asked_person=assignment.person.name if assignment.person else None,
            only_word=assignment.delegate_id is not None,
            stage=assignment.stage.position,
            may_edit=assignment.stage.editable,
            asked_at=chain.created_at,
            due_at=assignment.stage.due_at,
        )


class AssignmentView(BaseModel):
    """Who is asked, and why he."""

    id: str
    person_id: str | None
    person_login: str | None
    person_name: str | None
    role: str | None = Field(description="The role in whose queue it waits, where no person is named")
    delegate_name: str | None = Field(description="Who is asked for his word first")
    added: bool = Field(description="Added by another approver: his yes is needed besides `needed`")
    reason: str
    state: str

    @classmethod
    def of(cls, assignment: Assignment, language: Language) -> Self:
        """Show one assignment."""
        return cls(
            id=assignment.id,
            person_id=assignment.person_id,
            person_login=assignment.person.login if assignment.person else None,
            person_name=assignment.person.name if assignment.person else None,
            role=assignment.role,
            delegate_name=assignment.delegate.name if assignment.delegate else None,
            added=assignment.added,
            reason=_read(assignment.reason, language),
            state=assignment.state,
        )


class StageView(BaseModel):
    """A stage: `needed` of its people have to say yes."""

    position: int
    needed: int
    may_edit: list[str] = Field(description="Fields of the request that its approvers may change")
    due_at: datetime | None = Field(description="By when it is to be decided")
    state: str
    assignments: list[AssignmentView]

    @classmethod
    def of(cls, stage: Stage, language: Language) -> Self:
        """Show one stage."""
        assignments = [AssignmentView.of(assignment, language) for assignment in stage.assignments]
        return cls(
            position=stage.position,
            needed=stage.needed,
            may_edit=stage.editable,
            due_at=stage.due_at,
            state=stage.state,
            assignments=assignments,
        )


class DecisionView(BaseModel):
    """An entry of the log: who did what."""

    number: int
    assignment_id: str | None
    person_id: str | None
    person_name: str | None
    for_name: str | None = Field(description="Whose deputy he was in this")
    to_name: str | None = Field(description="Who is asked from then on")
    verb: str
    comment: str
    digest: str
    at: datetime

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """Show one entry."""
        return cls(
            number=decision.number,
            assignment_id=decision.assignment_id,
            person_id=decision.person_id,
            person_name=decision.person.name if decision.person else None,
            for_name=decision.for_person.name if decision.for_person else None,
            to_name=decision.to_person.name if decision.to_person else None,
            verb=decision.verb,
            comment=decision.comment,
            digest=decision.digest,
            at=decision.at,
        )


class ChainView(BaseModel):
    """One request for approval: who was asked, who said what."""

    id: str
    subject_kind: str
    subject_id: str
    number: int = Field(description="1 for the subject's first request, counted up with each change")
    digest: str
    title: str
    facts: dict[str, Any]
    policy_number: int = Field(description="Version of the policy that made its stages; 0 is the built-in one")
    rule: str = Field(description="The rule of it that this came under")
    state: str
    applicant_id: str | None
    applicant: str | None
    project_code: str
    created_at: datetime
    ended_at: datetime | None
    stages: list[StageView]
    decisions: list[DecisionView]

    @classmethod
    def of(cls, chain: Chain, language: Language) -> Self:
        """Show one chain with its history."""
        return cls(
            id=chain.id,
            subject_kind=chain.subject_kind,
            subject_id=chain.subject_id,
            number=chain.number,
            digest=chain.digest,
            title=_read(chain.title, language),
            facts=localised(chain.facts, language),
            policy_number=chain.policy_number,
            rule=chain.rule,
            state=chain.state,
            applicant_id=chain.applicant_id,
            applicant=chain.applicant.name if chain.applicant else None,
            project_code=chain.project.code,
            created_at=chain.created_at,
            ended_at=chain.ended_at,
            stages=[StageView.of(stage, language) for stage in chain.stages],
            decisions=[DecisionView.of(decision) for decision in chain.decisions],
        )


class PolicyVersionView(BaseModel):
    """A version of the policy; number 0 is the built-in one."""

    number: int
    note: str
    rules: list[PolicyRule]
    effective_from: datetime | None
    created_at: datetime | None

    @classmethod
    def of(cls, version: PolicyVersion | None) -> Self:
        """Show a version, or the built-in policy where there is none."""
        return cls(
            number=version.number if version else 0,
            note=version.note if version else "",
            rules=policy_of(version).rules,
            effective_from=version.effective_from if version else None,
            created_at=version.created_at if version else None,
        )


class Sample(Body):
    """An order as it could be."""

    project: Code
    applicant: Login
    kinds: list[Code] = Field(default_factory=list, max_length=50)
    vcpus: int = Field(default=0, ge=0, le=LARGEST)
    memory_gib: int = Field(default=0, ge=0, le=LARGEST)
    storage_gib: int = Field(default=0, ge=0, le=LARGEST)
    monthly_cost: int | None = Field(default=None, ge=0, le=LARGEST, description="Counts as high where it is not given")
    lease_days: int | None = Field(default=None, ge=0, le=LARGEST, description="Without end where it is not given")
    pools: list[Named] = Field(
        default_factory=list, max_length=20, description="`REGION/NAME` of the pools that it would be held in"
    )
    draft: Policy | None = Field(default=None, description="Try these rules instead of those in effect")

    def measures(self) -> Measures:
        """Return what the rules look at."""
        return Measures(
            frozenset(self.kinds),
            self.vcpus,
            self.memory_gib,
            self.storage_gib,
            None if self.monthly_cost is None else Decimal(self.monthly_cost),
            self.lease_days,
        )


class PlannedApproverView(BaseModel):
    """Who would be asked, and why he."""

    login: str | None
    name: str | None
    role: str | None = Field(description="The role in whose queue it would wait, where no person is named")
    reason: str


class PlannedStageView(BaseModel):
    """A stage that would be: `needed` of its people would have to say yes."""

    position: int
    needed: int
    may_edit: list[str]
    approvers: list[PlannedApproverView]


class SimulationView(BaseModel):
    """The chain that a sample order would get."""

    policy_number: int | None = Field(description="Version of the policy; null for a draft")
    rule: str = Field(description="The rule that it comes under")
    approval: str | None = Field(description="`none` where the rule says that nobody is asked")
    stages: list[PlannedStageView]


class Approval(Body):
    """A yes to exactly what was read."""

    digest: str = Field(min_length=1, max_length=64, description="The digest of what you read")
    comment: str = Field(default="", max_length=4000)


class Rejection(Body):
    """A no; the applicant reads the comment."""

    digest: str = Field(min_length=1, max_length=64, description="The digest of what you read")
    comment: str = Field(min_length=1, max_length=4000)


class Return(Rejection):
    """Back to the applicant, or to an earlier stage."""

    stage: int | None = Field(default=None, ge=1, le=10, description="An earlier stage; without one, the applicant")


class Handing(Body):
    """Whom to ask, and why."""

    to: Login
    comment: str = Field(min_length=1, max_length=4000)


class Signers(Body):
    """Whom to ask besides, and why."""

    logins: list[Login] = Field(min_length=1, max_length=10)
    comment: str = Field(min_length=1, max_length=4000)


class Comment(Body):
    """What somebody has to say."""

    comment: str = Field(min_length=1, max_length=4000)


class EligibleView(BaseModel):
    """Somebody who can be asked."""

    login: str
    name: str
    department: str

    @classmethod
    def of(cls, person: Person) -> Self:
        """Show one person."""
        return cls(login=person.login, name=person.name, department=person.department.name)


class NewDeputy(Body):
    """Who decides in your place, and from when to when."""

    to: Login
    begins_at: datetime
    ends_at: datetime
    reason: str = Field(min_length=1, max_length=255)
    person: Login | None = Field(default=None, description="In whose place, where it is not you: takes person.manage")


class DeputyView(BaseModel):
    """Who decides in whose place."""

    id: str
    person: str = Field(description="Login of who is away")
    person_name: str
    deputy: str = Field(description="Login of who decides meanwhile")
    deputy_name: str
    begins_at: datetime
    ends_at: datetime
    reason: str

    @classmethod
    def of(cls, deputy: Deputy) -> Self:
        """Show one of them."""
        return cls(
            id=deputy.id,
            person=deputy.person.login,
            person_name=deputy.person.name,
            deputy=deputy.deputy.login,
            deputy_name=deputy.deputy.name,
            begins_at=deputy.begins_at,
            ends_at=deputy.ends_at,
            reason=deputy.reason,
        )


class CalendarDayBody(Body):
    """A day that is otherwise than its weekday."""

    day: date
    worked: bool = Field(description="False for a holiday, true for a weekend day that is worked for one")
    note: str = Field(default="", max_length=255)


class CalendarImport(Body):
    """Days that are otherwise than their weekdays."""

    days: list[CalendarDayBody] = Field(min_length=1, max_length=2000)


class CalendarReport(BaseModel):
    """What an import came to."""

    changed: int


class CalendarDayView(BaseModel):
    """A day that is otherwise than its weekday."""

    day: date
    worked: bool
    note: str

    @classmethod
    def of(cls, row: CalendarDay) -> Self:
        """Show one day."""
        return cls(day=date.fromisoformat(row.day), worked=row.worked, note=row.note)
