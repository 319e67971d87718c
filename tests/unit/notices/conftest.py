"""A bank, a mail server, and a clock that is moved by hand."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from jinyun.kit import database as databases
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from tests.bank import Bank, found_bank
from tests.mailbox import Mailbox


class Clock:
    """The database's clock."""

    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(database: Database, monkeypatch: pytest.MonkeyPatch) -> Clock:
    if not database.is_sqlite:
        pytest.skip("a server's clock cannot be moved")
    clock = Clock()
    monkeypatch.setattr(databases, "utc_now", clock)
    return clock


@pytest.fixture
def bank(database: Database) -> Bank:
    return database.write(found_bank)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    mailbox.open()
    yield mailbox
    mailbox.close()
