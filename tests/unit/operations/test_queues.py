"""A step that queues knows its place, and when its turn may come."""

from datetime import timedelta
from typing import Any

from jinyun.kit.actor import PLATFORM
from jinyun.kit.database import database_now
from jinyun.operations.definition import Outcome, StepContext, done, wait
from jinyun.operations.models import Lane, OperationStep
from jinyun.operations.queries import show_operation
from jinyun.operations.queues import REMEMBERED
from jinyun.operations.schemas import StepView
from tests.unit.operations.conftest import Stage

LANE = "array/east"


def in_lane(parameters: Any, key: str | None) -> str:
    return LANE


def occupied(stage: Stage, waiting: int) -> list[str]:
    """Fill the lane, and let so many wait; return those that wait."""

    def stay(step: StepContext) -> Outcome:
        return wait(3600)

    step = stage.step("attach", stay, lane=in_lane)
    ids = [stage.start(step) for _ in range(2 + waiting)]
    stage.work()
    return [each for each in ids if stage.steps(each)[0].state == "queued"]


def went_through(stage: Stage, *minutes: float) -> None:
    """Let steps have gone through the lane, the last one first, each so many minutes long."""
    finished = [stage.start(stage.step("attach", lambda step: done(), lane=in_lane)) for _ in minutes]

    def date(session: Any) -> None:
        now = database_now(session)
        for ago, (each, took) in enumerate(zip(finished, minutes, strict=True)):
            row = session.query(OperationStep).filter_by(operation_id=each).one()
            row.state, row.ended_at = "done", now - timedelta(hours=ago)
            row.started_at = row.ended_at - timedelta(minutes=took)

    stage.database.write(date)


def seen(stage: Stage, operation_id: str) -> StepView:
    return stage.database.read(lambda session: show_operation(session, PLATFORM, stage.recipes, operation_id)).steps[0]


def expected_minutes(stage: Stage, operation_id: str) -> float:
    start = seen(stage, operation_id).expected_start
    assert start is not None
    return (start - stage.database.read(database_now)).total_seconds() / 60


def test_places_are_counted_from_one_and_whoever_is_inside_has_none(stage: Stage) -> None:
    waiting = occupied(stage, 3)
    assert sorted(seen(stage, each).queue_place or 0 for each in waiting) == [1, 2, 3]
    inside = seen(stage, stage.start(stage.step("attach", lane=in_lane)))
    assert (inside.queue_place, inside.expected_start) == (None, None)


def test_nobody_can_tell_before_something_went_through(stage: Stage) -> None:
    (first,) = occupied(stage, 1)
    assert seen(stage, first).expected_start is None


def test_the_start_follows_from_place_usual_duration_and_allowance(stage: Stage) -> None:
    waiting = occupied(stage, 3)
    went_through(stage, 2, 4)
    assert sorted(round(expected_minutes(stage, each), 1) for each in waiting) == [1.5, 3.0, 4.5]

    def narrow(session: Any) -> None:
        session.get_one(Lane, LANE).allowance = 1.0

    stage.database.write(narrow)
    assert sorted(round(expected_minutes(stage, each), 1) for each in waiting) == [3.0, 6.0, 9.0]


def test_only_the_last_ones_count(stage: Stage) -> None:
    (first,) = occupied(stage, 1)
    went_through(stage, *[10] * REMEMBERED, *[1000] * 5)
    assert round(expected_minutes(stage, first), 1) == 5.0
