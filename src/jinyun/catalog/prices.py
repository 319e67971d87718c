"""What things cost a month: a list that is only added to, each price in effect from a day on."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import BindParameter, Date, Select, bindparam, func, select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.catalog.models import ADDRESS, FLAVOR, TIER, Flavor, Price, StorageTier
from jinyun.catalog.schemas import NewPrice
from jinyun.kit.actor import Actor
from jinyun.kit.errors import InvalidField
from jinyun.kit.texts import Text

Priced = tuple[str, str]
"""Kind and code of what has a price; addresses have no code."""

UNKNOWN = Text("The catalogue has no such entry.", "目录中没有该项。")
NO_CODE = Text("Addresses have one price and no code.", "地址只有一个价格，不需要代码。")
PAST = Text("A price cannot begin in the past.", "价格不能从过去的日期起生效。")
TWICE = Text("This price is in the list twice.", "该价格在列表中重复出现。")


def add_prices(session: Session, actor: Actor, today: date, wanted: Iterable[NewPrice]) -> list[Price]:
    """Write prices down, all or none; return those that change something.

    Raises:
        Forbidden: he does not keep the prices.
        InvalidField: one of them is for nothing in the catalogue, begins in the past, or is there twice.
    """
    authorise(session, actor, "price.manage")
    known = _known(session)
    seen: set[tuple[str, str, date]] = set()
    added = []
    for position, each in enumerate(wanted):
        begins = each.effective_from or today
        key = (each.kind, each.code, begins)
        _check(position, each, known, begins=begins, today=today, is_twice=key in seen)
        seen.add(key)
        if prices_on(session, begins, [each.code]).get((each.kind, each.code)) == each.amount:
            continue
        price = Price(kind=each.kind, code=each.code, monthly=each.amount, effective_from=begins)
        session.add(price)
        session.flush()
        after = {"monthly": each.monthly, "effective_from": begins.isoformat()}
        audit.record(session, actor, "price.add", ("price", price.id, f"{each.kind} {each.code}".rstrip()), after=after)
        added.append(price)
    return added


def prices_on(session: Session, day: date, codes: Collection[str]) -> Mapping[Priced, Decimal]:
    """Return the prices of these codes (empty for addresses) on a day; what has no price is not in it."""
    rows = session.scalars(_IN_EFFECT, {"day": day, "codes": list(codes)})
    return {(row.kind, row.code): row.monthly for row in rows}


def in_effect(day: date | BindParameter[date]) -> Select[Price]:
    """Return the prices in effect on a day, as a statement: of each thing the one that begins, or was written, last."""
    order = (Price.effective_from.desc(), Price.id.desc())
    place = func.row_number().over(partition_by=(Price.kind, Price.code), order_by=order)
    ranked = select(Price.id, place.label("place")).where(Price.effective_from <= day).subquery()
    return select(Price).join(ranked, ranked.c.id == Price.id).where(ranked.c.place == 1)


_IN_EFFECT = in_effect(bindparam("day", type_=Date)).where(Price.code.in_(bindparam("codes", expanding=True)))
"""Asked with every order, so that it is put into words once."""


def _known(session: Session) -> set[Priced]:
    """Return what the catalogue has, also what is not on offer at present."""
    flavors = {(FLAVOR, code) for code in session.scalars(select(Flavor.code))}
    tiers = {(TIER, code) for code in session.scalars(select(StorageTier.code))}
    return flavors | tiers | {(ADDRESS, "")}


def _check(position: int, price: NewPrice, known: set[Priced], *, begins: date, today: date, is_twice: bool) -> None:
    where = f"prices.{position}"
    if (price.kind, price.code) not in known:
        raise InvalidField(f"{where}.code", NO_CODE if price.kind == ADDRESS else UNKNOWN)
    if begins < today:
        raise InvalidField(f"{where}.effective_from", PAST)
    if is_twice:
        raise InvalidField(where, TWICE)
