"""What the benchmark of the engine computes: who is fair, and who is no contender."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.engines import workload
from bench.engines.fairness import error_percent, longest_wait_ratio
from bench.engines.workload import ATTACH, BACKENDS, PLACES, STEPS, Backends, WrongWork

SHARED_AS_WEIGHED = [0, 1, 2, 2, 2, 2] * 5


@pytest.fixture(autouse=True)
def _no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workload, "CALL_SECONDS", 0)
    monkeypatch.setattr(workload, "ATTACH_SECONDS", 0)


def test_a_lane_shared_as_weighed_has_no_error_and_no_long_wait() -> None:
    assert error_percent(SHARED_AS_WEIGHED) == 0
    assert longest_wait_ratio(SHARED_AS_WEIGHED) == 2.0


def test_one_who_is_starved_shows_in_both() -> None:
    starved = [0, *([2] * 24), 1, 0, 2, 2, 2]
    assert error_percent(starved) == pytest.approx(80)
    assert longest_wait_ratio(starved) == pytest.approx(26 / 6)


def test_a_project_that_waits_until_the_end_waits_as_long() -> None:
    assert longest_wait_ratio([2] * 12) == 2.0


def test_exactly_the_asked_work_passes() -> None:
    backends = Backends()
    for number in range(3):
        for step in STEPS:
            backends.admitted_call(number, step)
    backends.check(3)
    with pytest.raises(WrongWork, match="18 calls instead of 24"):
        backends.check(4)


def test_too_many_at_one_backend_is_wrong_work(monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(PLACES + 1)
    monkeypatch.setattr("bench.engines.workload.time.sleep", lambda _seconds: together.wait(5))
    backends = Backends()
    with ThreadPoolExecutor(PLACES + 1) as pool:
        list(pool.map(lambda number: backends.call(number * BACKENDS, ATTACH), range(PLACES + 1)))
    with pytest.raises(WrongWork, match="3 at one backend at once"):
        backends.check(0)
