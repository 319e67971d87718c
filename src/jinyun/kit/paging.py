"""Lists paged by key: never cut silently, never slower at the end than at the beginning."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from jinyun.kit.errors import InvalidField
from jinyun.kit.ids import ID_LENGTH
from jinyun.kit.texts import Text

LARGEST_NUMBER = 2**63
SURROGATES = re.compile("[\ud800-\udfff]")
Item = TypeVar("Item")
Row = TypeVar("Row")


class PageRequest(BaseModel):
    """Which part of a list: at most `limit` items that come after the mark `after`."""

    limit: int = Field(default=50, ge=1, le=500, description="How many items at most")
    after: str | None = Field(default=None, max_length=512, description="The `next` of the page before")


PageQuery = Annotated[PageRequest, Query()]


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next` is the mark for the following one, null on the last."""

    items: list[Item]
    next: str | None = None


def read_page(
    session: Session,
    statement: Select[Row],
    keys: Sequence[InstrumentedAttribute[Any]],
    request: PageRequest,
    *,
    descending: bool = False,
) -> tuple[list[Row], str | None]:
    """Return one page of `statement`, ordered by `keys` (the last one unique), and the mark of the next.

    Raises:
        InvalidField: `after` is not a mark that this list gave.
    """
    if request.after is not None:
        statement = statement.where(_beyond(keys, _read_mark(request.after, keys), descending))
    order = [key.desc() if descending else key.asc() for key in keys]
    rows = list(session.scalars(statement.order_by(*order).limit(request.limit + 1)))
    if len(rows) <= request.limit:
        return rows, None
    last = rows[request.limit - 1]
    return rows[: request.limit], _write_mark([getattr(last, key.key) for key in keys])


def _beyond(keys: Sequence[InstrumentedAttribute[Any]], values: Sequence[Any], descending: bool) -> Any:
    """Spell (a, b) > (x, y) out as a > x OR (a = x AND b > y): both databases use the index for that."""
    alternatives = []
    for position, key in enumerate(keys):
        equal = [keys[earlier] == values[earlier] for earlier in range(position)]
        beyond = key < values[position] if descending else key > values[position]
        alternatives.append(and_(*equal, beyond))
    return or_(*alternatives)


def _write_mark(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _read_mark(mark: str, keys: Sequence[InstrumentedAttribute[Any]]) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
    except (ValueError, binascii.Error):
        values = None
    if not isinstance(values, list) or len(values) != len(keys) or not all(map(_fits, values, keys)):
        raise InvalidField("after", Text("Not a mark of this list.", "不是该列表给出的分页标记。"))
    return values


def _fits(value: Any, key: InstrumentedAttribute[Any]) -> bool:
    """Tell whether the database can compare a value with the key's column: somebody else may have made the mark."""
    if type(value) is not key.type.python_type:
        return False
    if isinstance(value, int):
        return abs(value) < LARGEST_NUMBER
    holds_ids = getattr(key.type, "length", None) == ID_LENGTH
    return value.isascii() if holds_ids else not SURROGATES.search(value)
