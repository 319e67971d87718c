"""Volumes over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.operations.http import operation_of
from jinyun.operations.schemas import OperationView
from jinyun.operations.service import SubjectBusy
from jinyun.volumes import queries, recycling, snapshots
from jinyun.volumes import service as volumes
from jinyun.volumes.errors import SnapshotNotReady, VolumeHasSnapshots, VolumeInUse, VolumeLeaseOver, VolumeNotRecycled
from jinyun.volumes.schemas import SnapshotView, VolumeView

router = APIRouter(prefix="/v1/volumes", tags=["volumes"])
snapshot_router = APIRouter(prefix="/v1/snapshots", tags=["volumes"])


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


@router.delete("/{volume_id}", status_code=202, responses=writing(VolumeInUse, VolumeHasSnapshots, SubjectBusy))
def delete_volume(call: CurrentCall, volume_id: Id) -> OperationView:
    """Delete a volume and what is on it."""
    return operation_of(call, lambda session, actor: volumes.delete(session, actor, volume_id))


@router.post("/{volume_id}/restore", responses=writing(VolumeNotRecycled, VolumeLeaseOver, SubjectBusy))
def restore_volume(call: CurrentCall, volume_id: Id) -> VolumeView:
    """Take a volume out of the recycle bin."""
    return call.write(lambda session, actor: VolumeView.of(recycling.restore(session, actor, volume_id)))


@snapshot_router.get("", responses=reading())
def list_snapshots(
    call: CurrentCall,
    page: PageQuery,
    project: Annotated[str | None, Query(max_length=64)] = None,
    volume: Annotated[Id | None, Query(description="Id of the volume")] = None,
) -> Page[SnapshotView]:
    """List snapshots of volumes."""
    return call.read(lambda session, actor: snapshots.list_snapshots(session, actor, page, project, volume))


@snapshot_router.get("/{snapshot_id}", responses=reading_one())
def show_snapshot(call: CurrentCall, snapshot_id: Id) -> SnapshotView:
    """Show a snapshot."""
    return call.read(lambda session, actor: snapshots.show(session, actor, snapshot_id))


@snapshot_router.delete("/{snapshot_id}", status_code=202, responses=writing(SnapshotNotReady, SubjectBusy))
def delete_snapshot(call: CurrentCall, snapshot_id: Id) -> OperationView:
    """Delete a snapshot."""
    return operation_of(call, lambda session, actor: snapshots.delete(session, actor, snapshot_id))
