"""What the API shows of departments, people and application systems."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from jinyun.kit.bodies import Body
from jinyun.organisation.models import Department, Person, Project

Code = Field(min_length=2, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$", description="Lower case, digits, hyphens")
Criticality = Literal["key", "general"]
Environment = Literal["production", "test", "development"]


class DepartmentView(BaseModel):
    """A department; `path` is the codes from the top down."""

    id: str
    code: str
    name: str
    path: str
    parent_id: str | None
    manager_id: str | None

    @classmethod
    def of(cls, department: Department) -> "DepartmentView":
        """Show a department."""
        return cls(
            id=department.id,
            code=department.code,
            name=department.name,
            path=department.path,
            parent_id=department.parent_id,
            manager_id=department.manager_id,
        )


class PersonView(BaseModel):
    """Somebody who works here."""

    id: str
    login: str
    name: str
    mail: str
    department: str = Field(description="Code of the department")
    active: bool

    @classmethod
    def of(cls, person: Person) -> "PersonView":
        """Show a person; his department is loaded with him."""
        return cls(
            id=person.id,
            login=person.login,
            name=person.name,
            mail=person.mail,
            department=person.department.code,
            active=person.active,
        )


class MemberView(BaseModel):
    """Who may order and operate for an application system."""

    login: str
    name: str


class ProjectView(BaseModel):
    """An application system (应用系统)."""

    id: str
    code: str
    name: str
    department: str = Field(description="Code of the department")
    owner: str = Field(description="Login of the owner")
    criticality: str
    environment: str
    adrift: bool = Field(description="Whether its department is gone or its owner has left: it needs a new one")
    created_at: datetime

    @classmethod
    def of(cls, project: Project) -> "ProjectView":
        """Show an application system; its department and owner are loaded with it."""
        return cls(
            id=project.id,
            code=project.code,
            name=project.name,
            department=project.department.code,
            owner=project.owner.login,
            criticality=project.criticality,
            environment=project.environment,
            adrift=not (project.department.active and project.owner.active),
            created_at=project.created_at,
        )


class ProjectDetail(ProjectView):
    """An application system with its members."""

    members: list[MemberView]


class NewProject(Body):
    """An application system to be registered."""

    code: str = Code
    name: str = Field(min_length=1, max_length=255)
    department: str = Field(max_length=64, description="Code of the department")
    owner: str = Field(max_length=255, description="Login of the owner")
    criticality: Criticality = "general"
    environment: Environment = "production"
    members: list[str] = Field(default_factory=list, max_length=500, description="Logins of the members")


class ProjectChange(Body):
    """What is to be different of an application system; what is not given stays."""

    name: str | None = Field(default=None, min_length=1, max_length=255)
    department: str | None = Field(default=None, max_length=64, description="Code of the department")
    owner: str | None = Field(default=None, max_length=255, description="Login of the owner")
    criticality: Criticality | None = None
    environment: Environment | None = None
    members: list[str] | None = Field(default=None, max_length=500, description="Logins of all the members")


class ImportedLine(BaseModel):
    """What became of one line of a file."""

    line: int
    code: str
    outcome: str = Field(description="`made`, `changed`, `unchanged` or `refused`")
    reason: str | None = Field(description="Why it was refused")


class ImportReport(BaseModel):
    """What became of a file, line by line."""

    lines: list[ImportedLine]


class ProjectImport(Body):
    """A file of application systems."""

    content: str = Field(max_length=1_000_000, description="Text of a CSV file; its first line names the columns")
