"""What the API takes and shows of adoption."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Base64Bytes, BaseModel, Field, field_validator

from jinyun.adoption.models import AdoptionBatch, AdoptionLine, AdoptionPart, AdoptionRule
from jinyun.adoption.proposing import Evidence, Proposal
from jinyun.inventory.models import ObservedObject
from jinyun.kit.bodies import Body, WrongValue
from jinyun.kit.errors import Problem
from jinyun.kit.texts import Language, Text

Code = Annotated[str, Field(min_length=1, max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Source = Literal["folder", "name", "tag", "field", "network", "guest-hostname", "cluster"]
Gives = Literal["project", "system", "owner"]
LineState = Literal["waiting", "adopted", "unchanged", "refused", "let_go"]
MOST_STARS = 4
TOO_MANY_STARS = Text("At most four `*` and one {}", "最多四个 `*` 和一个 {}")
SOURCE_NAMES = {
    "folder": Text("Folder", "文件夹"),
    "name": Text("Name", "名称"),
    "tag": Text("Tag", "标签"),
    "field": Text("Custom field", "自定义字段"),
    "network": Text("Network", "网络"),
    "guest-hostname": Text("Hostname of the guest", "操作系统主机名"),
    "cluster": Text("Cluster", "集群"),
}
OF_NAME = Text("{source} “{value}” is like “{pattern}”", "{source}“{value}”符合“{pattern}”")
OF_SYSTEM = Text("{source} “{value}” names “{named}”", "{source}“{value}”指明应用系统“{named}”")
OF_OWNER = Text("{source} “{value}” names the owner “{named}”", "{source}“{value}”指明负责人“{named}”")
SAYS = {"project": OF_NAME, "system": OF_SYSTEM, "owner": OF_OWNER}


class Machine(Body):
    """A machine to adopt."""

    machine: Name = Field(description="Id of the observed thing, or its name")
    region: Code | None = Field(default=None, description="Where a name alone does not say which one")
    hostname: Name | None = Field(default=None, description="What the server is to be called; its own name without one")


class DiskSize(Body):
    """A larger size for one disk."""

    disk: int = Field(ge=0, le=2**31 - 1, description="Key of the disk, as the observed thing's facts name it")
    size_gib: int = Field(ge=1, le=65_536)


class Aim(Body):
    """Where a machine is to go."""

    host: Name | None = Field(default=None, description="Name of a host")
    datastore: Name | None = Field(default=None, description="Name of a datastore")


class NewAdoption(Body):
    """Machines to adopt for one application system."""

    project: Code = Field(description="Code of the application system")
    machines: list[Machine] = Field(min_length=1, max_length=500)
    reason: str = Field(default="", max_length=500, description="For whoever approves it")


class AdoptionFile(Body):
    """A CSV file that `GET /v1/adoption-export` gave, with the column `project` filled in."""

    content: Base64Bytes = Field(description="The bytes of the file in base64; UTF-8 or GBK")
    file: str | None = Field(default=None, max_length=255, description="Its name")
    reason: str = Field(default="", max_length=500, description="For whoever approves it")


class NewRule(Body):
    """How something tells to which application system it belongs."""

    source: Source = Field(description="What of a machine is looked at")
    key: str = Field(default="", max_length=255, description="Category of the tag, or name of the custom field")
    pattern: Name = Field(description="`*` is any text, `?` one character, `{}` the part that names something")
    gives: Gives = Field(
        description="`project`: the one that is named here; `system`: the one whose code or name stands there; "
        "`owner`: the only one of the person whose login or name stands there"
    )
    project: Code | None = Field(default=None, description="Code of the application system, with `project`")
    note: str = Field(default="", max_length=255)
    position: int | None = Field(default=None, ge=1, le=1000, description="Its place; the last where none is stated")

    @field_validator("pattern")
    @classmethod
    def _few_stars(cls, pattern: str) -> str:
        if pattern.count("*") > MOST_STARS or pattern.count("{}") > 1:
            raise WrongValue(TOO_MANY_STARS)
        return pattern


class RuleView(BaseModel):
    """A rule."""

    id: str
    position: int = Field(description="The first rule that finds an application system decides")
    source: Source
    key: str
    pattern: str
    gives: Gives
    project: str | None
    note: str
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, row: AdoptionRule) -> "RuleView":
        """Show a rule; its application system is loaded with it."""
        fields = ("id", "position", "source", "key", "pattern", "gives", "note", "created_by", "created_at")
        shown = {name: getattr(row, name) for name in fields}
        return cls(**shown, project=row.project.code if row.project else None)


class AdoptionReasonView(BaseModel):
    """Why a machine cannot be adopted."""

    code: str = Field(description="A stable code, see the page of problem codes")
    field: str | None
    text: str
    hint: str = Field(description="What to do")

    @classmethod
    def of_problem(cls, problem: Problem, language: Language) -> "AdoptionReasonView":
        """Show a problem."""
        document = problem.as_document(language)
        return cls(code=problem.code, field=problem.field, text=document["detail"], hint=document["hint"])

    @classmethod
    def of(cls, stored: dict[str, Any] | None, language: Language) -> "AdoptionReasonView | None":
        """Show a stored reason, or None."""
        if stored is None:
            return None
        hint = stored["hint"][language]
        return cls(code=stored["code"], field=stored["field"], text=stored[language], hint=hint)


class EvidenceView(BaseModel):
    """A rule that matched a machine."""

    rule_id: str
    source: Source
    value: str = Field(description="What stands there")
    project: str | None = Field(description="Code of the application system that it finds; null: it finds none")
    owner: str | None = Field(description="Login of the person that it names")
    text: str

    @classmethod
    def of(cls, evidence: Evidence, language: Language) -> "EvidenceView":
        """Show evidence."""
        match = evidence.match
        source = SOURCE_NAMES[match.rule.source]
        text = SAYS[match.rule.gives].format(
            source=source, value=match.value, pattern=match.rule.pattern, named=match.named
        )
        return cls.model_validate(
            {
                "rule_id": match.rule.id,
                "source": match.rule.source,
                "value": match.value,
                "project": evidence.project.code if evidence.project else None,
                "owner": evidence.owner.login if evidence.owner else None,
                "text": text.in_language(language),
            }
        )


class AdoptionProposalView(BaseModel):
    """A machine that could be adopted, and for whom."""

    id: str = Field(description="Id of the observed thing")
    region: str
    name: str
    cluster: str | None
    folder: str | None
    power: str | None
    addresses: list[str]
    vcpus: int
    memory_mib: int
    disk_gib: int
    flavor: str | None = Field(description="Code of the flavor that has its size; null: it has one of its own")
    ladder: str = Field(description="`observed`, `adopted` or `managed`; `waiting`: somebody asked for it")
    belongs_to: str | None = Field(description="Code of the application system that has it, or waits for it")
    server_id: str | None
    project: str | None = Field(description="Code of the application system that is proposed")
    project_name: str | None
    owner: str | None = Field(description="Login of the owner that is proposed")
    owner_name: str | None
    agreed: bool = Field(description="Whether all evidence names the same application system")
    evidence: list[EvidenceView]
    obstacles: list[AdoptionReasonView] = Field(description="Why it cannot be adopted as it is")

    @classmethod
    def of(
        cls,
        machine: ObservedObject,
        proposal: Proposal,
        obstacles: list[Problem],
        language: Language,
        **known: Any,
    ) -> "AdoptionProposalView":
        """Show a proposal; `known` is its size, flavor, rung, and whose it is."""
        return cls(
            id=machine.id,
            region=machine.region.code,
            name=machine.name,
            cluster=machine.cluster,
            folder=machine.facts.get("folder"),
            power=machine.power,
            addresses=[each.address for each in machine.addresses],
            project=proposal.project.code if proposal.project else None,
            project_name=proposal.project.name if proposal.project else None,
            owner=proposal.owner.login if proposal.owner else None,
            owner_name=proposal.owner.name if proposal.owner else None,
            agreed=proposal.agreed,
            evidence=[EvidenceView.of(each, language) for each in proposal.evidence],
            obstacles=[AdoptionReasonView.of_problem(each, language) for each in obstacles],
            **known,
        )


class PartView(BaseModel):
    """The lines of a batch that are for one application system."""

    project: str
    project_name: str
    state: str
    chain_id: str | None = Field(description="The approval")
    operation_id: str | None = Field(description="The operation that adopts them")
    comment: str
    decided_at: datetime | None

    @classmethod
    def of(cls, part: AdoptionPart) -> "PartView":
        """Show a part; its application system is loaded with it."""
        fields = ("state", "chain_id", "operation_id", "comment", "decided_at")
        shown = {name: getattr(part, name) for name in fields}
        return cls(**shown, project=part.project.code, project_name=part.project.name)


class BatchView(BaseModel):
    """What somebody asked to have adopted at once."""

    id: str
    reason: str
    file: str | None
    submitted_by: str | None = Field(description="Login")
    created_at: datetime
    state: str = Field(description="`pending_approval`, `adopting` or `ended`: of the part that is least far")
    lines: dict[LineState, int] = Field(description="How many lines are in which state")
    parts: list[PartView]

    @classmethod
    def of(cls, batch: AdoptionBatch, lines: dict[LineState, int]) -> "BatchView":
        """Show a batch; its parts and submitter are loaded with it."""
        states = {part.state for part in batch.parts}
        undecided = states & {"pending_approval", "returned"}
        return cls(
            id=batch.id,
            reason=batch.reason,
            file=batch.file,
            submitted_by=batch.submitter.login if batch.submitter else None,
            created_at=batch.created_at,
            state="pending_approval" if undecided else "adopting" if "adopting" in states else "ended",
            lines=lines,
            parts=[PartView.of(part) for part in batch.parts],
        )


class NoteView(BaseModel):
    """What is worth knowing of a line."""

    code: str
    text: str


class AdoptionLineView(BaseModel):
    """One machine of a batch, and what became of it."""

    number: int = Field(description="The line of the file, or the place in the list, from 1")
    machine: str
    object_id: str | None
    project: str
    hostname: str | None
    state: LineState
    problem: AdoptionReasonView | None = Field(description="Why it was refused")
    notes: list[NoteView]
    server_id: str | None

    @classmethod
    def of(cls, line: AdoptionLine, language: Language) -> "AdoptionLineView":
        """Show a line."""
        return cls.model_validate(
            {
                "number": line.number,
                "machine": line.machine,
                "object_id": line.object_id,
                "project": line.project_code,
                "hostname": line.hostname,
                "state": line.state,
                "problem": AdoptionReasonView.of(line.problem, language),
                "notes": [NoteView(code=each["code"], text=each[language]) for each in line.notes],
                "server_id": line.server_id,
            }
        )
