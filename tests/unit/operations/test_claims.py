"""Leases: who may work, who must stop, what a dead worker leaves behind."""

from datetime import timedelta

import pytest

from jinyun.kit.errors import DatabaseUnavailable
from jinyun.kit.ids import new_id
from jinyun.operations.claims import LeaseLost, heartbeat
from jinyun.operations.definition import Outcome, Recipes, StepContext, done
from jinyun.operations.models import OperationRow
from jinyun.operations.runner import Runner
from tests.unit.operations.conftest import Stage


def expire(stage: Stage, operation_id: str) -> None:
    """Let the lease of a dead worker run out, and the longest call after it."""

    def rewind(session: object) -> None:
        row = session.get_one(OperationRow, operation_id)  # type: ignore[attr-defined]
        row.lease_until = row.created_at - timedelta(hours=1)
        row.wake_at = row.created_at

    stage.database.write(rewind)


def test_a_claimed_operation_is_claimed_by_nobody_else(stage: Stage) -> None:
    stage.start(stage.step("port"))
    held, _ = stage.claim()
    assert len(held) == 1
    assert stage.claim()[0] == []


def test_after_its_worker_died_another_takes_it_over_and_the_first_is_fenced_off(stage: Stage) -> None:
    operation_id = stage.start(stage.step("port"), stage.step("server"))
    held, keeper = stage.claim()
    expire(stage, operation_id)
    assert stage.work() == 1
    assert stage.operation(operation_id).state == "succeeded"
    Runner(stage.database, stage.recipes, stage.settings, keeper).run(held[0])
    assert stage.deeds == ["port", "server"], "the first one did nothing"


def test_a_worker_whose_lease_ran_out_in_a_call_records_nothing_and_goes_no_further(stage: Stage) -> None:
    def die(step: StepContext) -> Outcome:
        expire(stage, step.operation_id)
        return done(lost=True)

    def first_die_then_live(step: StepContext) -> Outcome:
        return die(step) if step.attempt == 1 else done(lost=False)

    operation_id = stage.start(stage.step("port", first_die_then_live), stage.step("server"))
    stage.work()
    assert stage.deeds == ["port"]
    stage.work()
    assert stage.deeds == ["port", "port", "server"]
    assert stage.steps(operation_id)[0].result == {"lost": False}


def test_a_step_writes_only_behind_the_fence(stage: Stage) -> None:
    def write_late(step: StepContext) -> Outcome:
        expire(stage, step.operation_id)
        step.write(lambda session: pytest.fail("must not be reached"))
        return done()

    stage.start(stage.step("port", write_late))
    stage.work()
    assert stage.deeds == ["port"]


def test_heartbeat_extends_and_tells_what_is_left(stage: Stage) -> None:
    operation_id = stage.start(stage.step("port"))
    worker_id = new_id()
    held, keeper = stage.claim(worker_id)
    before = stage.operation(operation_id).lease_until
    alive = heartbeat(stage.database, worker_id, [operation_id], stage.settings)
    assert alive == {operation_id: held[0].generation}
    after = stage.operation(operation_id).lease_until
    assert before is not None
    assert after is not None
    assert after > before
    expire(stage, operation_id)
    stage.claim()
    keeper.beat()
    with pytest.raises(LeaseLost):
        keeper.check(held[0])


def test_a_worker_that_lives_on_does_not_keep_what_it_let_go_of(stage: Stage) -> None:
    def lose_the_database(step: StepContext) -> Outcome:
        raise DatabaseUnavailable

    operation_id = stage.start(stage.step("port", lose_the_database))
    worker_id = new_id()
    held, keeper = stage.claim(worker_id)
    Runner(stage.database, stage.recipes, stage.settings, keeper).run(held[0])
    before = stage.operation(operation_id).wake_at
    keeper.beat()
    assert stage.operation(operation_id).wake_at == before


def test_a_stopping_worker_finishes_its_call_and_hands_the_rest_on(stage: Stage) -> None:
    operation_id = stage.start(stage.step("port"), stage.step("server"))
    held, keeper = stage.claim()
    stopping = iter([False, True])
    Runner(stage.database, stage.recipes, stage.settings, keeper).run(held[0], lambda: next(stopping))
    assert stage.deeds == ["port"]
    assert stage.steps(operation_id)[0].state == "done"
    assert stage.work() == 1
    assert stage.deeds == ["port", "server"]


def test_a_worker_that_does_not_know_a_step_leaves_it_to_others(stage: Stage) -> None:
    operation_id = stage.start(stage.step("port"))
    known, stage.recipes = stage.recipes, Recipes()
    stage.start(stage.step("other"))
    assert stage.work() == 1
    assert stage.operation(operation_id).state == "pending"
    stage.recipes = known
    assert stage.work() == 1
    assert stage.operation(operation_id).state == "succeeded"
