"""Amounts of money as the API writes them."""

from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer

USUAL_DECIMALS = 2


def written(amount: Decimal) -> str:
    """Return an amount with two decimals, and with more where they count."""
    exponent = amount.normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    return f"{amount:.{max(USUAL_DECIMALS, decimals)}f}"


Amount = Annotated[Decimal, PlainSerializer(written, return_type=str)]
"""An amount of a view: a string, because a number of JSON is no decimal."""
