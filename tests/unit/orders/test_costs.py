"""What items cost: exact, rounded once a part, and unknown where a price is missing."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jinyun.approvals.models import Chain
from jinyun.catalog import prices
from jinyun.catalog.models import Price
from jinyun.catalog.schemas import NewPrice
from jinyun.kit.clock import day_of, utc_now
from jinyun.kit.database import Database
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.orders.costs import Part, costs_of, spoken, total
from jinyun.orders.models import Order
from tests.api import SYSTEM_ADMINISTRATOR, SampleBank
from tests.estate import Estate, a_server, a_volume, found_estate

SETTINGS = Settings(currency="EUR")
TODAY = day_of(utc_now(), SETTINGS.business_timezone)


def price(database: Database, kind: str, code: str, monthly: str) -> None:
    row = Price(kind=kind, code=code, monthly=Decimal(monthly), effective_from=TODAY)
    database.write(lambda session: session.add(row))


def test_each_part_is_priced_and_rounded_by_itself(database: Database) -> None:
    price(database, "tier", "high", "0.3350")
    price(database, "flavor", "m1", "100")
    items = [[Part("flavor", "m1"), Part("tier", "high", 3), Part("tier", "high", 1)], [Part("address")], []]
    server, address, nothing = database.read(lambda session: costs_of(session, SETTINGS, items))
    assert [part.monthly for part in server.parts] == [Decimal(100), Decimal("1.01"), Decimal("0.34")]
    assert (server.monthly, server.currency) == (Decimal("101.35"), "EUR")
    assert (address.monthly, address.parts[0].price) == (None, None)
    assert nothing.monthly == 0


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    assert total([Decimal(1), Decimal(2)]) == 3
    assert total([Decimal(1), None]) is None


@pytest.mark.parametrize(
    ("monthly", "said"),
    [
        (Decimal("1234.5"), "1,234.50 CNY"),
        (Decimal(0), "0.00 CNY"),
        (None, Text("no price", "无价格").as_dict()),
    ],
    ids=["amount", "nothing", "unknown"],
)
def test_no_price_is_not_zero(monthly: Decimal | None, said: Any) -> None:
    assert spoken("CNY", monthly) == said


@pytest.fixture
def estate(tmp_path: Path) -> Any:
    found = found_estate(tmp_path)
    yield found
    found.database.dispose()


def keep_prices(estate: Estate, **monthly: str) -> None:
    """Set the price of the small flavor, of a GiB, of an address."""
    codes = {"flavor": "m1.small", "tier": "general", "address": ""}
    wanted = [NewPrice(kind=kind, code=codes[kind], monthly=each) for kind, each in monthly.items()]
    bank = SampleBank.__new__(SampleBank)
    bank.database = estate.database
    actor = bank.actor(SYSTEM_ADMINISTRATOR)
    estate.database.write(lambda session: len(prices.add_prices(session, actor, TODAY, wanted)))


def ordered(estate: Estate, *items: dict[str, Any]) -> tuple[Order, Chain]:
    """Order something, and return the order and what its approver was shown."""
    estate.order(*items)

    def read(session: Any) -> tuple[Order, Chain]:
        order = session.scalars(select(Order).order_by(Order.id.desc()).limit(1)).one()
        assert order.items
        return order, session.get_one(Chain, order.chain_id)

    return estate.database.read(read)


def test_an_order_keeps_what_it_cost_on_its_day(estate: Estate) -> None:
    keep_prices(estate, flavor="100", tier="0.5", address="10")
    order, chain = ordered(estate, a_server("cost-1", ["general", "general"]), a_volume("cost-2"))
    keep_prices(estate, flavor="200")
    assert (order.monthly_cost, order.currency) == (Decimal("111.50"), "CNY")
    assert [item.monthly_cost for item in order.items] == [Decimal("111.00"), Decimal("0.50")]
    assert chain.facts["monthly_cost"] == "111.50 CNY"
    assert [item["monthly_cost"] for item in chain.facts["items"]] == ["111.00 CNY", "0.50 CNY"]
    dearer, _ = ordered(estate, a_server("cost-3"), a_volume("cost-4"))
    assert dearer.monthly_cost == Decimal("210.50")
    assert dearer.digest != order.digest


def test_an_order_with_a_part_that_has_no_price_says_so(estate: Estate) -> None:
    keep_prices(estate, flavor="100", tier="0.5")
    order, chain = ordered(estate, a_server("cost-5"), a_volume("cost-6"))
    assert order.monthly_cost is None
    assert order.items[1].monthly_cost == Decimal("0.50")
    assert chain.facts["monthly_cost"] == {"en": "no price", "zh": "无价格"}
