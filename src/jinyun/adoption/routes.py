"""Adoption over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.adoption import changing, queries, ruling
from jinyun.adoption import service as adoption
from jinyun.adoption.errors import (
    AdoptionDecided,
    AlreadyManaged,
    DiskNotLarger,
    NotAdopted,
    NothingToAdopt,
    NowhereToMove,
    RuleNeedsProject,
    UnknownSystem,
)
from jinyun.adoption.schemas import (
    AdoptionFile,
    AdoptionLineView,
    AdoptionProposalView,
    Aim,
    BatchView,
    DiskSize,
    LineState,
    NewAdoption,
    NewRule,
    RuleView,
)
from jinyun.adoption.sheet import Wish, read_sheet, write_sheet
from jinyun.capacity.errors import QuotaExceeded
from jinyun.inventory.observed_queries import Wanted
from jinyun.inventory.observed_schemas import PowerName
from jinyun.kit.actor import Actor
from jinyun.kit.errors import AlreadyExists
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.operations.http import operation_of
from jinyun.operations.schemas import OperationView
from jinyun.operations.service import SubjectBusy
from jinyun.servers.errors import VerbNotOffered, WrongServerState
from jinyun.servers.queries import show_server
from jinyun.servers.schemas import ServerDetail

router = APIRouter(prefix="/v1", tags=["adoption"])
CSV = "text/csv"
Rung = Literal["observed", "waiting", "adopted", "managed"]
OfRegion = Annotated[str | None, Query(max_length=64, description="Only this region's")]
OfCluster = Annotated[str | None, Query(max_length=255, description="Only in this cluster")]
OfName = Annotated[str | None, Query(max_length=255, description="Part of the name")]
OnRung = Annotated[Rung | None, Query(description="Only on this rung; `waiting`: somebody asked for it")]


@router.get("/adoption-proposals", responses=reading_one())
def list_adoption_proposals(
    call: CurrentCall,
    page: PageQuery,
    region: OfRegion = None,
    cluster: OfCluster = None,
    name: OfName = None,
    address: Annotated[str | None, Query(max_length=45, description="Only what has this address")] = None,
    power: Annotated[PowerName | None, Query(description="Only what is in this state")] = None,
    ladder: OnRung = None,
) -> Page[AdoptionProposalView]:
    """List the machines that are there, by name: for which application system each may be adopted, and why."""
    wanted = Wanted(region, "server", cluster, name, address, power)
    return call.read(lambda session, actor: queries.list_proposals(session, actor, page, wanted, ladder))


@router.get("/adoption-export", response_class=Response, responses=reading_one() | {200: {"content": {CSV: {}}}})
def export_adoption_proposals(
    call: CurrentCall, region: OfRegion = None, cluster: OfCluster = None, name: OfName = None, ladder: OnRung = None
) -> Response:
    """Return the same as a CSV file, which `POST /v1/adoption-imports` takes back with `project` filled in."""
    wanted = Wanted(region, "server", cluster, name)

    def work(session: Session, actor: Actor) -> str:
        return write_sheet(_row(each) for each in queries.all_proposals(session, actor, wanted, ladder))

    return Response("\ufeff" + call.read(work), media_type=f"{CSV}; charset=utf-8")


@router.post("/adoptions", status_code=201, responses=writing(NothingToAdopt))
def adopt_machines(call: CurrentCall, body: NewAdoption) -> BatchView:
    """Ask for machines to be adopted for an application system; its department decides."""
    wishes = [
        Wish(number, each.machine, body.project, each.region, each.hostname)
        for number, each in enumerate(body.machines, start=1)
    ]

    def work(session: Session, actor: Actor) -> BatchView:
        batch = adoption.submit(session, actor, wishes, reason=body.reason)
        return queries.show_batch(session, actor, batch.id)

    return call.write(work)


@router.post("/adoption-imports", status_code=201, responses=writing(NothingToAdopt))
def import_adoptions(call: CurrentCall, body: AdoptionFile) -> BatchView:
    """Ask for the machines of a CSV file to be adopted; the same file twice changes nothing."""
    wishes = list(read_sheet(body.content))

    def work(session: Session, actor: Actor) -> BatchView:
        batch = adoption.submit(session, actor, wishes, reason=body.reason, file=body.file or "adoption.csv")
        return queries.show_batch(session, actor, batch.id)

    return call.write(work)


@router.get("/adoptions", responses=reading())
def list_adoptions(call: CurrentCall, page: PageQuery) -> Page[BatchView]:
    """List what was asked for, the latest first."""
    return call.read(lambda session, actor: queries.list_batches(session, actor, page))


@router.get("/adoptions/{adoption_id}", responses=reading_one())
def show_adoption(call: CurrentCall, adoption_id: Id) -> BatchView:
    """Show how far a batch is."""
    return call.read(lambda session, actor: queries.show_batch(session, actor, adoption_id))


@router.get("/adoptions/{adoption_id}/lines", responses=reading_one())
def list_adoption_lines(
    call: CurrentCall,
    adoption_id: Id,
    page: PageQuery,
    state: Annotated[LineState | None, Query(description="Only in this state")] = None,
) -> Page[AdoptionLineView]:
    """List what became of each line of a batch."""
    return call.read(lambda session, actor: queries.list_lines(session, actor, adoption_id, page, state))


@router.post("/adoptions/{adoption_id}/withdraw", responses=writing(AdoptionDecided))
def withdraw_adoption(call: CurrentCall, adoption_id: Id) -> BatchView:
    """Take back what nobody has decided on."""

    def work(session: Session, actor: Actor) -> BatchView:
        adoption.withdraw(session, actor, adoption_id)
        return queries.show_batch(session, actor, adoption_id)

    return call.write(work)


@router.post("/servers/{server_id}/promote", responses=writing(NotAdopted, AlreadyManaged))
def promote_server(call: CurrentCall, server_id: Id) -> ServerDetail:
    """Have an adopted server managed: from now on it can be changed, too."""

    def work(session: Session, actor: Actor) -> ServerDetail:
        adoption.promote_server(session, actor, server_id)
        return show_server(session, actor, server_id)

    return call.write(work)


@router.post("/servers/{server_id}/unadopt", status_code=202, responses=writing(NotAdopted, SubjectBusy))
def unadopt_server(call: CurrentCall, server_id: Id) -> OperationView:
    """Give an adopted or managed server back: it runs on, and belongs to nobody here."""
    return operation_of(call, lambda session, actor: adoption.unadopt(session, actor, server_id))


@router.post(
    "/servers/{server_id}/extend-disk",
    status_code=202,
    responses=writing(VerbNotOffered, WrongServerState, SubjectBusy, DiskNotLarger, QuotaExceeded),
)
def extend_disk(call: CurrentCall, server_id: Id, body: DiskSize) -> OperationView:
    """Give a disk of a managed server a larger size."""
    return operation_of(call, lambda session, actor: changing.extend_disk(session, actor, server_id, body))


@router.post(
    "/servers/{server_id}/migrate",
    status_code=202,
    responses=writing(VerbNotOffered, WrongServerState, SubjectBusy, NowhereToMove),
)
def migrate_server(call: CurrentCall, server_id: Id, body: Aim) -> OperationView:
    """Move a managed server to another host, to another datastore, or both."""
    return operation_of(call, lambda session, actor: changing.migrate(session, actor, server_id, body))


@router.get("/adoption-rules", responses=reading())
def list_adoption_rules(call: CurrentCall, page: PageQuery) -> Page[RuleView]:
    """List the rules by which application systems are proposed, in their order."""
    return call.read(lambda session, actor: queries.list_rules(session, actor, page))


@router.post("/adoption-rules", status_code=201, responses=writing(UnknownSystem, RuleNeedsProject, AlreadyExists))
def add_adoption_rule(call: CurrentCall, body: NewRule) -> RuleView:
    """Add a rule."""
    return call.write(lambda session, actor: RuleView.of(ruling.add_rule(session, actor, body)))


@router.delete("/adoption-rules/{rule_id}", status_code=204, responses=writing())
def remove_adoption_rule(call: CurrentCall, rule_id: Id) -> None:
    """Take a rule away; what was adopted by it stays."""
    call.write(lambda session, actor: ruling.remove_rule(session, actor, rule_id))


def _row(view: AdoptionProposalView) -> dict[str, object]:
    found = view.model_dump(exclude={"evidence", "obstacles"})
    found["project"] = view.belongs_to or view.project
    found["evidence"] = [each.text for each in view.evidence]
    found["obstacles"] = [f"{each.code}: {each.text}" for each in view.obstacles]
    return found
