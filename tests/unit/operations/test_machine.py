"""The engine under fire: many turns in any order, and nothing lost, done twice or left over."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from structlog.testing import capture_logs

from jinyun.kit.database import Database
from tests.unit.operations.machine import EngineMachine

BOUNDS = settings(
    max_examples=30,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def run_machine(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the machine on a database."""
    monkeypatch.setattr(EngineMachine, "database", database, raising=False)
    with capture_logs():
        run_state_machine_as_test(EngineMachine, settings=BOUNDS)


def test_nothing_is_lost_done_twice_or_left_over(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    run_machine(database, monkeypatch)
