"""Volumes over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.operations.http import operation_of
from jinyun.operations.schemas import OperationView
from jinyun.operations.service import SubjectBusy
from jinyun.volumes import queries
from jinyun.volumes import service as volumes
from jinyun.volumes.schemas import VolumeView
from jinyun.volumes.service import VolumeInUse

router = APIRouter(prefix="/v1/volumes", tags=["volumes"])


@router.get("", responses=reading())
def list_volumes(
    call: CurrentCall,
    page: PageQuery,
    project: Annotated[str | None, Query(max_length=64)] = None,
    name: Annotated[str | None, Query(max_length=255)] = None,
) -> Page[VolumeView]:
    """List volumes."""
    return call.read(lambda session, actor: queries.list_volumes(session, actor, page, project, name))


@router.get("/{volume_id}", responses=reading_one())
def show_volume(call: CurrentCall, volume_id: Id) -> VolumeView:
    """Show a volume."""
    return call.read(lambda session, actor: queries.show_volume(session, actor, volume_id))


@router.delete("/{volume_id}", status_code=202, responses=writing(VolumeInUse, SubjectBusy))
def delete_volume(call: CurrentCall, volume_id: Id) -> OperationView:
    """Delete a volume and what is on it."""
    return operation_of(call, lambda session, actor: volumes.delete(session, actor, volume_id))
