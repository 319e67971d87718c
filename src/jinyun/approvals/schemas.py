"""What the API shows of approvals."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from jinyun.approvals.models import Assignment, Chain, Decision, Stage
from jinyun.kit.bodies import Body
from jinyun.kit.texts import Language, Text, localised


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
    reason: str = Field(description="Why you are asked")
    asked_at: datetime

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
            asked_at=chain.created_at,
        )


class AssignmentView(BaseModel):
    """Who is asked, and why he."""

    id: str
    person_id: str | None
    person_name: str | None
    role: str | None = Field(description="The role in whose queue it waits, where no person is named")
    reason: str
    state: str

    @classmethod
    def of(cls, assignment: Assignment, language: Language) -> Self:
        """Show one assignment."""
        return cls(
            id=assignment.id,
            person_id=assignment.person_id,
            person_name=assignment.person.name if assignment.person else None,
            role=assignment.role,
            reason=_read(assignment.reason, language),
            state=assignment.state,
        )


class StageView(BaseModel):
    """A stage: `needed` of its people have to say yes."""

    position: int
    needed: int
    state: str
    assignments: list[AssignmentView]

    @classmethod
    def of(cls, stage: Stage, language: Language) -> Self:
        """Show one stage."""
        assignments = [AssignmentView.of(assignment, language) for assignment in stage.assignments]
        return cls(position=stage.position, needed=stage.needed, state=stage.state, assignments=assignments)


class DecisionView(BaseModel):
    """Somebody's word."""

    person_id: str | None
    person_name: str | None
    verb: str
    comment: str
    digest: str
    at: datetime

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """Show one decision."""
        return cls(
            person_id=decision.person_id,
            person_name=decision.person.name if decision.person else None,
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
            state=chain.state,
            applicant_id=chain.applicant_id,
            applicant=chain.applicant.name if chain.applicant else None,
            project_code=chain.project.code,
            created_at=chain.created_at,
            ended_at=chain.ended_at,
            stages=[StageView.of(stage, language) for stage in chain.stages],
            decisions=[DecisionView.of(decision) for decision in chain.decisions],
        )


class Approval(Body):
    """A yes to exactly what was read."""

    digest: str = Field(min_length=1, max_length=64, description="The digest of what you read")
    comment: str = Field(default="", max_length=4000)


class Rejection(Body):
    """A no; the applicant reads the comment."""

    digest: str = Field(min_length=1, max_length=64, description="The digest of what you read")
    comment: str = Field(min_length=1, max_length=4000)
