"""What an order is made of, and what its items' states make of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, get_args

import pytest
from pydantic import ValidationError
from sqlalchemy.orm import Session

from jinyun.kit.database import Database
from jinyun.kit.settings import Settings
from jinyun.orders import states
from jinyun.orders.costs import Cost
from jinyun.orders.errors import PastDate
from jinyun.orders.routes import State
from jinyun.orders.schemas import NewOrder
from jinyun.orders.service import content_digest, draw_number, end_of
from jinyun.orders.states import order_state
from tests.together import at_once

SETTINGS = Settings()
SERVER: dict[str, Any] = {"kind": "server", "hostname": "web-1", "flavor": "f", "image": "i", "network": "n"}


def order(**item: Any) -> NewOrder:
    return NewOrder.model_validate({"project": "p", "purpose": "x", "items": [SERVER | item]})


@pytest.mark.parametrize("hostname", ["a", "0", "web-1", "a" * 63, "1-2", "xn--fiqs8s"])
def test_hostnames_that_are_labels(hostname: str) -> None:
    assert order(hostname=hostname).items[0].model_dump()["hostname"] == hostname


@pytest.mark.parametrize(
    "hostname",
    [
        "",
        "a" * 64,
        "-a",
        "a-",
        "A",
        "a.b",
        "a_b",
        "a b",
        "a\n",
        "\na",
        "汉",
        "é",
        "a;b",
        "$(id)",
        "`id`",
        "../a",
        "a\x00",
        "ａ",
    ],
)
def test_hostnames_that_are_none(hostname: str) -> None:
    with pytest.raises(ValidationError):
        order(hostname=hostname)


@pytest.mark.parametrize(
    "item",
    [
        {"volumes": [{"tier": "t", "size_gib": 1}] * 25},
        {"volumes": [{"tier": "t", "size_gib": 65_537}]},
        {"volumes": [{"tier": "t", "size_gib": 1, "name": "-x"}]},
        {"user_data": "x" * 32_769},
        {"address": "1" * 46},
        {"flavor": ""},
        {"keypair": "a/b"},
        {"price": 1},
    ],
)
def test_items_that_nobody_can_deliver(item: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        order(**item)


def test_an_order_has_between_one_and_fifty_items() -> None:
    for count in (0, 51):
        with pytest.raises(ValidationError):
            NewOrder.model_validate({"project": "p", "purpose": "x", "items": [SERVER] * count})


def test_the_digest_is_of_the_content_alone_and_of_all_of_it() -> None:
    costs = [Cost(currency="CNY", monthly=Decimal(1), parts=[])]
    assert content_digest(order(), costs) == content_digest(order(), costs)
    assert content_digest(order(), costs) != content_digest(order(), [costs[0].model_copy(update={"monthly": None})])
    changes: list[dict[str, Any]] = [
        {"hostname": "web-2"},
        {"flavor": "g"},
        {"zone": "z"},
        {"address": "10.0.0.1"},
        {"user_data": ""},
        {"volumes": [{"tier": "t", "size_gib": 1}]},
        {"security_group": None},
    ]
    digests = {content_digest(order(**change), costs) for change in ({}, *changes)}
    assert len(digests) == len(changes) + 1


ITEM_STATES = (states.DELIVERING, states.DELIVERED, states.FAILED)


@pytest.mark.parametrize("items", list(product(ITEM_STATES, repeat=2)) + [(state,) for state in ITEM_STATES])
def test_an_order_is_what_its_items_are(items: tuple[str, ...]) -> None:
    state = order_state(list(items))
    assert (state == states.DELIVERING) == (states.DELIVERING in items)
    assert (state == states.DELIVERED) == (set(items) == {states.DELIVERED})
    assert (state == states.FAILED) == (set(items) == {states.FAILED})
    assert state in get_args(State)


def test_a_day_ends_at_midnight_in_the_bank() -> None:
    assert end_of(None, SETTINGS) is None
    assert end_of(date(2999, 12, 31), SETTINGS) == datetime(2999, 12, 31, 16, tzinfo=UTC)


def test_today_is_still_to_come_and_yesterday_is_over() -> None:
    today = datetime.now(UTC).astimezone().date()
    assert end_of(today + timedelta(days=1), SETTINGS)
    with pytest.raises(PastDate) as refused:
        end_of(today - timedelta(days=2), SETTINGS)
    assert refused.value.field == "until"


def test_numbers_are_given_out_once_also_to_the_first_of_a_day(database: Database) -> None:
    def number(session: Session) -> str:
        return draw_number(session, SETTINGS)

    numbers = [str(each) for each in at_once(7, lambda _: database.write(number))]
    assert sorted(int(each.partition("-")[2]) for each in numbers) == list(range(1, 8))
    assert len({each.partition("-")[0] for each in numbers}) == 1
