"""Lanes: never more inside than the limit, nobody forgotten, shares as the weights say."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinyun.operations.definition import Outcome, StepContext, done, wait
from jinyun.operations.lanes import _Queued, choose
from jinyun.operations.models import Lane, LaneGrant, OperationRow
from jinyun.operations.runner import Runner
from tests.unit.operations.conftest import Stage

CROWD = 32


def lane_row(stage: Stage) -> Lane:
    """Read the one lane."""
    return stage.database.read(lambda session: session.query(Lane).one())


def test_no_more_are_inside_than_the_limit_and_the_next_follows(stage: Stage) -> None:
    answers: dict[str, bool] = {}

    def attach(step: StepContext) -> Outcome:
        return done() if answers.get(step.operation_id) else wait(3600)

    step = stage.step("attach", attach, lane=lambda parameters, key: "array/east")
    ids = [stage.start(step) for _ in range(5)]
    stage.work()
    assert len(stage.deeds) == 2
    assert lane_row(stage).in_use == 2
    assert [s.state for i in ids for s in stage.steps(i)].count("queued") == 3
    inside = [i for i in ids if stage.steps(i)[0].state == "waiting"]
    answers[inside[0]] = True
    stage.wake(inside[0])
    stage.work()
    assert stage.work() == 1, "the next one was woken"
    assert lane_row(stage).in_use == 2
    for operation_id in ids:
        answers[operation_id] = True
    for _ in range(10):
        for operation_id in ids:
            if stage.operation(operation_id).wake_at:
                stage.wake(operation_id)
        stage.work()
    assert {stage.operation(i).state for i in ids} == {"succeeded"}
    assert lane_row(stage).in_use == 0
    assert stage.database.read(lambda session: session.query(LaneGrant).count()) == 0


def test_whoever_leaves_tells_his_worker_that_the_next_one_is_due(stage: Stage) -> None:
    told: list[str] = []
    step = stage.step("attach", lambda step: wait(3600), lane=lambda parameters, key: "array/east")
    ids = [stage.start(step) for _ in range(3)]
    stage.work()
    leaving = next(i for i in ids if stage.steps(i)[0].state == "waiting")
    stage.database.write(lambda session: setattr(session.get_one(OperationRow, leaving), "cancel_requested", True))
    stage.wake(leaving)
    held, keeper = stage.claim()
    runner = Runner(stage.database, stage.recipes, stage.settings, keeper, lambda: told.append("look again"))
    runner.run(held[0])
    assert stage.operation(leaving).state == "cancelled"
    assert told == ["look again"]
    assert stage.work() == 1, "the next one is let in"


def test_a_crowd_that_comes_at_once_queues_in_line(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    step = stage.step("attach", lambda step: wait(3600), lane=lambda parameters, key: "array/east")
    stage.start(step)
    stage.work()
    ids = [stage.start(step) for _ in range(CROWD)]
    held, keeper = stage.claim()
    runner = Runner(stage.database, stage.recipes, stage.settings, keeper)
    monkeypatch.setattr("jinyun.kit.database.RETRIES", 1)
    with ThreadPoolExecutor(CROWD) as pool:
        list(pool.map(runner.run, held))
    assert Counter(stage.steps(i)[0].state for i in ids) == {"waiting": 1, "queued": CROWD - 1}
    assert {stage.operation(i).worker_id for i in ids} == {None}, "none of them had to be rolled back"


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=60), st.integers(1, 4))
def test_everybody_in_the_queue_gets_in(shares: list[str], room: int) -> None:
    queue = [_Queued(f"s{i}", f"o{i}", share, 1.0) for i, share in enumerate(shares)]
    served: list[str] = []
    time, kept = 0.0, dict[str, float]()
    while queue:
        chosen, time, kept = choose(queue, room, time, kept)
        assert 1 <= len(chosen) <= room
        served += [entry.step_id for entry in chosen]
        queue = [entry for entry in queue if entry not in chosen]
    assert sorted(served) == sorted(f"s{i}" for i in range(len(shares)))


def test_projects_are_served_as_their_weights_say() -> None:
    weights = {"a": 1.0, "b": 1.0, "c": 4.0}
    queue = [
        _Queued(f"{share}{i}", f"{share}{i}", share, weight) for share, weight in weights.items() for i in range(400)
    ]
    chosen, _, _ = choose(queue, 300, 0.0, {})
    counts = Counter(entry.share for entry in chosen)
    assert abs(counts["c"] - 200) <= 2
    assert abs(counts["a"] - 50) <= 2
