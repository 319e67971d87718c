"""What becomes of an operation, whatever its steps answer."""

from datetime import timedelta

import pytest

from jinyun.kit.actor import PLATFORM
from jinyun.operations import interventions
from jinyun.operations import service as operations
from jinyun.operations.definition import Outcome, StepContext, done, wait, wait_for_room
from jinyun.operations.interventions import NothingToDecide
from jinyun.operations.models import Breaker, OperationSubject
from jinyun.operations.service import OperationNotActive, SubjectBusy
from jinyun.providers.errors import BackendDown, OutcomeUnknown, Refused, Transient
from tests.unit.operations.conftest import Behaviour, Stage, T


def failing(*errors: Exception) -> Behaviour:
    """A behaviour that raises these one after the other and then is done."""
    left = list(errors)

    def behaviour(step: StepContext) -> Outcome:
        if left:
            raise left.pop(0)
        return done()

    return behaviour


def test_steps_run_in_order_and_later_ones_see_the_results(stage: Stage) -> None:
    seen: dict[str, object] = {}

    def look(step: StepContext) -> Outcome:
        seen.update(step.results)
        return done()

    operation_id = stage.start(stage.step("one"), stage.step("two", look), subjects=("a",))
    stage.work()
    assert stage.deeds == ["one", "two"]
    assert seen == {"one": {"by": "one"}}
    assert stage.operation(operation_id).state == "succeeded"
    assert stage.database.read(lambda session: session.query(OperationSubject).count()) == 0


def test_a_waiting_step_sleeps_and_is_called_again(stage: Stage) -> None:
    answers: list[Outcome] = [wait(60, progress=T), done(host="h1")]
    operation_id = stage.start(stage.step("build", lambda step: answers.pop(0)))
    stage.work()
    assert stage.work() == 0, "it sleeps"
    assert stage.steps(operation_id)[0].progress == {"en": "Test", "zh": "测试"}
    stage.wake(operation_id)
    stage.work()
    assert stage.operation(operation_id).state == "succeeded"
    assert stage.steps(operation_id)[0].result == {"host": "h1"}


def test_a_refusal_undoes_everything_in_reverse_and_says_why(stage: Stage) -> None:
    refuse = failing(Refused("No valid host", code="no-host-available"))
    operation_id = stage.start(stage.step("port"), stage.step("server", refuse), stage.step("never"))
    stage.work()
    assert stage.deeds == ["port", "server", "undo server", "undo port"]
    operation = stage.operation(operation_id)
    assert operation.state == "failed"
    assert operation.problem is not None
    assert operation.problem["code"] == "no-host-available"
    assert operation.problem["words"] == "No valid host"
    assert "主机" in operation.problem["zh"]


@pytest.mark.parametrize("error", [Transient("busy"), BackendDown("refused"), OutcomeUnknown("504")])
def test_what_may_pass_is_tried_again(stage: Stage, error: Exception) -> None:
    operation_id = stage.start(stage.step("volume", failing(error)))
    stage.work()
    assert stage.operation(operation_id).state == "running"
    assert stage.steps(operation_id)[0].problem["code"] == error.code  # type: ignore[index, attr-defined]
    stage.wake(operation_id)
    stage.work()
    assert stage.operation(operation_id).state == "succeeded"
    assert stage.operation(operation_id).problem is None


def test_time_in_which_there_is_no_room_is_not_held_against_the_step(stage: Stage) -> None:
    operation_id = stage.start(stage.step("server", lambda step: wait_for_room(60, T), timeout=timedelta(0)))
    stage.work()
    assert (stage.operation(operation_id).state, stage.steps(operation_id)[0].state) == ("running", "waiting")


def test_a_step_that_never_ends_is_undone_at_its_limit(stage: Stage) -> None:
    operation_id = stage.start(stage.step("server", lambda step: wait(1), timeout=timedelta(0)))
    stage.work()
    operation = stage.operation(operation_id)
    assert operation.state == "failed"
    assert operation.problem is not None
    assert operation.problem["code"] == "step-timed-out"


def test_a_backend_that_is_down_does_not_use_up_the_limit(stage: Stage) -> None:
    down = failing(*[BackendDown("refused")] * 3)
    operation_id = stage.start(stage.step("server", down, timeout=timedelta(seconds=1)))
    for _ in range(4):
        stage.work()
        stage.wake(operation_id)
    assert stage.operation(operation_id).state == "succeeded"


def test_a_bug_stops_the_operation_and_deletes_nothing(stage: Stage) -> None:
    operation_id = stage.start(stage.step("port"), stage.step("server", failing(KeyError("x"))), subjects=("a",))
    stage.work()
    assert stage.deeds == ["port", "server"]
    assert stage.operation(operation_id).state == "needs_operator"
    with pytest.raises(SubjectBusy):
        stage.start(stage.step("other"), subjects=("a",))
    stage.database.write(lambda session: interventions.retry(session, PLATFORM, operation_id))
    stage.work()
    assert stage.operation(operation_id).state == "succeeded"


def test_a_failing_undo_asks_an_operator_and_goes_back_after_retry(stage: Stage) -> None:
    port = stage.step("port", undo=failing(Refused("locked")))
    operation_id = stage.start(port, stage.step("server", failing(Refused("no"))))
    stage.work()
    assert stage.operation(operation_id).state == "needs_operator"
    stage.database.write(lambda session: interventions.retry(session, PLATFORM, operation_id))
    stage.work()
    operation = stage.operation(operation_id)
    assert operation.state == "failed"
    assert operation.problem is not None
    assert operation.problem["words"] == "no", "why it failed, not what was in the way of its undo"


def test_an_undo_that_an_operator_skips_goes_on_going_back(stage: Stage) -> None:
    server = stage.step("server", failing(Refused("no")), undo=failing(Refused("locked")))
    operation_id = stage.start(stage.step("port"), server, stage.step("never"))
    stage.work()
    assert stage.operation(operation_id).state == "needs_operator"
    stage.database.write(lambda session: interventions.skip(session, PLATFORM, operation_id, "deleted by hand"))
    stage.work()
    assert stage.operation(operation_id).state == "failed"
    assert stage.deeds == ["port", "server", "undo port"]
    assert [step.state for step in stage.steps(operation_id)] == ["undone", "skipped", "pending"]


def test_an_undo_has_its_own_limit_also_after_a_retry(stage: Stage) -> None:
    server = stage.step("server", failing(Refused("no")), undo=lambda step: wait(60), timeout=timedelta(0))
    operation_id = stage.start(server)
    for _ in range(2):
        stage.work()
        assert stage.operation(operation_id).state == "needs_operator"
        stage.database.write(lambda session: interventions.retry(session, PLATFORM, operation_id))
    assert stage.steps(operation_id)[0].deadline_at is None
    stage.work()
    assert stage.steps(operation_id)[0].deadline_at is not None


def test_what_queued_in_vain_does_not_queue_when_all_is_over(stage: Stage) -> None:
    attach = stage.step("attach", lambda step: wait(60), lane=lambda parameters, key: "array/east")
    operation_id = [stage.start(attach) for _ in range(3)][-1]
    stage.work()
    assert stage.steps(operation_id)[0].state == "queued"
    stage.database.write(lambda session: operations.cancel(session, PLATFORM, operation_id))
    stage.work()
    assert stage.operation(operation_id).state == "cancelled"
    assert stage.steps(operation_id)[0].state == "pending"


def test_a_time_out_is_no_answer_of_a_backend_that_is_down(stage: Stage) -> None:
    errors = [BackendDown("refused"), BackendDown("refused"), OutcomeUnknown("504"), BackendDown("refused")]
    operation_id = stage.start(stage.step("server", failing(*errors)), backend="east")
    for _ in errors:
        stage.work()
        stage.wake(operation_id)
    breaker = stage.database.read(lambda session: session.get_one(Breaker, "east"))
    assert breaker.opened_at is not None


def test_cancel_undoes_what_was_done(stage: Stage) -> None:
    operation_id = stage.start(stage.step("port"), stage.step("server", lambda step: wait(60)))
    stage.work()
    stage.database.write(lambda session: operations.cancel(session, PLATFORM, operation_id))
    stage.work()
    assert stage.deeds == ["port", "server", "undo server", "undo port"]
    assert stage.operation(operation_id).state == "cancelled"
    with pytest.raises(OperationNotActive):
        stage.database.write(lambda session: operations.cancel(session, PLATFORM, operation_id))
    with pytest.raises(OperationNotActive):
        stage.database.write(lambda session: interventions.retry(session, PLATFORM, operation_id))


def test_cancel_before_the_start_does_nothing_at_all(stage: Stage) -> None:
    operation_id = stage.start(stage.step("port"))
    stage.database.write(lambda session: operations.cancel(session, PLATFORM, operation_id))
    stage.work()
    assert stage.deeds == []
    assert stage.operation(operation_id).state == "cancelled"


def test_beyond_the_point_of_no_return_a_refusal_needs_an_operator(stage: Stage) -> None:
    refuse = stage.step("boot", failing(Refused("no")))
    operation_id = stage.start(stage.step("fence", point_of_no_return=True), refuse)
    stage.work()
    assert stage.deeds == ["fence", "boot"]
    assert stage.operation(operation_id).state == "needs_operator"


def test_one_step_for_each_thing(stage: Stage) -> None:
    steps = (stage.step("attach", each=lambda parameters: parameters["volumes"]),)
    operation_id = stage.start(*steps, parameters={"volumes": ["v1", "v2"]})
    stage.work()
    assert stage.deeds == ["attach:v1", "attach:v2"]
    assert [step.name for step in stage.steps(operation_id)] == ["attach:v1", "attach:v2"]


def test_running_ones_cannot_be_retried(stage: Stage) -> None:
    operation_id = stage.start(stage.step("port"))
    with pytest.raises(NothingToDecide):
        stage.database.write(lambda session: interventions.retry(session, PLATFORM, operation_id))
