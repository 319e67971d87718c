"""The company directory over HTTP, for security administrators."""

from typing import Literal

from fastapi import APIRouter

from jinyun.access.http import CurrentCall, reading, writing
from jinyun.directory import sync_service as syncing
from jinyun.directory.sync_schemas import DirectoryView, LineView, PlanConfirmation, SyncRequest
from jinyun.directory.sync_service import NoDirectory, PlanChanged
from jinyun.kit.paging import Page, PageQuery

router = APIRouter(prefix="/v1/directory", tags=["organisation"])


@router.get("", responses=reading())
def show_directory(call: CurrentCall) -> DirectoryView:
    """Show how it stands with the company directory, with the counts of the newest plan."""
    return call.read(lambda session, actor: syncing.show(session, actor, call.settings))


@router.get("/lines", responses=reading())
def list_directory_lines(
    call: CurrentCall, page: PageQuery, kind: Literal["change", "finding"] = "change"
) -> Page[LineView]:
    """List what the newest plan changes, or what it found wrong in the directory."""
    return call.read(lambda session, actor: syncing.list_lines(session, actor, kind, page))


@router.post("/sync", status_code=202, responses=writing(NoDirectory))
def request_directory_sync(call: CurrentCall, body: SyncRequest) -> DirectoryView:
    """Have a worker read the directory anew; `requested_at` is empty once it has."""
    return call.write(lambda session, actor: syncing.request(session, actor, call.settings, preview=body.preview))


@router.post("/confirm", status_code=202, responses=writing(NoDirectory, PlanChanged))
def confirm_directory_plan(call: CurrentCall, body: PlanConfirmation) -> DirectoryView:
    """Have exactly the plan of this digest carried out, which removes more than the cap allows."""
    return call.write(lambda session, actor: syncing.confirm(session, actor, call.settings, body.digest))
