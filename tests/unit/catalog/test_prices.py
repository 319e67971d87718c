"""The price list: only added to, each price from its day on, kept by the system administrator alone."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from jinyun.audit.models import AuditRecord
from jinyun.catalog.prices import prices_on
from jinyun.kit.clock import day_of, utc_now
from tests.api import APPLICANT, OPERATOR, SYSTEM_ADMINISTRATOR, queries_of
from tests.unit.catalog.conftest import Shop, flavor, tier

TODAY = day_of(utc_now(), "Asia/Shanghai")
LATER = TODAY + timedelta(days=30)
FLAVOR = {"kind": "flavor", "code": "m1.small"}
ADDRESS = {"kind": "address"}


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    shop.observe(flavor("m1.small"), tier("fast-high"))
    shop.accept_all()
    return shop


def add(shop: Shop, *prices: dict[str, Any], as_: str = SYSTEM_ADMINISTRATOR) -> Any:
    return shop.api.as_(as_).post("/v1/prices", json={"prices": list(prices)})


def on(shop: Shop, day: date) -> dict[tuple[str, str], str]:
    answer = shop.api.as_(APPLICANT).get("/v1/prices", params={"on": day.isoformat()})
    return {(each["kind"], each["code"]): each["monthly"] for each in answer.json()["items"]}


def test_a_price_is_in_effect_from_its_day_until_the_next_one(stocked: Shop) -> None:
    later = FLAVOR | {"monthly": "120.5", "effective_from": LATER.isoformat()}
    assert add(stocked, FLAVOR | {"monthly": "100"}, ADDRESS | {"monthly": "0.0001"}, later).status_code == 201
    assert on(stocked, TODAY) == {("flavor", "m1.small"): "100.00", ("address", ""): "0.0001"}
    assert on(stocked, LATER - timedelta(days=1)) == on(stocked, TODAY)
    assert on(stocked, LATER)["flavor", "m1.small"] == "120.50"
    assert on(stocked, TODAY - timedelta(days=1)) == {}


def test_of_one_day_the_price_written_later_counts_and_the_earlier_one_stays(stocked: Shop) -> None:
    for monthly in ("1", "3", "2"):
        add(stocked, FLAVOR | {"monthly": monthly})
    assert on(stocked, TODAY) == {("flavor", "m1.small"): "2.00"}
    history = stocked.api.as_(OPERATOR).get("/v1/prices/history").json()["items"]
    assert [each["monthly"] for each in history] == ["2.00", "3.00", "1.00"]
    assert {each["currency"] for each in history} == {"CNY"}


def test_what_changes_nothing_is_not_written(stocked: Shop) -> None:
    tiers = {"kind": "tier", "code": "high", "monthly": "1.25"}
    assert len(add(stocked, FLAVOR | {"monthly": "7"}, tiers).json()["added"]) == 2
    again = add(stocked, FLAVOR | {"monthly": "7.00"}, tiers | {"monthly": "1.26"})
    assert [each["code"] for each in again.json()["added"]] == ["high"]


def test_a_price_is_noted_in_the_log(stocked: Shop) -> None:
    add(stocked, FLAVOR | {"monthly": "7"})
    noted = stocked.database.read(
        lambda session: session.scalars(select(AuditRecord).filter_by(action="price.add")).one()
    )
    assert (noted.actor_login, noted.subject_name) == (SYSTEM_ADMINISTRATOR, "flavor m1.small")
    assert noted.after == {"monthly": "7", "effective_from": TODAY.isoformat()}


@pytest.mark.parametrize(
    ("price", "field"),
    [
        (FLAVOR | {"code": "m9.none", "monthly": "1"}, "prices.1.code"),
        (ADDRESS | {"code": "x", "monthly": "1"}, "prices.1.code"),
        ({"kind": "tier", "monthly": "1"}, "prices.1.code"),
        (
            ADDRESS | {"monthly": "1", "effective_from": (TODAY - timedelta(days=1)).isoformat()},
            "prices.1.effective_from",
        ),
        (FLAVOR | {"monthly": "2", "effective_from": TODAY.isoformat()}, "prices.1"),
        (ADDRESS | {"monthly": "-1"}, "prices.1.monthly"),
        (ADDRESS | {"monthly": "1.00001"}, "prices.1.monthly"),
        (ADDRESS | {"monthly": "99999999999"}, "prices.1.monthly"),
        (ADDRESS | {"monthly": "NaN"}, "prices.1.monthly"),
        (ADDRESS | {"monthly": "much"}, "prices.1.monthly"),
        (ADDRESS, "prices.1.monthly"),
    ],
    ids=["flavor", "address", "tier", "past", "twice", "negative", "digits", "large", "nan", "text", "none"],
)
def test_a_list_with_a_wrong_price_is_refused_as_a_whole(stocked: Shop, price: dict[str, Any], field: str) -> None:
    refused = add(stocked, FLAVOR | {"monthly": "1"}, price)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert on(stocked, TODAY) == {}


@pytest.mark.parametrize("login", [APPLICANT, OPERATOR])
def test_prices_are_for_the_system_administrator(stocked: Shop, login: str) -> None:
    assert add(stocked, FLAVOR | {"monthly": "1"}, as_=login).json()["code"] == "forbidden"


def test_the_list_is_paged_and_costs_a_fixed_number_of_queries(stocked: Shop) -> None:
    add(stocked, FLAVOR | {"monthly": "1"}, ADDRESS | {"monthly": "2"})
    client = stocked.api.as_(APPLICANT)
    first = client.get("/v1/prices", params={"limit": 1}).json()
    rest = client.get("/v1/prices", params={"limit": 1, "after": first["next"]}).json()
    assert [each["kind"] for each in (*first["items"], *rest["items"])] == ["address", "flavor"]
    assert rest["next"] is None
    with_two = queries_of(stocked.database, client, "/v1/prices")
    add(stocked, {"kind": "tier", "code": "high", "monthly": "3"})
    assert queries_of(stocked.database, client, "/v1/prices") == with_two


def test_only_what_is_asked_for_is_read(stocked: Shop) -> None:
    add(stocked, FLAVOR | {"monthly": "1"}, ADDRESS | {"monthly": "2"})
    read = stocked.database.read(lambda session: dict(prices_on(session, TODAY, [""])))
    assert list(read) == [("address", "")]
