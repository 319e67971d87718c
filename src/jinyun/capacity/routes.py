"""Quotas, capacity and placement over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.capacity import queries, samples
from jinyun.capacity.errors import QuotaAboveParent, QuotaBelowOthers
from jinyun.capacity.limits import set_quota
from jinyun.capacity.samples import SampledKind, SampleStep, SampleView, Wanted
from jinyun.capacity.schemas import PoolCapacityView, ProjectQuotaView, QuotaSetting, QuotaView, WhatIf, WhatIfView
from jinyun.kit.actor import Actor
from jinyun.kit.bodies import Named
from jinyun.kit.paging import Page, PageQuery

router = APIRouter(prefix="/v1", tags=["capacity"])
SUBJECT = "Id of a pool or store, code of a tier, name of a cluster"
ProjectFilter = Annotated[str | None, Query(max_length=64, description="Code or id of an application system")]


@router.get("/quotas", responses=reading_one())
def list_quotas(call: CurrentCall, page: PageQuery, project: ProjectFilter = None) -> Page[QuotaView]:
    """List the limits that an application system is under, its departments' among them, or all limits."""
    return call.read(lambda session, actor: queries.list_quotas(session, actor, page, project))


@router.get("/quotas/{project}", responses=reading_one())
def show_project_quota(call: CurrentCall, project: Named) -> ProjectQuotaView:
    """Show what an application system has and may still order, with every limit that it is under."""
    return call.read(lambda session, actor: queries.show_project_quota(session, actor, project))


@router.put("/quotas", responses=writing(QuotaAboveParent, QuotaBelowOthers))
def put_quota(call: CurrentCall, body: QuotaSetting) -> QuotaView | None:
    """Set a limit, or take it away: then nothing is answered."""

    def work(session: Session, actor: Actor) -> QuotaView | None:
        quota = set_quota(
            session, actor, body.scope, body.code, body.resource, body.limit, lower_below=body.lower_below
        )
        return queries.quota_views(session, [quota])[0] if quota else None

    return call.write(work)


@router.get("/capacity", responses=reading())
def list_capacity(call: CurrentCall, page: PageQuery) -> Page[PoolCapacityView]:
    """List how much room each pool has, and whether it survives the loss of a host."""
    return call.read(lambda session, actor: queries.list_capacity(session, actor, page))


@router.get("/capacity/samples", responses=reading_one())
def list_samples(
    call: CurrentCall,
    page: PageQuery,
    kind: Annotated[SampledKind, Query(description="Of what")] = "pool",
    region: Annotated[str | None, Query(max_length=64, description="Only this region's")] = None,
    subject: Annotated[str | None, Query(max_length=255, description=SUBJECT)] = None,
    begin: Annotated[AwareDatetime | None, Query(alias="from", description="A day before `to` by default")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to", description="Now by default")] = None,
    step: Annotated[SampleStep, Query(description="How far apart; the closer, the sooner forgotten")] = "10m",
) -> Page[SampleView]:
    """List how full pools, tiers of storage, datastores and clusters were, the oldest sample first."""
    wanted = Wanted(kind, region, subject, begin, end, step)
    return call.read(lambda session, actor: samples.list_samples(session, actor, page, wanted))


@router.post("/placement/what-if", responses=reading_one())
def what_if(call: CurrentCall, body: WhatIf) -> WhatIfView:
    """Say where something would go if it were ordered now; nothing is held."""
    return call.read(lambda session, actor: queries.what_if(session, actor, body))
