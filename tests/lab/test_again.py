"""What may be done again, and what must be so after all of this."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import func, select

from jinyun.audit.models import AuditRecord
from jinyun.kit.database import Database
from jinyun.orders.models import Order
from lab.catalogue import jinyun as services
from lab.layout import CHECKOUT
from tests.lab.accounts import addresses_that_do_not_sum_up, holds_that_do_not_sum_up
from tests.lab.installation import LAYOUT

pytestmark = pytest.mark.lab


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, **services.environment(LAYOUT)}
    return subprocess.run(
        command, cwd=CHECKOUT, env=variables, capture_output=True, text=True, timeout=300, check=False
    )


def test_up_a_second_time_changes_nothing(installed: Database) -> None:
    before = installed.read(lambda session: session.scalar(select(func.count(Order.id))))
    again = _run(sys.executable, "-m", "deploy.local", "up")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "first-server" in again.stdout
    assert installed.read(lambda session: session.scalar(select(func.count(Order.id)))) == before


def test_the_audit_log_is_whole(installed: Database) -> None:
    verdict = _run(str(CHECKOUT / "bin" / "jinyun"), "audit", "verify")
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    assert installed.read(lambda session: session.scalar(select(AuditRecord.id).limit(1))) is not None


def test_the_books_are_in_order(installed: Database) -> None:
    assert holds_that_do_not_sum_up(installed) == []
    assert addresses_that_do_not_sum_up(installed) == []
