"""What an order costs a month: the parts of its items at the prices of the day it is submitted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from jinyun.catalog import service as catalog
from jinyun.catalog.models import FLAVOR, TIER
from jinyun.catalog.prices import Priced, prices_on
from jinyun.kit.clock import day_of, utc_now
from jinyun.kit.money import Amount
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text

CENT = Decimal("0.01")
NO_PRICE = Text("no price", "无价格")


@dataclass(frozen=True, slots=True)
class Part:
    """So many of something that may have a price; negative where it is given up for another."""

    kind: str
    code: str = ""
    quantity: int = 1

    @property
    def priced(self) -> Priced:
        """What its price is found by."""
        return self.kind, self.code


class PartCost(BaseModel):
    """What a part costs a month."""

    kind: str = Field(description="`flavor`, `tier` (GiB) or `address`")
    code: str
    quantity: int
    price: Amount | None = Field(description="Of one; null where there is no price")
    monthly: Amount | None


class Cost(BaseModel):
    """What an item costs a month."""

    currency: str
    monthly: Amount | None = Field(description="Null where a part has no price")
    parts: Sequence[PartCost]


def costs_of(session: Session, settings: Settings, items: Sequence[Sequence[Part]]) -> list[Cost]:
    """Return what items cost today, each given by its parts."""
    codes = {part.code for parts in items for part in parts}
    prices = prices_on(session, day_of(utc_now(), settings.business_timezone), codes)
    costs = []
    for parts in items:
        lines = [_cost_of(part, prices.get(part.priced)) for part in parts]
        costs.append(Cost(currency=settings.currency, monthly=total(line.monthly for line in lines), parts=lines))
    return costs


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return a sum; None where an amount is not known, for nobody knows the sum then."""
    known = list(amounts)
    return None if None in known else sum((each for each in known if each is not None), Decimal(0))


def spoken(currency: str, monthly: Decimal | None) -> str | dict[str, str]:
    """Return an amount as it is stored for people to read, in both languages where it is no number."""
    return NO_PRICE.as_dict() if monthly is None else f"{monthly:,.2f} {currency}"


def require_known(session: Session, parts: Iterable[Part]) -> None:
    """Let parts pass that the catalogue has on offer, or that are given up. Raises UnknownFlavor, UnknownTier."""
    for part in (each for each in parts if each.quantity > 0):
        if part.kind == FLAVOR:
            catalog.flavor_by_code(session, part.code)
        if part.kind == TIER:
            catalog.tier_by_code(session, part.code)


def _cost_of(part: Part, price: Decimal | None) -> PartCost:
    monthly = None if price is None else (price * part.quantity).quantize(CENT, ROUND_HALF_UP)
    return PartCost(kind=part.kind, code=part.code, quantity=part.quantity, price=price, monthly=monthly)
