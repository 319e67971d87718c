"""What the API shows of the synchronisation with the company directory."""

from datetime import datetime

from pydantic import BaseModel, Field

from jinyun.directory.models import DirectoryLine, DirectorySync
from jinyun.directory.states import NEVER
from jinyun.kit.bodies import Body
from jinyun.kit.texts import Language, stored_text


class SummaryView(BaseModel):
    """Counts of the newest plan."""

    departments: int = Field(default=0, description="How many there will be")
    people: int = 0
    joining: int = 0
    changing: int = 0
    leaving: int = 0
    departments_joining: int = 0
    departments_changing: int = 0
    departments_leaving: int = 0
    findings: int = Field(default=0, description="What is wrong in the directory")
    removed_percent: float = Field(default=0.0, description="The larger share that would be removed")


class DirectoryView(BaseModel):
    """How it stands with the company directory."""

    configured: bool
    state: str = Field(description="`never`, `in_step` or `held`: a plan waits for its confirmation")
    digest: str | None = Field(description="Of the newest plan; confirm exactly this one")
    summary: SummaryView
    cap_percent: float
    succeeded_at: datetime | None = Field(description="When it was last seen to be the same here and there")
    age_seconds: float | None = Field(description="Since then")
    failed_at: datetime | None = Field(description="Since when it cannot be read")
    problem: str | None
    requested_at: datetime | None = Field(description="Since when a new reading is waited for")
    confirmed: bool = Field(description="A plan was confirmed and is about to be carried out")
    watcher: str | None = Field(description="The worker that watches")

    @classmethod
    def of(
        cls, row: DirectorySync | None, now: datetime, language: Language, *, configured: bool, cap: float
    ) -> "DirectoryView":
        """Show how it stands; `row` is None where no worker looked yet."""
        if row is None:
            row = DirectorySync(source="", state=NEVER, summary={})
        return cls(
            configured=configured,
            state=row.state,
            digest=row.digest,
            summary=SummaryView(**row.summary),
            cap_percent=cap,
            succeeded_at=row.succeeded_at,
            age_seconds=round((now - row.succeeded_at).total_seconds(), 1) if row.succeeded_at else None,
            failed_at=row.failed_at,
            problem=stored_text(row.problem, language),
            requested_at=row.requested_at,
            confirmed=row.confirmed_digest is not None,
            watcher=row.holder,
        )


class LineView(BaseModel):
    """One line of the newest plan."""

    kind: str = Field(description="`change`, or `finding`: something wrong in the directory")
    about: str = Field(description="`department` or `person`")
    text: str

    @classmethod
    def of(cls, line: DirectoryLine, language: Language) -> "LineView":
        """Show a line."""
        return cls(kind=line.kind, about=line.subject_kind, text=stored_text(line.text, language) or "")


class SyncRequest(Body):
    """Ask for a new reading of the whole directory."""

    preview: bool = Field(default=False, description="Only show what it would change")


class PlanConfirmation(Body):
    """Have exactly this plan carried out."""

    digest: str = Field(min_length=64, max_length=64, pattern="^[0-9a-f]+$")
