"""The price list over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, writing
from jinyun.catalog import prices, queries
from jinyun.catalog.schemas import AddedPricesView, NewPrices, PriceView
from jinyun.kit.actor import Actor
from jinyun.kit.clock import day_of, utc_now
from jinyun.kit.paging import Page, PageQuery

router = APIRouter(prefix="/v1/prices", tags=["catalog"])


@router.get("", responses=reading())
def list_prices(
    call: CurrentCall, page: PageQuery, on: Annotated[date | None, Query(description="Today if left out")] = None
) -> Page[PriceView]:
    """List what things cost on a day."""
    currency, day = call.settings.currency, on or day_of(utc_now(), call.settings.business_timezone)
    return call.read(lambda session, actor: queries.list_prices(session, actor, page, currency, day))


@router.get("/history", responses=reading())
def list_price_history(call: CurrentCall, page: PageQuery) -> Page[PriceView]:
    """List every price that was ever written down, the newest first."""
    currency = call.settings.currency
    return call.read(lambda session, actor: queries.list_price_history(session, actor, page, currency))


@router.post("", status_code=201, responses=writing())
def add_prices(call: CurrentCall, body: NewPrices) -> AddedPricesView:
    """Write prices down: each is in effect from its day on, until a later one says otherwise."""
    currency, today = call.settings.currency, day_of(utc_now(), call.settings.business_timezone)

    def work(session: Session, actor: Actor) -> AddedPricesView:
        added = prices.add_prices(session, actor, today, body.prices)
        return AddedPricesView(added=[PriceView.of(price, currency) for price in added])

    return call.write(work)
