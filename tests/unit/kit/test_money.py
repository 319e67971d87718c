"""Money is exact: in the database, and as it is written."""

from decimal import Decimal

import pytest

from jinyun.kit.money import written


@pytest.mark.parametrize(
    ("amount", "said"),
    [("1", "1.00"), ("1.5000", "1.50"), ("0.0001", "0.0001"), ("1000", "1000.00"), ("0", "0.00"), ("2.125", "2.125")],
)
def test_two_decimals_and_more_where_they_count(amount: str, said: str) -> None:
    assert written(Decimal(amount)) == said
