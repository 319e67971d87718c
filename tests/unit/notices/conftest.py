"""A bank and a mail server."""

from collections.abc import Iterator

import pytest

from jinyun.kit.database import Database
from tests.bank import Bank, found_bank
from tests.mailbox import Mailbox


@pytest.fixture
def bank(database: Database) -> Bank:
    return database.write(found_bank)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    mailbox.open()
    yield mailbox
    mailbox.close()
