"""Pages: whatever is in a list, in whatever order, all of it comes once."""

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from jinyun.kit.database import Database
from jinyun.kit.errors import InvalidField
from jinyun.kit.paging import PageRequest, read_page
from jinyun.organisation.models import Department

KEYS = [Department.name, Department.code]
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6)


def fill(database: Database, names: list[str]) -> None:
    def work(session: Session) -> None:
        session.execute(delete(Department))
        session.add_all(
            Department(code=f"d{position:03}", name=name, path=f"/d{position:03}/")
            for position, name in enumerate(names)
        )

    database.write(work)


def read_all(database: Database, limit: int, *, descending: bool) -> list[tuple[str, str]]:
    seen: list[tuple[str, str]] = []
    after: str | None = None
    while True:
        request = PageRequest(limit=limit, after=after)

        def page(session: Session, request: PageRequest = request) -> tuple[list[Department], str | None]:
            return read_page(session, select(Department), KEYS, request, descending=descending)

        rows, after = database.read(page)
        assert len(rows) <= limit
        seen += [(row.name, row.code) for row in rows]
        if after is None:
            return seen


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(names=st.lists(NAMES, max_size=12), limit=st.integers(1, 13), descending=st.booleans())
def test_all_of_it_comes_once_and_in_order(database: Database, names: list[str], limit: int, descending: bool) -> None:
    fill(database, names)
    order = [key.desc() if descending else key.asc() for key in KEYS]
    whole = database.read(lambda s: [(d.name, d.code) for d in s.scalars(select(Department).order_by(*order))])
    assert read_all(database, limit, descending=descending) == whole
    assert len(whole) == len(names)


@pytest.mark.parametrize(
    "values",
    [["a"], ["a", "b", "c"], ["a", 1], [1, "a"], ["\ud800", "a"], "ab", {"a": 1}, None, [None, None], [["a"], "b"]],
)
def test_a_mark_of_another_list_is_refused(database: Database, values: Any) -> None:
    mark = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    with pytest.raises(InvalidField) as refused:
        database.read(lambda s: read_page(s, select(Department), KEYS, PageRequest(after=mark)))
    assert refused.value.field == "after"


@pytest.mark.parametrize("mark", ["", "?", "é", "AAAA", "====", "W10", "x" * 512])
def test_what_is_no_mark_is_refused(database: Database, mark: str) -> None:
    with pytest.raises(InvalidField):
        database.read(lambda s: read_page(s, select(Department), KEYS, PageRequest(after=mark)))
