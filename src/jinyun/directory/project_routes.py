"""Changing application systems, and whole lists of them, over HTTP."""

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, writing
from jinyun.connectors.cmdb import CsvFile, UnreadableFile, write_csv
from jinyun.directory import projects, queries
from jinyun.directory.schemas import ImportedLine, ImportReport, ProjectChange, ProjectDetail, ProjectImport
from jinyun.directory.service import UnknownDepartment, UnknownPerson
from jinyun.kit.actor import Actor
from jinyun.kit.bodies import Named
from jinyun.kit.errors import AlreadyExists, MalformedRequest

router = APIRouter(prefix="/v1", tags=["organisation"])
CSV = "text/csv"


@router.patch("/projects/{project}", responses=writing(UnknownDepartment, UnknownPerson, AlreadyExists))
def change_project(call: CurrentCall, project: Named, body: ProjectChange) -> ProjectDetail:
    """Change an application system: its owner, department, criticality, environment, members."""

    def work(session: Session, actor: Actor) -> ProjectDetail:
        found = queries.find_project(session, actor, project)
        projects.change_project(session, actor, found, body)
        return queries.show_project(session, actor, found.id)

    return call.write(work)


@router.post("/project-imports", status_code=201, responses=writing())
def import_projects(call: CurrentCall, body: ProjectImport) -> ImportReport:
    """Make and change application systems from the text of a CSV file; the same file twice changes nothing."""
    try:
        systems = list(CsvFile(body.content.encode()).systems())
    except UnreadableFile as error:
        raise MalformedRequest(reason=error.reason) from error

    def work(session: Session, actor: Actor) -> ImportReport:
        results = projects.import_systems(session, actor, systems)
        return ImportReport(
            lines=[
                ImportedLine(
                    line=each.line,
                    code=each.code,
                    outcome=each.outcome,
                    reason=each.reason.in_language(actor.language) if each.reason else None,
                )
                for each in results
            ]
        )

    return call.write(work)


@router.get("/project-export", response_class=Response, responses=reading() | {200: {"content": {CSV: {}}}})
def export_projects(call: CurrentCall) -> Response:
    """Return the application systems that you may see as a CSV file, which `POST /v1/project-imports` takes back."""
    systems = call.read(projects.export_systems)
    return Response("\ufeff" + write_csv(systems), media_type=f"{CSV}; charset=utf-8")
