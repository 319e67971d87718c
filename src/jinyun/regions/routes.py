"""Regions, pools and hosts over HTTP."""

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.kit.actor import Actor
from jinyun.kit.bodies import Named
from jinyun.kit.errors import AlreadyExists, StaleVersion
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.kit.versions import IfMatch, tag
from jinyun.operations.http import operation_of
from jinyun.operations.schemas import OperationView
from jinyun.operations.service import SubjectBusy
from jinyun.regions import buses, cloud_quotas, queries
from jinyun.regions import service as regions
from jinyun.regions.buses import NoBus
from jinyun.regions.cloud_quotas import CheckCloudQuotas, LiftCloudQuotas
from jinyun.regions.schemas import (
    HostView,
    NewBus,
    NewRegion,
    NewSecret,
    PoolChange,
    PoolView,
    RegionChange,
    RegionView,
)
from jinyun.regions.service import SecretInPublic, UnknownProvider

router = APIRouter(prefix="/v1", tags=["regions"])


@router.post("/regions", status_code=202, responses=writing(AlreadyExists, UnknownProvider, SecretInPublic))
def register_region(call: CurrentCall, body: NewRegion) -> OperationView:
    """Register a region; the operation reads it, and waits for as long as it cannot be reached."""

    def work(session: Session, actor: Actor) -> OperationView:
        operation = regions.register(
            session,
            actor,
            call.settings.key_directory,
            body.code,
            body.name,
            provider=body.provider,
            public=body.public,
            secret=body.secret.get_secret_value() if body.secret else None,
        )
        return OperationView.of(operation, actor.language)

    return call.write(work)


@router.get("/regions", responses=reading())
def list_regions(call: CurrentCall, page: PageQuery) -> Page[RegionView]:
    """List the regions, and whether they answer."""
    return call.read(lambda session, actor: queries.list_regions(session, actor, page))


@router.get("/regions/{code}", responses=reading_one())
def show_region(call: CurrentCall, code: Named, response: Response) -> RegionView:
    """Show a region, and why it does not answer."""
    region = call.read(lambda session, actor: queries.show_region(session, actor, code))
    tag(response, region.version)
    return region


@router.patch("/regions/{code}", responses=writing(StaleVersion, SecretInPublic))
def change_region(
    call: CurrentCall, code: Named, body: RegionChange, if_match: IfMatch, response: Response
) -> RegionView:
    """Rename a region, or say how else it is reached."""

    def work(session: Session, actor: Actor) -> RegionView:
        region = regions.change(session, actor, code, if_match, name=body.name, public=body.public)
        return queries.views(session, actor, [region])[0]

    changed = call.write(work)
    tag(response, changed.version)
    return changed


@router.put("/regions/{code}/secret", responses=writing())
def set_secret(call: CurrentCall, code: Named, body: NewSecret, response: Response) -> RegionView:
    """Give a region another password; it is sealed at once and never shown."""

    def work(session: Session, actor: Actor) -> RegionView:
        secret = body.secret.get_secret_value()
        region = regions.set_secret(session, actor, call.settings.key_directory, code, secret)
        return queries.views(session, actor, [region])[0]

    changed = call.write(work)
    tag(response, changed.version)
    return changed


@router.put("/regions/{code}/bus", responses=writing(NoBus))
def set_bus(call: CurrentCall, code: Named, body: NewBus, response: Response) -> RegionView:
    """Say on which message bus a region tells of changes; without one it is asked for them."""

    def work(session: Session, actor: Actor) -> RegionView:
        secret = body.secret.get_secret_value()
        region = buses.set_bus(session, actor, call.settings.key_directory, code, body.url, body.topic, secret)
        return queries.views(session, actor, [region])[0]

    changed = call.write(work)
    tag(response, changed.version)
    return changed


@router.delete("/regions/{code}/bus", responses=writing())
def clear_bus(call: CurrentCall, code: Named, response: Response) -> RegionView:
    """Listen to a region no more, and ask it for changes."""
    changed = call.write(
        lambda session, actor: queries.views(session, actor, [buses.clear_bus(session, actor, code)])[0]
    )
    tag(response, changed.version)
    return changed


@router.post("/regions/{code}/sync", status_code=202, responses=writing(SubjectBusy))
def sync_region(call: CurrentCall, code: Named) -> OperationView:
    """Read what a region has."""
    return call.write(
        lambda session, actor: OperationView.of(regions.request_sync(session, actor, code), actor.language)
    )


@router.post("/regions/{code}/check-quotas", status_code=202, responses=writing(SubjectBusy))
def check_cloud_quotas(call: CurrentCall, code: Named) -> OperationView:
    """Look whether a region limits by itself what Jinyun alone should; what is found is an alarm."""
    return operation_of(call, lambda session, actor: cloud_quotas.start(session, actor, CheckCloudQuotas, code))


@router.post("/regions/{code}/lift-quotas", status_code=202, responses=writing(SubjectBusy))
def lift_cloud_quotas(call: CurrentCall, code: Named) -> OperationView:
    """Make the projects of a region that Jinyun is bound to unlimited again."""
    return operation_of(call, lambda session, actor: cloud_quotas.start(session, actor, LiftCloudQuotas, code))


@router.get("/pools", responses=reading_one())
def list_pools(call: CurrentCall, page: PageQuery, region: Named | None = None) -> Page[PoolView]:
    """List the pools, of one region or of all."""
    return call.read(lambda session, actor: queries.list_pools(session, actor, page, region=region))


@router.get("/pools/{pool_id}", responses=reading_one())
def show_pool(call: CurrentCall, pool_id: Id, response: Response) -> PoolView:
    """Show a pool."""
    pool = call.read(lambda session, actor: queries.show_pool(session, actor, pool_id))
    tag(response, pool.version)
    return pool


@router.patch("/pools/{pool_id}", responses=writing(StaleVersion))
def change_pool(call: CurrentCall, pool_id: Id, body: PoolChange, if_match: IfMatch, response: Response) -> PoolView:
    """Open or close a pool, say for which systems it is, or what it may promise."""

    def work(session: Session, actor: Actor) -> PoolView:
        regions.change_pool(session, actor, pool_id, if_match, body.changes())
        return queries.show_pool(session, actor, pool_id)

    changed = call.write(work)
    tag(response, changed.version)
    return changed


@router.get("/hosts", responses=reading_one())
def list_hosts(
    call: CurrentCall, page: PageQuery, region: Named | None = None, pool: Id | None = None
) -> Page[HostView]:
    """List the hosts, of one region or pool or of all."""
    return call.read(lambda session, actor: queries.list_hosts(session, actor, page, region=region, pool_id=pool))
