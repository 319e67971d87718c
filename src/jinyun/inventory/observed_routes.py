"""What is in the regions already, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.inventory import observed_queries as queries
from jinyun.inventory import observed_service as observed
from jinyun.inventory.observed_queries import Wanted
from jinyun.inventory.observed_schemas import EstateView, ObservedDetail, ObservedKindName, ObservedView, PowerName
from jinyun.inventory.observed_service import NotWatched
from jinyun.kit.bodies import Named
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery

router = APIRouter(prefix="/v1", tags=["inventory"])


@router.get("/observed", responses=reading_one())
def list_observed(
    call: CurrentCall,
    page: PageQuery,
    region: Annotated[str | None, Query(max_length=64, description="Only this region's")] = None,
    kind: Annotated[ObservedKindName | None, Query(description="Only of this kind")] = None,
    cluster: Annotated[str | None, Query(max_length=255, description="Only in this cluster")] = None,
    name: Annotated[str | None, Query(max_length=255, description="Part of the name")] = None,
    address: Annotated[str | None, Query(max_length=45, description="Only what has this address")] = None,
    power: Annotated[PowerName | None, Query(description="Only what is in this state")] = None,
    gone: Annotated[bool, Query(description="Those that are there no more, instead of those that are")] = False,
) -> Page[ObservedView]:
    """List what is in the regions, whoever made it, by name."""
    wanted = Wanted(region, kind, cluster, name, address, power, gone)
    return call.read(lambda session, actor: queries.list_observed(session, actor, page, wanted))


@router.get("/observed/{object_id}", responses=reading_one())
def show_observed(call: CurrentCall, object_id: Id) -> ObservedDetail:
    """Show one thing that is in a region, with all that is known of it."""
    return call.read(lambda session, actor: queries.show_observed(session, actor, object_id))


@router.get("/estates", responses=reading())
def list_estates(call: CurrentCall, page: PageQuery) -> Page[EstateView]:
    """List the regions whose things are watched: how old the data is, and what is wrong."""
    return call.read(lambda session, actor: queries.list_estates(session, actor, page))


@router.post("/regions/{code}/read-estate", status_code=202, responses=writing(NotWatched))
def read_estate(call: CurrentCall, code: Named) -> EstateView:
    """Have everything that is in a region read anew; `requested_at` is empty once it was."""
    return call.write(
        lambda session, actor: queries.show_estate(session, actor, observed.read_anew(session, actor, code))
    )
